"""An Office Open XML package: parts in a zip file, and the relationships between them.

Unchanged parts are copied as compressed bytes.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from converter.ooxml import markup

CHUNK = 1 << 20

_LEVEL = 3
"""Compression level of changed parts: half the time of the default 6, 5 % larger."""

_TYPES = "[Content_Types].xml"
_HUGE = 1 << 30

Content = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Relation:
    id: str
    type: str
    target: str
    """Name of the part in the zip file, or the target as written if external."""
    external: bool

    @property
    def kind(self) -> str:
        """Last segment of the type, such as `worksheet`; strict files use the same."""
        return self.type.rpartition("/")[2]


class Package:
    """A zip file being read, and the changes to make when it is saved."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        self._names = {name.lower(): name for name in self._infos}
        self._changed: dict[str, Content] = {}
        self._huge: set[str] = set()
        self._added_types: dict[str, str] = {}
        self._defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
        self._relations: dict[str, list[Relation]] = {}
        self._reached = self._reach()

    # -- reading -------------------------------------------------------------------------------

    def has(self, part: str) -> bool:
        return part.lower() in self._names

    def parts(self) -> Iterable[str]:
        return self._infos

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield the part as stored, chunk by chunk."""
        with self._archive.open(self._names[part.lower()]) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def read(self, part: str) -> bytes:
        """Return the part in UTF-8."""
        xml = b"".join(self.chunks(part))
        xml = xml.removeprefix(b"\xef\xbb\xbf")
        return xml if markup.is_utf8(xml[:200]) else b"".join(markup.plain([xml]))

    def relations(self, part: str) -> list[Relation]:
        """Return the relationships of a part, or of the package if the name is empty."""
        if part not in self._relations:
            self._relations[part] = list(self._read_relations(part))
        return self._relations[part]

    def _read_relations(self, part: str) -> Iterator[Relation]:
        if not self.has(_relations_of(part)):
            return
        for element in markup.parse(self.read(_relations_of(part))).all("Relationship"):
            target, external = element.get("Target"), element.get("TargetMode") == "External"
            if not external:
                path = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target))
                target = self._names.get(path.lstrip("/").lower(), path.lstrip("/"))
            yield Relation(element.get("Id"), element.get("Type"), target, external)

    def target(self, part: str, kind: str) -> str:
        """Return the part to which a relationship of that kind leads; empty if there is none."""
        found = (r.target for r in self.relations(part) if r.kind == kind and not r.external)
        return next((target for target in found if self.has(target)), "")

    def _reach(self) -> set[str]:
        """Return every part that relationships lead to, directly or not."""
        reached, todo = set(), [""]
        while todo:
            part = todo.pop()
            for relation in self.relations(part):
                if not relation.external and relation.target not in reached:
                    reached.add(relation.target)
                    todo.append(relation.target)
        return reached

    # -- changing ------------------------------------------------------------------------------

    def change(self, part: str, content: Content, *, huge: bool = False) -> None:
        """Replace a part; `content` is called when the file is written, in the order of changes.

        `huge` parts, beyond two gigabytes, need zip64 headers, which not every program reads.
        """
        part = self._names.get(part.lower(), part)
        self._changed[part] = content
        if huge or (part in self._infos and self._infos[part].file_size > _HUGE):
            self._huge.add(part)

    def add(self, part: str, content_type: str, content: Content) -> None:
        self._added_types[part] = content_type
        self._names.setdefault(part.lower(), part)
        self.change(part, content)

    def reserve(self, part: str) -> None:
        """Reserve the name of a new part whose content type follows from its extension."""
        self._names.setdefault(part.lower(), part)

    def set_default(self, extension: str, content_type: str) -> None:
        self._defaults[extension] = content_type

    def retype(self, part: str, content_type: str) -> None:
        self._added_types[part] = content_type

    def free_name(self, pattern: str) -> str:
        """Return a name for a new part: the pattern with the first free number."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def relate(
        self, part: str, kind: str, target: str, namespace: str, *, external: bool = False
    ) -> str:
        """Add a relationship from a part to another, or to an address, and return its id."""
        taken = {relation.id for relation in self.relations(part)}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        name = f"rId{number}"
        self.relations(part).append(Relation(name, f"{namespace}/{kind}", target, external))
        return name

    def unrelate(self, part: str, names: Iterable[str]) -> None:
        gone = set(names)
        self._relations[part] = [r for r in self.relations(part) if r.id not in gone]

    # -- writing -------------------------------------------------------------------------------

    def save(self, target: Path) -> None:
        """Write changed parts, and copy the rest. Parts no longer related to any are dropped."""
        gone = self._reached - self._reach()
        gone |= {name for part in gone if (name := self._names.get(_relations_of(part).lower()))}
        for part in list(self._relations):
            if part not in gone:
                self._write_relations(part)
        types = self._types(gone)
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as out:
            # not `writestr`: it takes the clock's time, and a zip file knows none before 1980
            with out.open(self._names[_TYPES.lower()], "w") as file:
                file.write(types)
            for part, content in self._changed.items():
                if part not in gone:
                    self._write(out, part, content)
            for name, info in self._infos.items():
                if (
                    name not in self._changed
                    and name not in gone
                    and name.lower() != _TYPES.lower()
                ):
                    _copy(self._archive, info, out)

    def _write(self, out: ZipFile, part: str, content: Content) -> None:
        """Compress each chunk in a thread while the next is made."""
        is_huge = part in self._huge
        with out.open(part, "w", force_zip64=is_huge) as file, ThreadPoolExecutor(1) as packer:
            packing = packer.submit(file.write, b"")
            for chunk in content():
                packing.result()
                packing = packer.submit(file.write, chunk)
            packing.result()

    def _write_relations(self, part: str) -> None:
        before, after = list(self._read_relations(part)), self._relations[part]
        if before == after:
            return
        name = _relations_of(part)
        xml = self.read(name) if self.has(name) else _NO_RELATIONS
        root = markup.parse(xml)
        gone = {relation.id for relation in before if relation not in after}
        edits = [(e.start, e.end, b"") for e in root.children if e.get("Id") in gone]
        new = b"".join(
            markup.start_tag(
                f"{root.prefix}Relationship",
                _attributes(relation),
                closed=True,
            )
            for relation in after
            if relation not in before
        )
        if new:
            edits.append(markup.appended(xml, root, new))
        self.change(name, lambda: [markup.splice(xml, edits)])

    def _types(self, gone: set[str]) -> bytes:
        xml = self.read(_TYPES)
        root = markup.parse(xml)
        lost = {f"/{part}".lower() for part in (*gone, *self._added_types)}
        known = {element.get("Extension").lower() for element in root.all("Default")}
        edits = [
            (element.start, element.end, b"")
            for element in root.all("Override")
            if element.get("PartName").lower() in lost
        ]
        new = [
            (f"{root.prefix}Default", {"Extension": extension, "ContentType": content_type})
            for extension, content_type in self._defaults.items()
            if extension not in known
        ]
        new += [
            (f"{root.prefix}Override", {"PartName": f"/{part}", "ContentType": content_type})
            for part, content_type in self._added_types.items()
        ]
        added = b"".join(markup.start_tag(*element, closed=True) for element in new)
        edits.append(markup.appended(xml, root, added))
        return markup.splice(xml, edits)


_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns='
    b'"http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


def _attributes(relation: Relation) -> dict[str, str]:
    found = {"Id": relation.id, "Type": relation.type}
    if relation.external:
        return {**found, "Target": relation.target, "TargetMode": "External"}
    return {**found, "Target": f"/{relation.target}"}


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _copy(archive: ZipFile, info: ZipInfo, out: ZipFile) -> None:
    """Copy a part without inflating it, for which `zipfile` has no function."""
    source, target = archive.fp, out.fp
    assert source is not None
    assert target is not None
    source.seek(info.header_offset)
    header = source.read(30)
    if header[:4] != b"PK\x03\x04":
        raise ValueError(f"{info.filename}: no part begins where the zip file says")
    name_length, extra_length = (int.from_bytes(header[i : i + 2], "little") for i in (26, 28))
    source.seek(name_length + extra_length, 1)
    new = copy.copy(info)
    new.header_offset = out.start_dir
    new.flag_bits &= ~0x08  # sizes are in the header, not in a data descriptor
    new.extra = b""
    target.seek(out.start_dir)
    target.write(new.FileHeader())
    left = info.compress_size
    while left:
        data = source.read(min(left, CHUNK))
        if not data:
            raise ValueError(f"{info.filename}: the zip file ends within it")
        target.write(data)
        left -= len(data)
    out.start_dir = target.tell()
    out.filelist.append(new)
    out.NameToInfo[new.filename] = new


def namespaces(strict: bool) -> Mapping[str, str]:
    """Return the namespaces of sheets and relationships, transitional or strict."""
    if strict:
        return {
            "main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
            "relations": "http://purl.oclc.org/ooxml/officeDocument/relationships",
        }
    return {
        "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "relations": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    }
