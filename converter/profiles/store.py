"""Kept profiles: one file for each in the user's own folder, without secrets."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydantic

from converter.errors import ConverterError, OutputError, UsageError
from converter.message import N_, enumerate_some, t
from converter.messages.system import of_system
from converter.profiles.model import Profile
from converter.text import fold

FOLDER = "profiles"
FORMAT = 1
"""The form of the files; a newer one is refused."""

_SHAPE = pydantic.TypeAdapter(Profile)
_SAFE = re.compile(r"\w[\w -]{0,60}")


class ProfileError(ConverterError):
    """A profile cannot be used; says its file or name."""

    code = "PROFILE"


def to_dict(profile: Profile) -> dict[str, Any]:
    """A profile as a JSON document; blank parts are left out."""
    whole = _SHAPE.dump_python(profile, mode="json")
    whole["ignored"] = sorted(whole["ignored"])
    return {"format": FORMAT, **{name: value for name, value in whole.items() if value}}


def sha256(profile: Profile) -> str:
    """SHA-256 identifying what a profile says, whatever it is called."""
    told = {name: value for name, value in to_dict(profile).items() if name != "name"}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_file(path: Path) -> Profile:
    """The profile in a file. Raises ProfileError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = N_("The profile {file} cannot be read: {problem}.")
        raise ProfileError(t(problem, file=path, problem=of_system(error))) from error
    except ValueError as error:  # no UTF-8, or no JSON
        problem = N_("{file} is no profile of this program, or it is damaged.")
        raise ProfileError(t(problem, file=path)) from error
    if not isinstance(found, dict) or not isinstance(found.get("format"), int):
        problem = N_("{file} is no profile of this program, or it is damaged.")
        raise ProfileError(t(problem, file=path))
    if found.pop("format") > FORMAT:
        problem = N_("The profile {file} was made by a newer version of this program.")
        raise ProfileError(t(problem, file=path))
    try:
        return _SHAPE.validate_python(found)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        problem = N_("The profile {file} cannot be used: {place}: {problem}.")
        raise ProfileError(t(problem, file=path, place=place, problem=first["msg"])) from error


def kept(home: Path) -> tuple[list[Profile], list[ProfileError]]:
    """The kept profiles by their names, and what is wrong with files that cannot be read."""
    found: list[Profile] = []
    faults: list[ProfileError] = []
    for path in _files(home):
        try:
            found.append(read_file(path))
        except ProfileError as error:
            faults.append(error)
    return sorted(found, key=lambda profile: fold(profile.name)), faults


def find(home: Path, name: str, provider: str = "") -> Profile:
    """The kept profile of this name. Raises UsageError where there is none for the provider."""
    profiles, faults = kept(home)
    own = [one for one in profiles if fold(one.name) == fold(name)]
    if own and provider in ("", own[0].provider):
        return own[0]
    if own:
        problem = N_("The profile {name} is for {provider}. Use one for {wanted}, or make it.")
        facts = {"name": repr(name), "provider": own[0].provider, "wanted": provider}
        raise UsageError(t(problem, **facts))
    if faults:
        raise faults[0]
    known = [one.name for one in profiles if provider in ("", one.provider)]
    if not known:
        problem = N_("There is no profile {name}. `converter profile new SHEET` makes one.")
        raise UsageError(t(problem, name=repr(name)))
    problem = N_("There is no profile {name}. The kept ones are: {known}.")
    raise UsageError(t(problem, name=repr(name), known=enumerate_some(known)))


def keep(home: Path, profile: Profile) -> Path:
    """Write a profile, in place of one of the same name. Raises OutputError."""
    path = _path_of(home, profile.name) or home / FOLDER / _file_name(profile.name)
    text = json.dumps(to_dict(profile), ensure_ascii=False, indent=1) + "\n"
    new = path.with_suffix(".new")
    try:
        for folder in (home, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text.encode())
        os.replace(new, path)
    except OSError as error:
        problem = N_("The profile cannot be kept in {file}: {problem}.")
        raise OutputError(t(problem, file=path, problem=of_system(error))) from error
    return path


def delete(home: Path, name: str) -> Profile:
    """Delete the profile of this name. Raises UsageError where there is none."""
    profile = find(home, name)
    path = _path_of(home, profile.name)
    if path is not None:
        path.unlink(missing_ok=True)
    return profile


def _files(home: Path) -> Iterator[Path]:
    folder = home / FOLDER
    if folder.is_dir():
        yield from sorted(folder.glob("*.json"))


def _path_of(home: Path, name: str) -> Path | None:
    for path in _files(home):
        with contextlib.suppress(ProfileError):
            if fold(read_file(path).name) == fold(name):
                return path
    return None


def _file_name(name: str) -> str:
    """The name itself where it can be that of a file anywhere; else with part of its hash."""
    if _SAFE.fullmatch(name) and name == name.rstrip():
        return f"{name}.json"
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return "".join(letter if letter.isalnum() else "_" for letter in name[:40]) + f"-{digest}.json"
