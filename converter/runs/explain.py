"""Explain a cell or a field: its rule, its path in the payload, what is sent and the reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from converter import journal, messages, settings
from converter.errors import UsageError
from converter.journal import PastAnswer
from converter.layout.titles import normalise
from converter.mapping import paths, rule_kinds
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import COMMA, N_, join, t
from converter.messages import translate
from converter.model import Cell, Status
from converter.profiles.sums import shown_value
from converter.runs.origins import origins
from converter.runs.prepare import Prepared
from converter.runs.session import Session
from converter.sheet_template import guide
from converter.sheet_template.columns import columns_of

_LABELS = {
    "cell": t("Cell"),
    "column": t("Column"),
    "title": t("Title of its column"),
    "text": t("What stands in it"),
    "order": t("Order"),
    "rows": t("Rows"),
    "checks": t("Checks"),
    "profile": t("Profile"),
    "fixed": t("Fixed value"),
    "path": t("Field"),
    "sent": t("What is sent"),
    "rule": t("Rule"),
    "titles": t("Known titles"),
    "issue": t("Problem"),
    "answer": t("Answer"),
}

_LONGEST = 500
_CELL = re.compile(r"(?:(.+)!)?\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def explain_place(session: Session, where: str) -> dict[str, Any]:
    """Explain an order, a cell of the sheet, or a field by its path or by a title.

    Raises UsageError if `where` is none of these.
    """
    prepared = session.prepare_one()
    if where.strip() in prepared.payloads.orders.references:
        return explain_order(prepared, where.strip())
    cell = cell_of(prepared, where)
    if cell is None:
        return explain_field(prepared, where)
    names = references_at(prepared, cell)
    known = journal.answers(settings.home(), prepared.mapping.provider, names)
    return explain_cell(prepared, cell, known)


def cell_of(prepared: Prepared, where: str) -> Cell | None:
    """Parse `Orders!D12` or `D12`; None if `where` is the path of a field."""
    found = _CELL.fullmatch(where.strip())
    if found is None or where in {spec.path for spec in prepared.mapping.fields}:
        return None
    return Cell((found[1] or prepared.table.name).strip("'"), found[2].upper(), int(found[3]))


def explain_order(prepared: Prepared, reference: str) -> dict[str, Any]:
    """Explain an order: where it stands, what is wrong with it, and the replies about it."""
    found = prepared.payloads.orders
    own = [index for index, name in enumerate(found.references) if name == reference]
    known = journal.answers(settings.home(), prepared.mapping.provider, [reference])
    return {
        "orders": [reference],
        "rows": sorted({row for index in own for row in found.rows[index]}),
        "checks": str(Status.VALID if all(map(prepared.is_valid, own)) else Status.INVALID),
        "fields": [],
        "values": [value for index in own for value in origins(prepared, index)],
        **_profile(prepared),
        "issues": [
            messages.issue(issue, prepared.lang)
            for index in own
            for issue in prepared.issues.get(index, ())
        ],
        "answers": _answers(known, prepared.lang),
    }


def _profile(prepared: Prepared) -> dict[str, Any]:
    """The profile that the sheet was read with, where there is one."""
    if not prepared.profile_sha256:
        return {}
    return {"profile": {"name": prepared.profile.name, "sha256": prepared.profile_sha256}}


def explain_field(prepared: Prepared, where: str) -> dict[str, Any]:
    """Explain a field, given by its path or by its name in the API.

    Raises UsageError where there is no such field.
    """
    spec = _titled(prepared, where) or _field(prepared.mapping, where)
    column = prepared.table.columns.get(spec.path)
    fixed = prepared.profile.fixed.get(spec.path)
    return {
        "column": column.letter if column else "",
        **_rule(prepared, spec),
        **_profile(prepared),
        **({"fixed": shown_value(fixed, spec, prepared.mapping, prepared.lang)} if fixed else {}),
    }


def explain_cell(prepared: Prepared, where: Cell, answers: Sequence[PastAnswer]) -> dict[str, Any]:
    """Explain a cell: its text, its fields, its issues and the replies about its order.

    Raises UsageError where the sheet does not have the cell.
    """
    table = prepared.table
    sheets = {part.sheet.name: part.sheet for part in table.parts}
    sheet = sheets.get(where.sheet)
    if sheet is None or where.column not in sheet.letters or where.row not in sheet.frame.index:
        names = join(COMMA, sheets)
        problem = N_("There is no cell {cell} among the orders. The sheets with orders: {names}.")
        raise UsageError(t(problem, cell=where, names=names))
    position = sheet.letters.index(where.column)
    header_row = next(part.header_row for part in table.parts if part.sheet is sheet)
    label = table.label(where)
    title = label.title if label else sheet.texts(header_row)[position]
    return {
        "cell": str(where),
        "title": " ".join(title.split()),
        "text": sheet.texts(where.row)[position],
        "orders": references_at(prepared, where),
        "fields": [
            {**_rule(prepared, spec), "sent": _sent(prepared, spec.path, where)}
            for spec in prepared.mapping.fields
            if _stands_in(prepared, spec.path, where)
        ],
        "issues": [
            messages.issue(issue, prepared.lang, place=False)
            for issue in _issues(prepared)
            if issue.cell == where
        ],
        "answers": _answers(answers, prepared.lang),
    }


def _answers(answers: Sequence[PastAnswer], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "reference": one.reference,
            "sandbox": one.sandbox,
            "status": str(one.status),
            "provider_order_no": one.provider_order_no,
            "time": one.time,
            "message": translate(one.message, lang),
        }
        for one in answers
    ]


def references_at(prepared: Prepared, where: Cell) -> list[str]:
    """References of the orders that a cell belongs to."""
    return [prepared.payloads.orders.references[order] for order in _orders(prepared, where)]


def explanation_lines(document: dict[str, Any], lang: str) -> Iterator[str]:
    """An explanation as lines of text."""

    def line(name: str, value: str) -> str:
        return f"{translate(_LABELS[name], lang)}: {value}"

    for name in ("cell", "column", "title", "text"):
        if name in document:
            yield line(name, document[name] or translate(t("nothing"), lang))
    if document.get("orders"):
        yield line("order", ", ".join(document["orders"][:5]))
    if "rows" in document:
        yield line("rows", ", ".join(map(str, document["rows"])))
        yield line("checks", messages.status(Status(document["checks"]), lang))
    yield from _origin_lines(document, lang)
    found = document.get("fields", [document])
    if not found and "rows" not in document:
        yield translate(t("This column is not used: no field has this title."), lang)
    for one in found:
        yield line("path", one["path"])
        for entry in one.get("sent", ()):
            yield line("sent", f"{entry['path']} = {entry['value']}")
        if "sent" in one and not one["sent"]:
            yield line("sent", translate(t("nothing from this cell"), lang))
        yield line("rule", one["rule"].replace("\n", "\n  "))
        yield from (line("rule", rule) for rule in one["rules"])
        if one["titles"]:
            yield line("titles", ", ".join(one["titles"]))
    yield from (line("issue", issue) for issue in document.get("issues", ()))
    for answer in document.get("answers", ()):
        status = messages.status(Status(answer["status"]), lang)
        time, said = messages.local_time(answer["time"]), " ".join(answer["message"].split())
        parts = [answer["reference"], status, answer["provider_order_no"], time, said]
        yield line("answer", "  ".join(filter(None, parts)))


def _origin_lines(document: dict[str, Any], lang: str) -> Iterator[str]:
    """The profile, and where values come from."""
    if profile := document.get("profile"):
        yield f"{translate(_LABELS['profile'], lang)}: {profile['name']}"
    if fixed := document.get("fixed"):
        yield f"{translate(_LABELS['fixed'], lang)}: {fixed}"
    for value in document.get("values", ()):
        yield f"  {value['path']} = {value['value']}  ({value['from']})"


# -- fields ------------------------------------------------------------------------------------


def _titled(prepared: Prepared, where: str) -> FieldSpec | None:
    """The field that a title means: the sheet's own, else one that the mapping knows."""
    wanted = normalise(where)[0]
    if not wanted:
        return None
    mapping = prepared.mapping
    for path, column in prepared.table.columns.items():
        if wanted == normalise(column.title)[0]:
            return mapping.field(path)
    found = [
        spec
        for spec in mapping.fields
        if wanted in {normalise(name)[0] for name in (spec.title.zh, spec.title.en, *spec.aliases)}
    ]
    return found[0] if len(found) == 1 else None


def _field(mapping: ProviderMapping, where: str) -> FieldSpec:
    names: dict[str, list[FieldSpec]] = {}
    for spec in mapping.fields:
        for name in {spec.path, paths.plain(spec.path), paths.last(spec.path)}:
            names.setdefault(name, []).append(spec)
    bare = re.sub(r"\[\d+\]", "[]", where.strip())
    found = names.get(bare, [])
    if len(found) == 1:
        return found[0]
    close = [spec.path for spec in found] or get_close_matches(bare, names, n=3)
    hint = t("Did you mean {names}?", names=join(COMMA, close)) if close else ""
    problem = N_(
        "{where} is no order of this sheet, no cell such as Orders!D12, and no one title or field "
        "of {provider}. {hint}"
    )
    raise UsageError(t(problem, where=repr(where), provider=mapping.provider, hint=hint))


def _rule(prepared: Prepared, spec: FieldSpec) -> dict[str, Any]:
    mapping, lang = prepared.mapping, prepared.lang
    column = next((one for one in columns_of(mapping) if one.spec is spec), None)
    return {
        "path": spec.path,
        "rule": guide.note(column) if column else "",
        "rules": [
            guide.rule_text(rule, mapping, lang)
            for rule in mapping.rules
            if rule_kinds.parse(rule, mapping).reads_field(spec.path)
        ],
        "titles": list(dict.fromkeys((spec.title.zh, spec.title.en, *spec.aliases))),
    }


# -- cells -------------------------------------------------------------------------------------


def _orders(prepared: Prepared, where: Cell) -> Sequence[int]:
    return prepared.payloads.orders.owners_of(where)


def _stands_in(prepared: Prepared, path: str, where: Cell) -> bool:
    table = prepared.table
    return any(
        part.columns[path].letter == where.column and part.columns[path].row in (0, where.row)
        for part in table.parts
        if part.sheet.name == where.sheet and path in part.columns
    )


def _sent(prepared: Prepared, path: str, where: Cell) -> list[dict[str, str]]:
    """Payload paths that are filled from the cell, each with the value sent."""
    orders, table = prepared.payloads.orders, prepared.table
    group = orders.groups[paths.list_of(path)]
    column = group.fields.get(path)
    if column is None:
        return []
    found = []
    for order in _orders(prepared, where):
        for place, entry in enumerate(group.entries_of(order)):
            line = int(column.rows[entry])
            value = column.sent(entry)
            if line < 0 or value is None or table.cell(path, line) != where:
                continue
            head, mark, tail = path.rpartition("[].")
            shown = f"{head}[{place}].{tail}" if mark else path
            text = str(value)
            if len(text) > _LONGEST:  # the Base64 of a picture
                text = f"{text[:_LONGEST]}…"
            found.append({"path": shown, "value": text})
    return found


def _issues(prepared: Prepared) -> Iterator[Any]:
    for issues in prepared.issues.values():
        yield from issues
    yield from prepared.others
