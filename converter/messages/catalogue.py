"""The gettext catalogues: which languages there are, and a template in one of them.

A language is a folder `locale/<language>/LC_MESSAGES` with `converter.po` in it. A wheel holds the
compiled `converter.mo` beside it. In a source checkout, where there is none or the `.po` is newer,
Babel compiles it to a temporary folder when the language is first asked for.
"""

from __future__ import annotations

import atexit
import gettext
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

DOMAIN = "converter"
FOLDER = Path(__file__).parent / "locale"


def languages() -> tuple[str, ...]:
    """English, which needs no catalogue, and every language that has one."""
    found = {path.parents[1].name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.[pm]o")}
    return ("en", *sorted(found - {"en"}))


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """The translations of a language; for English, and one that is not there, none."""
    return gettext.translation(DOMAIN, compiled_folder(language), [language], fallback=True)


@lru_cache
def compiled_folder(language: str) -> Path:
    """The locale folder that holds a language's compiled catalogue."""
    source = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = source.with_suffix(".mo")
    if not source.exists() or (
        compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime
    ):
        return FOLDER
    folder = Path(tempfile.mkdtemp(prefix="converter-locale-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compile_catalogue(source, folder / language / "LC_MESSAGES" / compiled.name)
    return folder


def compile_catalogue(source: Path, target: Path) -> None:
    """Write the `.mo` of a `.po`."""
    from babel.messages.mofile import write_mo  # slow to load, and only here of use
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, read)
