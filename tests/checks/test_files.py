"""Files named by cells, read from one folder only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from converter.checks.files import Folder
from converter.checks.values import Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files, a secret outside of it, and links that lead there."""
    inside = tmp_path / "sheets"
    (inside / "图片").mkdir(parents=True)
    (inside / "a.jpg").write_bytes(b"content")
    (inside / "图片" / "红 色.jpg").write_bytes(b"red")
    (inside / "ten.jpg").write_bytes(b"0123456789")
    (inside / "eleven.jpg").write_bytes(b"0123456789a")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "sheets-2").mkdir()
    (tmp_path / "sheets-2" / "secret.jpg").write_bytes(b"secret")
    (inside / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (inside / "near.jpg").symlink_to(inside / "a.jpg")
    (inside / "out").symlink_to(tmp_path, target_is_directory=True)
    (inside / "dead.jpg").symlink_to(inside / "nothing")
    os.mkfifo(inside / "pipe.jpg")
    return inside


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.jpg", b"content", id="a name"),
        pytest.param("./a.jpg", b"content", id="this folder"),
        pytest.param("图片/红 色.jpg", b"red", id="a folder below"),
        pytest.param(r"图片\红 色.jpg", b"red", id="Windows' strokes"),
        pytest.param("图片//红 色.jpg", b"red", id="two strokes"),
        pytest.param("ten.jpg", b"0123456789", id="as large as may be"),
    ],
)
def test_a_file_in_the_folder_is_read(folder: Path, name: str, content: bytes) -> None:
    assert Folder.of(folder).read(name, 10) == content


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("b.jpg", "file_missing", id="missing"),
        pytest.param("a.jpg/b.jpg", "file_missing", id="below a file"),
        pytest.param("x" * 300 + ".jpg", "file_missing", id="a name that no file can have"),
        pytest.param("a\0.jpg", "file_missing", id="zero byte"),
        pytest.param("../secret.jpg", "file_outside", id="up"),
        pytest.param("图片/../../secret.jpg", "file_outside", id="down and up"),
        pytest.param("图片/../a.jpg", "file_outside", id="up, but not out"),
        pytest.param(r"..\secret.jpg", "file_outside", id="up on Windows"),
        pytest.param("../sheets-2/secret.jpg", "file_outside", id="a folder of like name"),
        pytest.param("/etc/hostname", "file_outside", id="absolute"),
        pytest.param(r"C:\Users\a.jpg", "file_outside", id="drive"),
        pytest.param(r"\\server\share\a.jpg", "file_outside", id="share"),
        pytest.param("a.jpg:stream", "file_outside", id="stream"),
        pytest.param("file:///etc/hostname", "file_outside", id="file address"),
        pytest.param("./.", "file_outside", id="no name"),
        pytest.param("link.jpg", "file_link", id="link"),
        pytest.param("near.jpg", "file_link", id="link within the folder"),
        pytest.param("dead.jpg", "file_link", id="link to nothing"),
        pytest.param("out/secret.jpg", "file_link", id="linked folder"),
        pytest.param("图片", "file_not_plain", id="folder"),
        pytest.param("pipe.jpg", "file_not_plain", id="pipe"),
        pytest.param("eleven.jpg", "file_large", id="too large"),
    ],
)
def test_nothing_else_is_read(folder: Path, name: str, code: str) -> None:
    found = Folder.of(folder).read(name, 10)

    assert isinstance(found, Problem)
    assert found.code == code


def test_an_absolute_name_is_refused_even_where_it_leads_inside(folder: Path) -> None:
    found = Folder.of(folder).read(str(folder / "a.jpg"), 10)

    assert isinstance(found, Problem)
    assert found.code == "file_outside"


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder.parent / "linked").symlink_to(folder, target_is_directory=True)

    assert Folder.of(folder.parent / "linked").read("a.jpg", 10) == b"content"
