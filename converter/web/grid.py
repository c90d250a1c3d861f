"""The child process that reads a sheet into files from which any row can be shown at once.

`main`, with FILE and FOLDER as the arguments of the process, first puts the corrections of
`corrections.json` into the file, where there are any. Then it writes `grid.json` with the sheets
and the providers whose titles they have, and for each sheet its rows as JSON lines with an index.
"""

from __future__ import annotations

import json
import os
import sys
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converter import sheet
from converter.errors import ConverterError
from converter.layout.header import find_header_row
from converter.layout.titles import Titles
from converter.mapping.load import available_mappings, load_mapping
from converter.message import to_json
from converter.results.corrections import correct
from converter.sheet import Sheet, TitlePredicate
from converter.web.store import read_json, write_json


def main() -> None:
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    titles = {name: Titles(load_mapping(file)) for name, file in available_mappings().items()}

    def is_known(title: str) -> bool:
        return any(one.is_known(title) for one in titles.values())

    document: dict[str, Any]
    try:
        refused = _correct(path, folder, is_known)
        document = {**_read(path, folder, titles, is_known), "refused": refused}
    except ConverterError as error:
        document = {"error": to_json(error.message)}
    write_json(folder / "grid.json", document)


def _correct(path: Path, folder: Path, is_known: TitlePredicate) -> Any:
    """Put corrections into the file. Returns why that cannot be, as JSON; empty where it could."""
    given: dict[str, dict[str, dict[str, str]]] = read_json(folder / "corrections.json")
    if not given:
        return ""
    values = {
        name: {int(row): {int(c): text for c, text in cells.items()} for row, cells in rows.items()}
        for name, rows in given.items()
    }
    original, draft = folder.parents[1] / f"original{path.suffix}", folder / f"draft{path.suffix}"
    try:
        correct(path, draft, values, is_known)
    except ConverterError as error:
        return to_json(error.message)
    if not original.exists():
        os.link(path, original)
    os.replace(draft, path)
    return ""


def _read(
    path: Path, folder: Path, titles: Mapping[str, Titles], is_known: TitlePredicate
) -> dict[str, Any]:
    sheets = sheet.read(path, known=is_known)
    shares = {name: max(map(_share_of(one), sheets), default=0.0) for name, one in titles.items()}
    ranked = sorted(shares, key=lambda name: -shares[name])
    listed = []
    for number, one in enumerate(sheets):
        header = find_header_row(one, titles[ranked[0]]) if len(one.frame) else 0
        listed.append(
            {"name": one.name, "letters": one.letters, "header": header, "rows": len(one.frame)}
        )
        _write(one, folder / f"{number}.jsonl", folder / f"{number}.index")
    return {"sheets": listed, "providers": [[name, shares[name]] for name in ranked]}


def _share_of(titles: Titles) -> Any:
    """A function that tells which share of a sheet's titles the mapping knows."""

    def share(one: Sheet) -> float:
        if not len(one.frame):
            return 0.0
        texts = [text for text in one.texts(find_header_row(one, titles)) if text.strip()]
        known = sum(map(titles.is_known, texts))
        return known / len(texts) if known > 2 else 0.0

    return share


def _write(one: Sheet, rows: Path, index: Path) -> None:
    """Each row as a line, and in the index its number and where its line begins."""
    columns = [one.column(position) for position in range(len(one.letters))]
    places = array("Q")
    with rows.open("wb") as file:
        at = 0
        for place, row in enumerate(one.frame.index):
            texts = [found[codes[place]] if codes[place] >= 0 else "" for codes, found in columns]
            places.extend((int(row), at))
            at += file.write(json.dumps(texts, ensure_ascii=False).encode() + b"\n")
    index.write_bytes(places.tobytes())
