"""The folder of the journals, which must be on this machine's own disk."""

from __future__ import annotations

import logging
from pathlib import Path

from converter.errors import JournalError
from converter.message import N_, t
from converter.messages.system import of_system

_LOG = logging.getLogger(__name__)

FOLDER = "journal"

SHARED = N_(
    "The journal would lie in {path}, which is {kind}. There it can be damaged, and orders could "
    "be sent twice. Nothing was sent. Set CONVERTER_HOME to a folder on this machine's own disk."
)
UNWRITABLE = N_(
    "The journal in {path} cannot be written: {problem}. Nothing was sent. Make room on the disk "
    "and the folder writable for you, or set CONVERTER_HOME to another folder."
)

_NETWORKS = ("nfs", "cifs", "smb", "afpfs", "webdav", "fuse.sshfs", "fuse.rclone", "fuse.davfs")
_SYNCED = (
    "onedrive", "cloudstorage", "dropbox", "google drive", "googledrive", "icloud drive",
    "mobile documents", "nutstore", "坚果云", "box sync",
)  # fmt: skip


def make_folder(home: Path) -> Path:
    """The folder of the journals, private to this user. Raises JournalError where it is unfit."""
    folder = home.absolute() / FOLDER
    if kind := shared_kind(folder):
        raise JournalError(t(SHARED, path=folder, kind=kind))
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise JournalError(t(UNWRITABLE, path=folder, problem=of_system(error))) from error
    return folder


def shared_kind(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Why the folder is unfit, a network drive or a synchronised folder; else ''.

    Both let a second machine write the file without SQLite's locks.
    """
    for name in folder.resolve().parts:
        if name.lower().startswith(_SYNCED):
            return t("kept in step with other machines ({name})", name=name)
    try:
        lines = [line.split(" ") for line in mounts.read_text(errors="replace").splitlines()]
    except OSError:
        _LOG.info("no list of mounted file systems", exc_info=True)
        return ""
    found = ""
    longest = -1
    for line in lines:
        point = line[1].replace("\\040", " ") if len(line) > 2 else ""
        if point and len(point) >= longest and folder.resolve().is_relative_to(point):
            found, longest = line[2], len(point)
    return t("on a network drive ({name})", name=found) if found.startswith(_NETWORKS) else ""
