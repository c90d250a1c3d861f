"""Commands that people wait for load only what they need; what loads slowly is named here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "fastapi", "httpx", "jmespath", "numpy", "openpyxl", "pandas", "pandera", "pydantic",
    "python_calamine", "rapidfuzz", "rich", "starlette", "uvicorn", "xlsxwriter", "yaml",
}  # fmt: skip

LOOK = (
    "import sys; from converter.cli import main\n"
    "try: main()\n"
    "finally: print('loaded', *sorted({name.partition('.')[0] for name in sys.modules}))"
)


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        pytest.param(["--help"], set(), id="help"),
        pytest.param(["submit", "--help"], set(), id="help of a command"),
        pytest.param(["--version"], set(), id="version"),
        pytest.param(["status"], set(), id="status"),
        pytest.param(["providers"], {"yaml"}, id="providers"),
    ],
)
def test_a_quick_command_loads_nothing_slow(
    words: list[str], needed: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *words], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.rpartition("loaded ")[2].split())

    assert "click" in loaded
    assert loaded & SLOW == needed
