"""Run the commands of the documentation as they are printed, with the `converter` on the PATH.

    python docs/run.py                        # every page, each in a new folder
    python docs/run.py docs/usage.md          # one page
    python docs/run.py --here try README.md   # one block of a page, in this folder
    python docs/run.py --print try README.md  # only print it

A block is marked `<!-- command: NAME -->`; behind the name may stand `(exit code N)`. What it
prints last is compared with the block marked `<!-- output: NAME -->`. A block that is not run is
marked `<!-- shown: WHY -->`. Needs bash; ends with 1 where something is not as it is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]

INSTALLING = ("try", "test")
"""Blocks that make an environment of their own, in a copy of the project: run one by one."""

_MARKED = re.compile(
    r"^<!-- (command|output|shown): ([^\n]*?)(?: \(exit code (\d+)\))? -->\n```\w+\n(.*?)^```$",
    flags=re.S | re.M,
)


@dataclass(frozen=True)
class Block:
    """A marked block of a page."""

    kind: str
    name: str
    exit_code: int
    text: str


def blocks(page: Path) -> list[Block]:
    return [
        Block(kind, name, int(code or 0), text)
        for kind, name, code, text in _MARKED.findall(page.read_text(encoding="utf-8"))
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--here", metavar="NAME", help="only this block, in this folder")
    parser.add_argument("--print", metavar="NAME", help="print this block, and run nothing")
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE")
    chosen = parser.parse_args()
    if chosen.print:
        print(*(one.text for page in chosen.pages for one in _named(page, chosen.print)))
        return 0
    faults = 0
    for page in chosen.pages or PAGES:
        for fault in _here(page, chosen.here) if chosen.here else _anew(page):
            print(f"{page}: {fault}", flush=True)
            faults += 1
    return 1 if faults else 0


def _anew(page: Path) -> Iterator[str]:
    """What is wrong with a page's commands, run one after the other in a new folder."""
    found = [one for one in blocks(page) if one.kind == "command" and one.name not in INSTALLING]
    if not found:
        return
    print(f"{page}: {', '.join(one.name for one in found)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("templates", "docs"):
            (Path(folder) / name).symlink_to(ROOT / name)
        for mapping in re.findall(
            r"```yaml\n(provider: acme\n.*?)```", page.read_text("utf-8"), re.S
        ):
            (Path(folder) / "acme.yaml").write_text(mapping, encoding="utf-8")
        environment = {**os.environ, "CONVERTER_HOME": f"{folder}/home"}
        for block in found:
            yield from _run(page, block, Path(folder), environment)


def _here(page: Path, name: str) -> Iterator[str]:
    found = _named(page, name)
    if not found:
        yield f"there is no command {name!r}"
    for block in found:
        yield from _run(page, block, Path.cwd(), dict(os.environ))


def _named(page: Path, name: str) -> list[Block]:
    return [one for one in blocks(page) if (one.kind, one.name) == ("command", name)]


def _run(page: Path, block: Block, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder,
        env={**environment, "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    expected = [one.text for one in blocks(page) if (one.kind, one.name) == ("output", block.name)]
    if ran.returncode != block.exit_code:
        yield f"{block.name}: ended with {ran.returncode} and printed:\n{ran.stdout}"
    elif not all(ran.stdout.endswith(text) for text in expected):
        yield f"{block.name}: printed something else:\n{ran.stdout}"


if __name__ == "__main__":
    sys.exit(main())
