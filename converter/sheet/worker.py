"""The child process that reads one workbook and returns its columns.

It knows no secrets, may write no file, and is limited in memory and time; whatever a damaged
workbook does to its reader happens here. It reads a request from stdin and answers on stdout: the
length of a JSON document, the document, and the codes of each column in turn.
"""

from __future__ import annotations

import gc
import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from converter.errors import SheetError
from converter.message import from_json, to_json
from converter.sheet import detect, limits
from converter.sheet.columns import Columns
from converter.sheet.model import Merged

_LENGTH = struct.Struct("<Q")


def main() -> None:
    gc.disable()  # millions of cells, no cycles, a short life
    answers, requests = sys.stdout.buffer, sys.stdin.buffer
    request = json.load(requests)
    allowed = limits.Limits(**request["limits"])
    path = Path(request["path"])
    _restrict(allowed, 0)
    _restrict(allowed, _unpacked(path))
    try:
        sheets = read(path, request["only"], allowed)
    except SheetError as error:
        _write(answers, {"error": to_json(error.message), "code": error.code}, [])
    else:
        _write(answers, {"sheets": [_described(sheet) for sheet in sheets]}, sheets)
    answers.flush()


def read(path: Path, only: str | None, allowed: limits.Limits) -> list[Columns]:
    """Read the wanted sheets of a workbook in the current process."""
    raw = path.read_bytes()
    if detect.of_head(raw[: detect.HEAD], path) == detect.XLS:
        detect.of_container(raw, path)
        from converter.sheet import old_workbook

        return old_workbook.read(raw, path, only, allowed)
    from converter.sheet.zip_check import Parts

    parts = Parts(raw, path, allowed)
    kind = detect.of_names(parts.names, path)
    parts.check()
    if kind == detect.ODS:
        from converter.sheet import opendocument

        return opendocument.read(raw, parts, path, only, allowed)
    if kind == detect.XLSB:
        from converter.sheet import binary

        return binary.read(raw, parts, path, only, allowed)
    from converter.sheet import workbook

    return workbook.read(raw, parts, path, only, allowed)


def _unpacked(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return path.stat().st_size


def _restrict(allowed: limits.Limits, size: int) -> None:
    """Set resource limits of this process, scaled to the file's size if that is known.

    A small file that exhausts the full limit would do so for minutes.
    """
    try:
        import resource
    except ImportError:  # Windows: only the parent's timer applies
        return
    for name, most in (
        ("RLIMIT_AS", min(allowed.memory, (1 << 30) + 32 * size) if size else allowed.memory),
        ("RLIMIT_CPU", allowed.seconds),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
    ):
        number = getattr(resource, name, None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(number, (lowest, hard))
        except (ValueError, OSError):  # some systems list limits that cannot be set
            continue


# -- protocol ----------------------------------------------------------------------------------


def _described(sheet: Columns) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "first_row": sheet.first_row,
        "first_column": sheet.first_column,
        "height": sheet.height,
        "texts": sheet.texts,
        "flaws": [
            (at, kind, sorted(rows))
            for at, by_kind in sheet.flaws.items()
            for kind, rows in by_kind.items()
        ],
        "merged": [(one.top, one.left, one.bottom, one.right) for one in sheet.merged],
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "notes": [to_json(note) for note in sheet.notes],
    }


def _write(out: IO[bytes], document: dict[str, Any], sheets: list[Columns]) -> None:
    text = orjson.dumps(document)
    out.write(_LENGTH.pack(len(text)))
    out.write(text)
    for sheet in sheets:
        for codes in sheet.codes:
            out.write(codes.data)


def received(pipe: IO[bytes]) -> list[Columns]:
    """Read what `main` has written.

    Raises the SheetError that the child process reports, and EOFError if the pipe ends too early.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    document = orjson.loads(_exactly(pipe, length))
    if "error" in document:
        raise SheetError.from_message(from_json(document["error"]), document["code"])
    sheets = []
    for one in document["sheets"]:
        made = Columns(one["name"], one["first_row"], one["first_column"], texts=one["texts"])
        for _ in one["texts"]:
            raw = _exactly(pipe, 4 * one["height"])
            made.codes.append(np.frombuffer(raw, np.int32))
        for at, kind, rows in one["flaws"]:
            made.flaws.setdefault(at, {})[kind] = set(rows)
        made.merged = [Merged(*corners) for corners in one["merged"]]
        made.hidden_rows = set(one["hidden_rows"])
        made.hidden_columns = set(one["hidden_columns"])
        made.notes = [from_json(note) for note in one["notes"]]
        sheets.append(made)
    return sheets


def _exactly(pipe: IO[bytes], size: int) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        count = pipe.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        view = view[count:]
    return buffer
