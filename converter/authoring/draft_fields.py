"""The fields of a drafted mapping, each a line of YAML with what is doubtful above it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from converter.authoring.guess import GUESSED, words
from converter.authoring.meaning import meanings
from converter.authoring.seen import SeenField, date_pattern
from converter.mapping import paths

_PLAIN = re.compile(r"[A-Za-z0-9_./\u4e00-\u9fff][\w./()\u4e00-\u9fff（） -]*")
_LONGEST_TITLE = 60
_LONGEST_NOTE = 120
_DATE = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Draft:
    """A field as it is written down."""

    path: str
    keys: tuple[tuple[str, str], ...]
    """The other keys and their values, already YAML."""
    todos: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The lines of this field."""
        for todo in self.todos:
            yield f"  # TODO {todo}"
        parts = [f"path: {quoted(self.path)}", *(f"{key}: {value}" for key, value in self.keys)]
        line = f"  - {{{', '.join(parts)}}}"
        if len(line) <= 118:
            yield line
            return
        yield f"  - path: {quoted(self.path)}"
        for key, value in self.keys:
            yield f"    {key}: {value}"


def quoted(text: str) -> str:
    """A text as YAML, in quotes where it needs them."""
    text = clean(text)
    is_plain = _PLAIN.fullmatch(text) and text == text.strip()
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def clean(text: str) -> str:
    """A text in one line, without what a mapping may not hold."""
    return " ".join(_UNSEEN.sub(" ", text).split())


_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    "|[\ud800-\udfff]"
)


def flow(value: Any) -> str:
    """A JSON value in one line of YAML."""
    return json.dumps(_cleaned(value), ensure_ascii=False)


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean(str(key)): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [*map(_cleaned, value)]
    return clean(value) if isinstance(value, str) else value


def drafts(found: Sequence[SeenField], reference: str) -> Iterator[Draft]:
    """A draft for each field."""
    titles = _titles(found)
    read = {one.path: _keys(one, is_reference=one.path == reference) for one in found}
    types = {path: _type_of(keys) for path, (keys, _) in read.items()}
    known = meanings(
        (one.path, (*titles[one.path], clean(one.title)), types[one.path], one.longest)
        for one in found
        if one.path != reference
    )
    for one in found:
        keys, todos = read[one.path]
        en, zh = titles[one.path]
        own = [("title", f"{{en: {quoted(en)}, zh: {quoted(zh)}}}"), *keys]
        meaning = "reference" if one.path == reference else known.get(one.path)
        if meaning and (meaning != "reference" or not types[one.path]):
            own.insert(0, ("is", meaning))
            if meaning.endswith(".country") and not types[one.path]:
                todos = [*todos, "taken for a country that is sent as two letters: is it?"]
        yield Draft(one.path, tuple(own), tuple(todos))


def _type_of(keys: Sequence[tuple[str, str]]) -> str:
    """The type of a field, or what else is not a plain text; empty for such a text."""
    given = dict(keys)
    return given.get("type", "array" if "split" in given else "")


def without_clashes(found: Sequence[SeenField]) -> list[SeenField]:
    """The fields that can all stand in one payload; of two that cannot, the first."""
    kept: dict[str, SeenField] = {}
    for one in found:
        if not any(_inside(one.path, other) for other in kept):
            kept[one.path] = one
    return list(kept.values())


def _inside(path: str, other: str) -> bool:
    """Whether two paths cannot both be fields: one is inside the other, or a key is two things."""
    for one, two in zip(path.split("."), other.split("."), strict=False):
        if one != two:
            return one.removesuffix("[]") == two.removesuffix("[]")
    return True


def _titles(found: Sequence[SeenField]) -> dict[str, tuple[str, str]]:
    """Two titles for each field, which no other field has."""
    used: set[str] = set()
    titles = {}
    for one in found:
        *around, last = one.path.replace("[]", "").split(".")
        own = clean(one.title)[:_LONGEST_TITLE]
        is_chinese = any("\u4e00" <= character <= "\u9fff" for character in own)
        en = words(last) if is_chinese or not own else own
        zh = own or en
        place = " ".join(map(words, around[-1:]))
        for number in range(1, 1000):
            tail = "" if number < 3 else f" {number - 1}"
            head = f"{place} " if number > 1 and place else ""
            if number == 2 and not place:
                continue
            pair = (f"{head}{en[:1].lower() + en[1:] if head else en}{tail}", f"{head}{zh}{tail}")
            if not {pair[0], pair[1]} & used:
                break
        used |= {*pair}
        titles[one.path] = pair
    return titles


def _keys(one: SeenField, *, is_reference: bool) -> tuple[list[tuple[str, str]], list[str]]:
    """The keys of a field behind its titles, and what is doubtful about them."""
    name = one.path.rpartition(".")[2].removesuffix("[]")
    keys, todos = _typed(one, name)
    if one.required or is_reference:
        keys.append(("required", "true"))
    given = dict(keys)
    is_text = "type" not in given and "split" not in given
    fits = is_text or given.get("type") in ("choice", "currency", "country")
    if one.longest and fits and (given.get("type"), one.longest) != ("country", 3):
        keys.append(("max", str(one.longest)))
    if is_text and re.search("e?mail", name, re.I) and "address" not in name.lower():
        keys.append(("format", "email"))
    if one.kind == "":
        todos.append(f"nothing shows its type; seen: {clean(str(one.example))[:40]!r}")
    if is_reference:
        todos.append("taken for the order's own number: is it, and is it unique?")
    note = one.note.removesuffix(GUESSED).strip()
    if note != one.note:
        todos.append(GUESSED)
    if _is_doubtful(note):
        todos.append(f"the document says: {clean(note)[:_LONGEST_NOTE]}")
    return keys, todos


def _typed(one: SeenField, name: str) -> tuple[list[tuple[str, str]], list[str]]:
    """How the field is read and sent."""
    if one.path.endswith("[]"):
        todo = "a list of plain values in one cell: is ';' what stands between them?"
        return [("split", '";"')], [todo]
    if one.choices and one.kind != "boolean":
        lacks = any(not word for _, word in one.choices)
        return [*_choice(one)], ["give the words that people write for each choice"] * lacks
    if one.kind == "boolean":
        yes_no = '{"true": ["yes", 是], "false": ["no", 否]}'
        return [("type", "choice"), ("as", "boolean"), ("choices", yes_no)], []
    if one.kind == "datetime":
        pattern = date_pattern(one.example)
        keys = [("type", "datetime"), ("pattern", json.dumps(pattern or _DATE))]
        if pattern.endswith(("Z", "%:z")):
            keys += [("zone", "UTC"), *[("output_zone", "UTC")] * pattern.endswith("Z")]
            return keys, ["in which zone are the times of the sheets? UTC is no more than a guess"]
        return keys, [] if pattern else ["a date whose form was not seen"]
    if _is_country(one, name):
        return [("type", "country")], []
    if one.kind == "text" and re.search("currency", name, re.I):
        return [("type", "currency")], []
    if one.kind in ("integer", "decimal"):
        return [("type", one.kind), *_bounds(name)], []
    return [], []


def _choice(one: SeenField) -> Iterator[tuple[str, str]]:
    yield "type", "choice"
    if one.kind in ("integer", "decimal"):
        yield "as", "integer" if one.kind == "integer" else "number"
    seen: set[str] = set()
    parts = []
    for sent, word in dict(one.choices).items():
        own = clean(word)
        is_new = bool(own) and own.lower() not in seen
        seen |= {own.lower(), sent.lower()}
        parts.append(f"{quoted(sent)}: [{quoted(own) if is_new else ''}]")
    yield "choices", f"{{{', '.join(parts)}}}"


def _is_country(one: SeenField, name: str) -> bool:
    is_named = re.search(r"country_?(code|iso)?$", name, re.I) or "二字码" in one.note
    shown = one.example if isinstance(one.example, str) else ""
    is_code = "code" in name.lower() or one.longest == 2 or re.fullmatch("[A-Z]{2}", shown)
    return one.kind in ("text", "") and bool(is_named) and bool(is_code or "二字码" in one.note)


def _bounds(name: str) -> Iterator[tuple[str, str]]:
    if re.search(r"qty|quantity|pieces|(^|_)count$|^prenum$", name, re.I):
        yield "at_least", "1"
    elif re.search(r"weight|length|width|height", name, re.I):
        yield "above", "0"
    elif re.search(r"price|amount|freight|fee|value", name, re.I):
        yield "at_least", "0"


def _is_doubtful(note: str) -> bool:
    """Whether a note has a condition that the draft does not say."""
    return bool(
        re.search(r"则|如果|必须|二选一|通过|有则|默认|超出|if |must|only|default", note, re.I)
    )


def lists_of(found: Sequence[Draft]) -> dict[str, str]:
    """The lists that the paths of fields lie in, and their declarations."""
    names: dict[str, None] = {}
    for one in found:
        around: list[str] = []
        here = paths.list_of(one.path)
        while here:
            around.append(here)
            here = paths.list_of(here)
        names |= dict.fromkeys(reversed(around))
    made = {}
    for name in names:
        is_outer = any(other.startswith(f"{name}[].") for other in names)
        own = [one.path for one in found if paths.list_of(one.path) == name]
        made[name] = f"{{key: {quoted(own[0])}}}" if is_outer and own else "{}"
    first = next(iter(made), "")
    if made.get(first) == "{}":
        made[first] = "{required: true}"
    return made
