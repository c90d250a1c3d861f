from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from converter.journal.location import shared_kind
from converter.journal.store import is_full


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        pytest.param("/home/li/data", "", id="own disk"),
        pytest.param("/mnt/share/data", "on a network drive (nfs4)", id="nfs"),
        pytest.param("/mnt/share/local/data", "", id="own disk below a network drive"),
        pytest.param("/mnt/my files/x", "on a network drive (cifs)", id="blank in the name"),
        pytest.param(
            "/home/li/OneDrive - Acme/data",
            "kept in step with other machines (OneDrive - Acme)",
            id="OneDrive",
        ),
        pytest.param(
            "/home/li/坚果云/data", "kept in step with other machines (坚果云)", id="坚果云"
        ),
    ],
)
def test_a_journal_never_lies_where_others_write_too(
    tmp_path: Path, folder: str, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/x /mnt/share nfs4 rw 0 0\n"
        "/dev/sdb1 /mnt/share/local xfs rw 0 0\n"
        "//server/y /mnt/my\\040files cifs rw 0 0\n"
    )

    assert shared_kind(Path(folder), mounts) == kind


@pytest.mark.parametrize(
    ("code", "full"),
    [
        pytest.param(sqlite3.SQLITE_FULL, True, id="no room"),
        pytest.param(sqlite3.SQLITE_CANTOPEN, True, id="no room for the rollback journal"),
        pytest.param(sqlite3.SQLITE_IOERR_WRITE, True, id="beyond the quota"),
        pytest.param(sqlite3.SQLITE_IOERR_FSYNC, False, id="a failed sync"),
        pytest.param(sqlite3.SQLITE_IOERR_DIR_FSYNC, False, id="a failed sync of the folder"),
        pytest.param(sqlite3.SQLITE_CORRUPT, False, id="damaged"),
        pytest.param(None, False, id="without a code"),
    ],
)
def test_more_room_helps_only_where_room_is_lacking(code: int | None, full: bool) -> None:
    error = sqlite3.OperationalError("it failed")
    if code is not None:
        error.sqlite_errorcode = code

    assert is_full(error) == full


def test_a_machine_without_a_list_of_mounts_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="converter")

    assert shared_kind(tmp_path, tmp_path / "no mounts") == ""
    assert caplog.messages == ["no list of mounted file systems"]
