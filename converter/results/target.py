"""The names of result workbooks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from converter.results.properties import holds_answers, is_untouched


def default_target(source: Path) -> Path:
    """`orders.result.xlsx` beside `orders.xlsx`; for a result workbook, the next number.

    A result that somebody has saved since is never overwritten: the next free number is used.
    """
    return _free(source.parent, *_stem(source), taken=())


def beside_numbers(target: Path) -> Path:
    """The target, or the next free name where it holds what a provider answered."""
    if not holds_answers(target):
        return target
    stem, number = _stem(target.with_suffix(".xlsx"))
    return _free(target.parent, stem, number, taken=())


def default_targets(sources: Sequence[Path], folder: Path | None = None) -> list[Path]:
    """A target for each source, beside it or all in one folder, and never one of the sources.

    Equal names get their source's ending, `orders.csv.result.xlsx`, or else the names of its
    folders: independent of the order of the sources, and the same the next time.
    """
    places = [folder or source.parent for source in sources]
    levels = [0] * len(sources)
    while True:
        stems = [_stem(source, level) for source, level in zip(sources, levels, strict=True)]
        names = [
            (_normalized(place), stem.casefold(), number)
            for place, (stem, number) in zip(places, stems, strict=True)
        ]
        alike = [
            at
            for at, source in enumerate(sources)
            if names.count(names[at]) > 1 and levels[at] < len(source.absolute().parts)
        ]
        if not alike:
            break
        for at in alike:
            levels[at] += 1
    taken = [_normalized(source) for source in sources]
    targets: list[Path] = []
    for place, (stem, number) in zip(places, stems, strict=True):
        targets.append(_free(place, stem, number, taken))
        taken.append(_normalized(targets[-1]))
    return targets


def _stem(source: Path, level: int = 0) -> tuple[str, int]:
    """The beginning of the result's name and the first number that it may have.

    Each `level` includes more of the source's path: its ending, then folder after folder.
    """
    if level:
        return "-".join([*source.absolute().parts[-level:-1], source.name]), 1
    found = re.fullmatch(r"(.+)\.result(?:-(\d+))?", source.stem)
    return (found[1], int(found[2] or 1) + 1) if found else (source.stem, 1)


def _free(folder: Path, stem: str, number: int, taken: Collection[str]) -> Path:
    while True:
        mark = f"-{number}" if number > 1 else ""
        target = folder / f"{stem}.result{mark}.xlsx"
        if _normalized(target) not in taken and (not target.exists() or is_untouched(target)):
            return target
        number += 1


def _normalized(path: Path) -> str:
    """Equal for the same file, also where the case of names does not matter."""
    return str(path.resolve()).casefold()
