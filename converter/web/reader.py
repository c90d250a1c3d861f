"""Wait for a turn, then read a sheet for the page; only the wait is done here.

`python -m converter.web.reader FILE FOLDER`. Reading takes memory, and many sheets may be dropped
at once: a few of them are read at a time, and the others wait before they load anything.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from converter import file_lock

_AT_A_TIME = 3
_STEP = 0.05
"""Seconds between two tries to get a turn."""


def main() -> None:
    uploads = Path(sys.argv[2]).parents[2]
    turns = [uploads / f".reading-{number}" for number in range(_AT_A_TIME)]
    while all(file_lock.hold(turn) is None for turn in turns):  # held until this process ends
        time.sleep(_STEP)
    from converter.web import grid

    grid.main()


if __name__ == "__main__":
    main()
