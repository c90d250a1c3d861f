"""The user's own choice of columns, kept in a file for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml

from converter.errors import OutputError, SheetError
from converter.layout.area import label_titles
from converter.layout.header import find_header_row
from converter.layout.titles import Titles, names, squeeze
from converter.mapping.model import ProviderMapping
from converter.message import t
from converter.messages.system import of_system
from converter.model import own_title
from converter.profiles.model import ColumnChoice, FieldColumns, Profile
from converter.sheet import Sheet

IGNORE = "ignore"
"""What a user writes for a column that is not to be used."""

_HEAD = """\
# Which column of the sheet is which field of {provider}.
# Behind each title: the field, or ignore, or nothing where the program is to find it by itself.
# The sheet Guide that `converter template {provider}` writes names the fields.
# 表格的每一列对应哪个字段：标题后填写字段名，或 ignore（不使用），留空则由程序识别。
"""


def write(file: Path, mapping: ProviderMapping, sheets: Sequence[Sheet]) -> None:
    """List every title of the sheets with its field; unknown titles have none."""
    titles = Titles(mapping)
    lines = [_HEAD.format(provider=mapping.provider)]
    for title in _titles(sheets, titles):
        specs = titles.candidates(title)
        asked = [] if len(specs) == 1 else titles.asked(title)
        meanings = asked or specs
        if len(specs) == 1 and not asked:
            lines.append(_line({title: meanings[0].path}))
        elif not meanings and not titles.ignored.isdisjoint(names(title)):
            lines.append(_line({title: IGNORE}))
        else:
            may_be = " / ".join(spec.path for spec in meanings)
            lines.append(_line({title: None}) + f"  # {may_be}" * bool(may_be))
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write("\n".join(lines) + "\n")
    except OSError as error:
        raise OutputError(
            t(
                "{file}: the list of columns cannot be written ({problem}). "
                "Give another place with --columns.",
                file=file,
                problem=of_system(error),
            )
        ) from error


def _line(entry: Mapping[str, str | None]) -> str:
    found: str = yaml.safe_dump(dict(entry), allow_unicode=True, width=10_000)
    return found.strip().removesuffix(" null")


def read(file: Path, mapping: ProviderMapping, sheets: Sequence[Sheet]) -> Profile:
    """The choices as a profile. Raises SheetError where a field or a title does not exist."""
    try:
        # Every word as written: `no` is a title here, not false.
        listed = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        why = t("line {line}", line=mark.line + 1) if mark else t("it is not plain UTF-8 text")
        raise SheetError(
            t("the list of columns cannot be read ({problem})", problem=why),
            where=file,
            remedy=t(
                "Write one line for each column, `title: field`, or delete the file and run "
                "again to have it written anew."
            ),
            code="COLUMNS_FILE",
        ) from error
    except OSError as error:
        raise SheetError(
            t("the list of columns cannot be opened ({problem})", problem=of_system(error)),
            where=file,
            remedy=t("Check the name given with --columns."),
            code="COLUMNS_FILE",
        ) from error
    if not isinstance(listed, Mapping):
        raise SheetError(
            t("this is no list of columns"),
            where=file,
            remedy=t("Write one line for each column, `title: field`."),
            code="COLUMNS_FILE",
        )
    chosen = {squeeze(str(title)): _path(file, str(title), value, mapping)
              for title, value in listed.items() if value not in (None, "")}  # fmt: skip
    there = set(_titles(sheets, Titles(mapping)))
    for title, path in chosen.items():
        if path != IGNORE and title not in there:
            raise SheetError(
                t(
                    "the column {title} is to be {field}, but the sheet has no such title",
                    title=repr(title),
                    field=path,
                ),
                where=file,
                remedy=t("Correct the title there, or delete the line."),
                code="COLUMNS_FILE",
            )
    columns: dict[str, list[tuple[ColumnChoice]]] = {}
    for title, path in chosen.items():
        if path != IGNORE:
            columns.setdefault(path, []).append((ColumnChoice(title, nth=0),))
    return Profile(
        file.stem,
        mapping.provider,
        columns={path: FieldColumns(tuple(found)) for path, found in columns.items()},
        ignored=frozenset(title for title, path in chosen.items() if path == IGNORE),
    )


def _path(file: Path, title: str, value: object, mapping: ProviderMapping) -> str:
    text = str(value).strip()
    if text == IGNORE:
        return text
    try:
        return mapping.field(text).path
    except KeyError:
        known = [spec.path for spec in mapping.fields]
        close = get_close_matches(text, known, n=1)
        facts = {"title": repr(title), "field": repr(text), "provider": mapping.provider}
        problem = t(
            "the column {title} is to be {field}, but {provider} has no such field", **facts
        )
        remedy = t("Write a field of the mapping, `ignore`, or nothing.")
        if close:
            remedy = t(
                "Did you mean {field}? Else write another field, `ignore`, or nothing.",
                field=close[0],
            )
        raise SheetError(problem, where=file, remedy=remedy, code="COLUMNS_FILE") from None


def _titles(sheets: Sequence[Sheet], titles: Titles) -> list[str]:
    """Every title of every sheet, and of the labels above the tables, each once."""
    found: dict[str, None] = {}
    for sheet in sheets:
        header = find_header_row(sheet, titles)
        for text in (*label_titles(sheet, titles), *sheet.texts(header)):
            if text.strip() and not own_title(text):
                found[squeeze(text)] = None
    return list(found)
