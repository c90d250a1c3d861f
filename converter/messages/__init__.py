"""Every sentence that people read, shown in their language.

A sentence is a `Message`, made in English where it is needed; `translate` shows it in a language
that has a catalogue (see `catalogue`). Those of the problems of cells belong to a stable code.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from converter.message import COMMA, N_, Message, Multilingual, OneLine, fill, join, pt, t
from converter.messages import issues, repairs
from converter.messages.catalogue import languages, translations
from converter.model import Issue, Repair, Status

__all__ = ["asked_language", "default_language", "issue", "languages", "moment", "status"]
__all__ += [
    "WARNING",
    "issue_line",
    "local_time",
    "of_code",
    "of_issue",
    "of_issue_line",
    "of_repair",
    "repair_kind",
    "status_and_code",
    "status_word",
    "text_in",
    "translate",
]

_OF_CODE = issues.SENTENCES

_STATUSES = {
    Status.ACCEPTED: pt("status", "accepted"),
    Status.PARTIAL: pt("status", "partial"),
    Status.REJECTED: pt("status", "rejected"),
    Status.DUPLICATE: pt("status", "duplicate"),
    Status.INVALID: pt("status", "invalid"),
    Status.UNKNOWN: pt("status", "unknown"),
    Status.NOT_SENT: pt("status", "not sent"),
    Status.CANCELLED: pt("status", "cancelled"),
    Status.CANCEL_UNKNOWN: pt("status", "cancellation unknown"),
    Status.VALID: pt("status", "valid"),
}
_LOOK = pt("status", "valid, look")

WARNING = N_("Warning: ")

_MOMENT = "%Y-%m-%d %H:%M:%S"
"""How people write a time; the zone is that of the machine on which it is read."""

_STOPS = ("。", "？", "！")


def translate(text: str, lang: str) -> str:
    """A text as it is shown in a language.

    A message without its translation is shown in English; a plain text, such as what a provider
    said, is the same in every language.
    """
    if isinstance(text, Multilingual):
        return text.languages.get(lang, str(text))
    if not isinstance(text, Message) or lang == "en":
        return str(text)
    found = translations(lang)
    template = text.template
    if text.context:
        template = found.pgettext(text.context, template)
    elif template:  # gettext has the catalogue's header under the empty one
        template = found.gettext(template)
    facts = {name: translate(fact, lang) for name, fact in text.facts.items()}
    if text.is_list:
        template = template.replace(COMMA, found.gettext(COMMA))
    if text.is_row:  # no blank follows a full-width stop
        for name, fact in facts.items():
            if fact.endswith(_STOPS):
                template = template.replace(f"{{{name}}} ", f"{{{name}}}")
    shown = fill(template, facts)
    return " ".join(shown.split()) if isinstance(text, OneLine) else shown


def text_in(texts: Mapping[str, str], lang: str) -> str:
    """Pick what a mapping says in a language, else in English; empty where it says nothing."""
    return texts.get(lang, texts.get("en", ""))


def default_language() -> str:
    """The system's language where there is a catalogue of it, else English."""
    found = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    name = found or locale.getlocale()[0] or ""
    language, _, _ = name.partition(".")[0].partition("_")
    if len(language) > 3:  # Windows spells it out: `Chinese (Simplified)_China`
        word = language.partition(" ")[0]
        return next(
            (one for one in languages() if translations(one).info().get("language-team") == word),
            "en",
        )
    territory = name.partition(".")[0]
    return next((one for one in (territory, language) if one in languages()), "en")


def asked_language(words: Sequence[str]) -> str:
    """The language of a command line: what `--lang` says in it, else the system's."""
    for word, after in pairwise((*words, "")):
        asked = after if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and asked in languages():
            return asked
    return default_language()


def of_code(code: str, **facts: object) -> Message:
    """The message that belongs to a code."""
    return t(_OF_CODE[code], **facts)


def moment(epoch: float) -> str:
    """A moment as people read it, in this machine's zone."""
    return datetime.fromtimestamp(epoch, UTC).astimezone().strftime(_MOMENT)


def local_time(timestamp: str) -> str:
    """A time such as `2025-12-01T10:20:00+08:00` as people read it, in this machine's zone."""
    try:
        return datetime.fromisoformat(timestamp).astimezone().strftime(_MOMENT)
    except ValueError:
        return timestamp


def issue(problem: Issue, lang: str, *, place: bool = True) -> str:
    """`Orders!D12 Quantity: expected a whole number, found 'two'. ...`"""
    # Translated first: texts that are alike in English only must not be one key of the cache.
    facts = tuple((name, translate(fact, lang)) for name, fact in problem.facts.items())
    title = translate(problem.title, lang)
    text = _of_cell(problem.code, problem.warning, lang, title, facts)
    return f"{problem.cell} {text}" if place else text


def of_issue(problem: Issue) -> Message:
    """The message of a problem, with its place."""
    text = t(_template(problem.code, problem.warning), **problem.facts)
    is_titled = problem.title and not text.startswith(problem.title)
    template = N_("{cell} {title}: {problem}") if is_titled else N_("{cell} {problem}")
    facts = {"title": problem.title} if is_titled else {}
    return t(template, cell=problem.cell, **facts, problem=text)


@lru_cache(maxsize=1 << 16)
def _of_cell(
    code: str, warning: bool, lang: str, title: str, facts: tuple[tuple[str, str], ...]
) -> str:
    """The same mistake is often made in thousands of cells, and each is told of in three places."""
    text = translate(t(_template(code, warning), **dict(facts)), lang)
    if not title or text.startswith(title):  # of a rule, which names its fields itself
        return text
    return translate(t("{title}: {problem}", title=title, problem=text), lang)


def _template(code: str, warning: bool) -> str:
    return (warning and issues.OF_WARNINGS.get(code)) or _OF_CODE[code]


def of_repair(repair: Repair) -> Message:
    """Why a value was taken otherwise than it stands in its cell."""
    return t(repairs.SENTENCES[repair.code], **repair.facts)


def repair_kind(code: str) -> Message:
    """What a kind of repair is called where repairs are counted."""
    return t(repairs.KINDS[code])


def issue_line(problem: Issue, lang: str) -> str:
    """A problem on a line of its own, which says so where it is only a warning."""
    return (translate(t(WARNING), lang) if problem.warning else "") + issue(problem, lang)


def of_issue_line(problem: Issue) -> Message:
    """The message that `issue_line` shows."""
    found = of_issue(problem)
    return join("", [t(WARNING), found]) if problem.warning else found


@lru_cache
def status_word(value: Status) -> Multilingual:
    """The status as it is shown in each language, as a fact of messages."""
    words = {lang: status(value, lang) for lang in languages()}
    return Multilingual(words.pop("en"), **words)


def status(value: Status, lang: str, *, look: bool = False) -> str:
    """The word for a status. `look` means a valid order with warnings, which has one of its own."""
    return translate(_LOOK if look else _STATUSES[value], lang)


def status_and_code(value: Status, lang: str, *, look: bool = False) -> str:
    """The status as workbooks have it: in other languages than English, its word and the code."""
    word, code = status(value, lang, look=look), status(value, "en", look=look)
    return code if word == code else f"{word} {code}"
