"""Sentences for people, as template and facts until they are shown.

Every sentence is written once, in English, where it is needed: `t("There is no file {file}.",
file=path)`. `messages.translate` shows it in another language. What others say, such as a
provider, is a fact or a plain `str`; it is never a template and never translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"\{(\w+)\}")


class Message(str):
    """A sentence that keeps its template and its facts; as a `str` it is the English text."""

    __slots__ = ("context", "facts", "template")
    template: str
    facts: Mapping[str, str]
    """By name. Some may be messages themselves."""
    context: str
    """Tells apart two templates that are the same in English only (gettext's msgctxt)."""

    def __new__(cls, template: str, facts: Mapping[str, str], context: str = "") -> Message:
        made = super().__new__(cls, fill(template, facts))
        made.template, made.facts, made.context = template, facts, context
        return made

    def __reduce__(self) -> tuple[type[Message], tuple[str, Mapping[str, str], str]]:
        return type(self), (self.template, self.facts, self.context)

    @property
    def is_list(self) -> bool:
        """Whether `join` made it, of names with a comma between them."""
        return self.template.startswith(f"{{0}}{COMMA}")

    @property
    def is_row(self) -> bool:
        """Whether `join` made it, of sentences with a blank between them."""
        return self.template.startswith("{0} ")

    def with_facts(self, change: Callable[[str], str]) -> Message:
        """The same sentence with each fact changed, those of messages inside it too."""
        facts = {
            name: fact.with_facts(change) if isinstance(fact, Message) else change(fact)
            for name, fact in self.facts.items()
        }
        return type(self)(self.template, facts, self.context)


class OneLine(Message):
    """A sentence that is shown in one line, whatever its facts hold."""

    __slots__ = ()

    def __new__(cls, template: str, facts: Mapping[str, str], context: str = "") -> OneLine:
        made = str.__new__(cls, " ".join(fill(template, facts).split()))
        made.template, made.facts, made.context = template, facts, context
        return made


class Multilingual(str):
    """A text that its author wrote in several languages, as mappings do; as a `str` in English."""

    __slots__ = ("languages",)
    languages: Mapping[str, str]

    def __new__(cls, en: str, **others: str) -> Multilingual:
        made = super().__new__(cls, en)
        made.languages = others
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], Mapping[str, str]]:
        return (str(self),), self.languages

    def __getstate__(self) -> None:
        return None


def t(template: str, /, **facts: object) -> Message:
    """The sentence of an English template. Facts are put in as they are, never read as a format."""
    return Message(template, {name: _fact(value) for name, value in facts.items()})


def pt(context: str, template: str, /, **facts: object) -> Message:
    """Like `t`, for English words that other languages tell apart by their context."""
    return Message(template, {name: _fact(value) for name, value in facts.items()}, context)


def N_(template: str, plural: str = "") -> str:
    """Mark a template for translation that is handed to `t`, or to gettext, elsewhere."""
    return template


COMMA = N_(", ")
"""Between names; languages have commas of their own."""


def join(separator: str, texts: Iterable[str]) -> Message:
    """Several texts as one message."""
    facts = {str(number): text for number, text in enumerate(texts)}
    return Message(separator.join(f"{{{number}}}" for number in facts), facts)


def stack(texts: Iterable[str]) -> str:
    """Texts below one another as one; blank ones are left out."""
    found = [text for text in texts if text]
    return found[0] if len(found) == 1 else join("\n", found) if found else ""


def stacked(text: str) -> Sequence[str]:
    """The texts that `stack` put below one another."""
    if isinstance(text, Message) and text.template.startswith("{0}\n"):
        return tuple(line for one in text.facts.values() for line in stacked(one))
    return (text,) if text else ()


_MOST_NAMED = 10


def enumerate_some(names: Sequence[str]) -> str:
    """Names in a row; of many, the first ones and how many more there are."""
    shown = join(COMMA, names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return t("{names} and {more} more", names=shown, more=more) if more > 0 else shown


def fill(template: str, facts: Mapping[str, str]) -> str:
    """A template with its `{names}` replaced; a name without a fact stays."""
    text = _PLACE.sub(lambda found: facts.get(found[1], found[0]), template)
    return text.strip() if "" in facts.values() else text  # a blank fact leaves its space


def _fact(value: object) -> str:
    return value if isinstance(value, Message | Multilingual) else str(value)


# -- kept, or handed to another process --------------------------------------------------------


def pack(text: str) -> str:
    """A message as JSON, with its template and facts; empty for a plain text."""
    value = to_json(text)
    return "" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def unpack(text: str, packed: str | None) -> str:
    """The message that `pack` made JSON of; where it made none, the plain text."""
    return from_json(json.loads(packed)) if packed else text


def to_json(text: str) -> str | dict[str, Any]:
    """A text as a JSON value: a plain one as it is, a message as its template and facts."""
    if isinstance(text, Multilingual):
        return {"en": str(text), **text.languages}
    if not isinstance(text, Message):
        return str(text)
    facts = {name: to_json(fact) for name, fact in text.facts.items()}
    context = {"context": text.context} if text.context else {}
    return {"template": text.template, **context, "facts": facts}


def from_json(value: str | Mapping[str, Any]) -> str:
    """The text that `to_json` made a JSON value of."""
    if isinstance(value, str):
        return value
    if "template" not in value:
        return Multilingual(**value)
    facts = {name: from_json(fact) for name, fact in value["facts"].items()}
    return Message(value["template"], facts, value.get("context", ""))
