"""The part `workbook.xml`: the list of sheets, and what depends on their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from converter.ooxml import markup
from converter.ooxml.markup import Edit
from converter.ooxml.package import Package, namespaces

_PLAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_FILLS_NAME = "_converter_fill_"
_LONGEST_CONSTANT = 255
"""Characters of a text in a formula that Excel accepts."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet as the workbook lists it."""

    name: str
    kind: str
    """worksheet, chartsheet, dialogsheet, xlMacrosheet"""
    part: str
    relation: str
    id: int
    xml: bytes
    number: int | None
    """Its index in the customer's workbook; None for a page of ours."""


class Workbook:
    """The sheets of a workbook, in the order in which they will be written."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.part = package.target("", "officeDocument")
        self._xml = package.read(self.part)
        self._root = markup.parse(self._xml)
        self.is_strict = "purl.oclc.org" in " ".join(self._root.attributes.values())
        self.namespaces = namespaces(self.is_strict)
        self.tabs = list(self._read())
        self._fills: Mapping[int, str] = {}
        self._own_names: list[tuple[Tab, str, str]] = []

    def _read(self) -> Iterator[Tab]:
        relations = {r.id: r for r in self._package.relations(self.part)}
        sheets = self._root.first("sheets")
        for number, sheet in enumerate(sheets.all("sheet") if sheets else ()):
            relation = relations[sheet.get("id")]
            xml = self._xml[sheet.start : sheet.end]
            yield Tab(
                sheet.get("name"),
                relation.kind,
                relation.target,
                relation.id,
                int(sheet.get("sheetId")),
                xml,
                number,
            )

    def tab(self, name: str) -> Tab:
        return next(tab for tab in self.tabs if tab.name == name)

    def rename(self, tab: Tab, name: str) -> None:
        root = markup.parse(tab.xml)
        tag = markup.start_tag(root.tag, {**root.attributes, "name": name}, closed=True)
        self.tabs[self.tabs.index(tab)] = replace(tab, name=name, xml=tag)

    def remove(self, tab: Tab) -> None:
        self.tabs.remove(tab)
        self._package.unrelate(self.part, [tab.relation])

    def drop_macros(self) -> None:
        """Remove macros, which a .xlsx file may not hold, and signatures, which become invalid."""
        for tab in [tab for tab in self.tabs if tab.kind.lower().endswith("macrosheet")]:
            self.remove(tab)
        relations = self._package.relations(self.part)
        self._package.unrelate(self.part, [r.id for r in relations if r.kind == "vbaProject"])
        signatures = [r.id for r in self._package.relations("") if "digital-signature" in r.type]
        self._package.unrelate("", signatures)
        self._package.retype(self.part, _PLAIN_TYPE)

    def drop_calculation_order(self) -> None:
        """Remove the list of cells with formulas: Excel repairs a file that lists missing ones."""
        relations = self._package.relations(self.part)
        self._package.unrelate(self.part, [r.id for r in relations if r.kind == "calcChain"])

    def add(self, name: str, at: int) -> str:
        """Add a page of ours at this index among the sheets, and return its part."""
        part = self._package.free_name("xl/worksheets/sheet{}.xml")
        self._package.add(part, _SHEET_TYPE, lambda: ())
        relation = self._package.relate(self.part, "worksheet", part, self.namespaces["relations"])
        sheets = next(self._root.within("sheets"))
        number = 1 + max((tab.id for tab in self.tabs), default=0)
        tag = markup.start_tag(
            f"{sheets.prefix}sheet",
            {"xmlns:r": self.namespaces["relations"], "name": name}
            | {"sheetId": str(number), "r:id": relation},
            closed=True,
        )
        self.tabs.insert(at, Tab(name, "worksheet", part, relation, number, tag, None))
        return part

    def define(self, part: str, name: str, place: str) -> None:
        """Give a place on a page of ours a name of Excel's own, such as `_xlnm.Print_Titles`."""
        tab = next(tab for tab in self.tabs if tab.part == part)
        self._own_names.append((tab, name, place))

    # -- the fills that our shades replace -----------------------------------------------------

    def fills_before(self) -> dict[int, str]:
        """The fills that an earlier run replaced, by shade."""
        found = {}
        for name in self._root.within("definedName"):
            number = name.get("name").removeprefix(_FILLS_NAME)
            text = name.text.strip()
            if number != name.get("name") and number.isdigit() and text.startswith('"<fill'):
                found[int(number)] = text.strip('"').replace("'", '"')
        return found

    def keep_fills(self, fills: Mapping[int, str]) -> None:
        """Store replaced fills as hidden defined names, which every office program keeps."""
        self._fills = {
            number: fill.replace('"', "'")
            for number, fill in fills.items()
            if len(fill) < _LONGEST_CONSTANT
        }

    # -- writing -------------------------------------------------------------------------------

    def write(self) -> bytes:
        root = self._root
        edits: list[Edit] = [
            markup.retagged(self._xml, view, {"activeTab": None, "firstSheet": None})
            for view in root.within("workbookView")
        ]
        sheets = next(root.within("sheets"))
        inner = b"".join(tab.xml for tab in self.tabs)
        edits.append((sheets.inner, sheets.inner_end, inner))
        edits += self._names()
        return markup.splice(self._xml, edits)

    def _names(self) -> Iterator[Edit]:
        """Update defined names, which refer to a sheet of their own by its index."""
        places = {tab.number: place for place, tab in enumerate(self.tabs)}
        element, x = self._root.first("definedNames"), self._root.prefix
        kept = b""
        for name in element.children if element else ():
            local = name.get("localSheetId")
            if name.get("name").startswith(_FILLS_NAME) or (local and int(local) not in places):
                continue
            xml = self._xml[name.start : name.end]
            if local and int(local) != places[int(local)]:
                place = {**name.attributes, "localSheetId": str(places[int(local)])}
                xml = markup.start_tag(name.tag, place) + self._xml[name.inner : name.end]
            kept += xml
        for number, fill in self._fills.items():
            kept += (
                f'<{x}definedName name="{_FILLS_NAME}{number}" hidden="1">'
                f"&quot;{markup.escape(fill)}&quot;</{x}definedName>"
            ).encode()
        for tab, own, area in self._own_names:
            place_of = self.tabs.index(tab)
            hidden = ' hidden="1"' if own == "_xlnm._FilterDatabase" else ""
            kept += (
                f'<{x}definedName name="{own}" localSheetId="{place_of}"{hidden}>'
                f"{tab.name}!{area}</{x}definedName>"
            ).encode()
        # Excel rejects an empty list
        whole = b"<%bdefinedNames>%b</%bdefinedNames>" % (x.encode(), kept, x.encode())
        if element is not None:
            yield element.start, element.end, whole if kept else b""
        elif kept:
            before = ("sheets", "functionGroups", "externalReferences")
            yield markup.inserted(self._xml, self._root, whole, before)
