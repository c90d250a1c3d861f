"""The providers at a glance say what their whole mappings say, and hide no fault of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import converter
from converter.errors import MappingError
from converter.mapping import listing
from converter.mapping.load import available_mappings
from converter.mapping.shipped import shipped_folder

PROGRAM = Path(converter.__file__).parents[1]
SHIPPED = shipped_folder("mappings")


def test_the_head_of_a_shipped_mapping_says_what_the_whole_one_says() -> None:
    assert listing.providers() == listing.providers(SHIPPED)
    assert list(listing.providers()) == list(available_mappings())


def test_what_is_told_of_a_setting() -> None:
    settings = listing.providers()["scexpress"].settings

    assert settings["token"] == listing.ListedSetting(
        env="SCEXPRESS_TOKEN",
        default=None,
        required=True,
        secret=True,
        help={"en": "API token from SC-Express", "zh": "API授权码"},
    )


def test_a_fault_far_down_in_a_mapping_of_ones_own_is_named(tmp_path: Path) -> None:
    text = (SHIPPED / "oms.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("\nresponse:", "\nresponce:"), "utf-8")

    with pytest.raises(MappingError, match=r"mine\.yaml:\d+:1: unknown key 'responce', did you"):
        listing.providers(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("\nsettings:", "\nsetings:", "unknown key 'setings'", id="unknown key"),
        pytest.param("required: true", "required: maybe", "expected true or false", id="no truth"),
        pytest.param("Express, zh: SC", "Express, zh_CN: SC", "'zh_CN'", id="no language"),
        pytest.param("env: SCEXPRESS_CODE", "env: ", "env: expected text", id="no name"),
        pytest.param("title: {en:", "title: ! {en:", "the tag", id="tag"),
        pytest.param("\ntitle: {", "\ntitle: A\nsource: {", "stands here twice", id="twice"),
        pytest.param(
            "actions:", "actions: 7\n  path:", "actions: expected a block of keys", id="no actions"
        ),
    ],
)
def test_a_shipped_mapping_whose_head_was_damaged_is_named(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    shutil.copytree(
        PROGRAM / "converter",
        tmp_path / "converter",
        ignore=shutil.ignore_patterns("mappings"),
    )
    shutil.copytree(SHIPPED / "vocabulary", tmp_path / "mappings" / "vocabulary")
    text = (SHIPPED / "scexpress.yaml").read_text(encoding="utf-8")
    assert old in text
    edited = tmp_path / "mappings" / "edited.yaml"
    edited.write_text(text.replace(old, new, 1), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "converter", "providers"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path), "LANG": "C"},
        capture_output=True, encoding="utf-8",
    )  # fmt: skip

    assert done.returncode == 2
    assert "edited.yaml:" in done.stderr
    assert message in done.stderr


def test_healthy_mappings_are_listed_beside_all_faults_of_the_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (SHIPPED / "oms.yaml").read_text(encoding="utf-8")
    (tmp_path / "good.yaml").write_text(text, "utf-8")
    (tmp_path / "one.yaml").write_text(text.replace("\nresponse:", "\nresponce:"), "utf-8")
    (tmp_path / "two.yaml").write_text("provider: [two\n", "utf-8")

    found, faults = listing.read_folder(tmp_path)

    assert list(found) == ["good"]
    assert [Path(fault.file).name for fault in faults] == ["one.yaml", "two.yaml"]
