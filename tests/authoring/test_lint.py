"""`converter mapping lint` tells every fault of every file, and what is still to be decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from tests.runs.test_samples import ACME

Run = Callable[..., Result]


def test_faults_of_all_files_are_told(run: Run, home: Path) -> None:
    (home / "good.yaml").write_text(ACME + "# TODO: ask for the limit\n", encoding="utf-8")
    (home / "bad.yaml").write_text(
        ACME.replace("code: 9, text", "code: 5, text").replace("required: true}}", "requird: 1}}"),
        encoding="utf-8",
    )
    (home / "odd.yaml").write_text(ACME.replace("{code: 0,", "{code: 5,"), encoding="utf-8")

    done = run("mapping", "lint", "good.yaml", "bad.yaml", "odd.yaml")

    assert done.exit_code == 2
    assert done.stderr == "good.yaml: no faults.\n"
    lines = done.stdout.splitlines()
    assert lines[0] == "good.yaml:38: to be decided: ask for the limit"
    assert lines[1].startswith("bad.yaml:15:19: unknown key 'requird', did you mean 'required'?")
    assert lines[2].startswith("odd.yaml:33:3: 'response' reads this sample as unknown: ")


def test_faults_as_json(run: Run, home: Path) -> None:
    (home / "bad.yaml").write_text(ACME.replace("path: /v1", "path: v1"), encoding="utf-8")

    done = run("mapping", "lint", "bad.yaml", "--json")

    (found,) = json.loads(done.stdout)["mappings"]
    assert done.exit_code == 2
    assert found["faults"] == [
        {
            "problem": (
                "'v1/{account}/orders' must begin with a slash: it is joined to the base URL"
            ),
            "file": "bad.yaml",
            "line": 9,
            "column": 3,
        }
    ]
