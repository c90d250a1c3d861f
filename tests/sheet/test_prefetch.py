"""Files of one call are prefetched, and never too many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from converter.errors import SheetError
from converter.sheet import Reading, Sheet
from converter.sheet.prefetch import Prefetch

FILES = [Path(f"{number}.csv") for number in range(6)]


class Readings:
    """Counts readings that have started and are not yet closed."""

    def __init__(self) -> None:
        self.open: set[Path] = set()
        self.begun: list[Path] = []
        self.most = 0

    def __call__(self, path: Path, **_: Any) -> Reading:
        outer = self

        class Counted(Reading):
            def __init__(self) -> None:
                outer.begun.append(path)
                outer.open.add(path)
                outer.most = max(outer.most, len(outer.open))

            def sheets(self, **_: Any) -> list[Sheet]:
                if path.name == "3.csv":
                    raise SheetError("spoilt", where=path, remedy="Mend it.")
                return []

            def close(self) -> None:
                outer.open.discard(path)

        return Counted()


@contextmanager
def prefetching(readings: Readings, at_once: int) -> Iterator[Prefetch]:
    begin: Callable[..., Reading] = readings
    with closing(Prefetch(FILES, only=None, at_once=at_once, begin=begin)) as made:
        yield made


def take(made: Prefetch, place: int) -> list[Sheet]:
    return made.file(place).sheets(known=set[str]().__contains__, encoding=None)


@pytest.mark.parametrize("at_once", [1, 2, 4, 9])
def test_no_more_are_open_than_may_be(at_once: int) -> None:
    readings = Readings()

    with prefetching(readings, at_once) as made:
        assert len(readings.begun) == min(at_once, len(FILES))
        for place in (0, 1, 2):
            take(made, place)

    assert readings.most == min(at_once, len(FILES))
    assert readings.open == set()
    assert readings.begun == FILES[: min(at_once + 2, len(FILES))]


def test_one_that_cannot_be_read_keeps_no_other_back() -> None:
    readings = Readings()
    with prefetching(readings, 2) as made:
        for place in (0, 1, 2):
            take(made, place)
        with pytest.raises(SheetError, match="spoilt"):
            take(made, 3)
        assert take(made, 4) == take(made, 5) == []

    assert readings.begun == FILES


def test_no_thread_outlives_it() -> None:
    with prefetching(Readings(), 3) as made:
        take(made, 0)
    readers = [one for one in threading.enumerate() if one.name.startswith("converter-read")]
    for reader in readers:
        reader.join(5)

    assert not any(reader.is_alive() for reader in readers)
