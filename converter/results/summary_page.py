"""The sheet Summary: counts, facts of the run, notes and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter import messages
from converter.message import t
from converter.messages import translate
from converter.model import SUMMARY_SHEET, Status
from converter.report import and_more
from converter.results import palette
from converter.results.content import SANDBOX, ResultContent, bilingual
from converter.results.page import Page, PageCell

FACTS = {
    "provider": t("Provider"),
    "file": t("File"),
    "sha256": t("SHA-256"),
    "profile": t("Profile"),
    "time": t("Time"),
    "run": t("Run"),
    "journal": t("Journal"),
    "mark": t("Journal mark"),
    "attempt": t("Last attempt"),
    "version": t("Version"),
}
"""Labels of the facts of every run."""

MOST_WARNINGS = 1_000

HEAD_ROWS = 20
"""The facts of the run take at most so many rows; notes and warnings follow."""


def summary_page(content: ResultContent) -> Page:
    return Page(SUMMARY_SHEET, (30, 110), _rows(content), content.tab_colour)


def _rows(content: ResultContent) -> Iterator[list[PageCell]]:
    report, lang = content.report, content.lang
    if content.sandbox:
        banner = content.say(SANDBOX)
        yield [PageCell(banner, palette.BANNER), PageCell("", palette.BANNER)]
    yield [PageCell(bilingual(t("Summary"), lang).replace("\n", " "), palette.TITLE)]
    if report.stopped:
        label = content.say(t("Stopped early"))
        why = translate(report.stopped, lang)
        yield [PageCell(label, palette.STOPPED), PageCell(why, palette.STOPPED)]
    yield []
    look = sum(1 for result in report.orders if result.is_to_look_at)
    for word, number in report.counts.items():
        status = Status(word)
        plain = number - look if status is Status.VALID else number
        if plain:
            yield _count(status, plain, lang)
        if status is Status.VALID and look:
            yield _count(status, look, lang, look=True)
    orders = content.say(t("Orders"))
    yield [PageCell(orders, palette.LABEL), PageCell(len(report.orders))]
    yield []
    for name, fact in report.facts.items():
        yield [PageCell(_fact_label(content, name), palette.LABEL), PageCell(fact, palette.WRAPPED)]
    notes = [translate(note, lang) for note in report.notes]
    notes += map(content.say, content.remarks)
    for title, lines in ((t("Notes"), notes), (t("Warnings"), _warnings(content))):
        if lines:
            yield []
            yield [PageCell(content.say(title), palette.SECTION)]
            for line in lines:
                yield [PageCell("", palette.LABEL), PageCell(line, palette.WRAPPED)]


def _count(status: Status, number: int, lang: str, *, look: bool = False) -> list[PageCell]:
    word = messages.status_and_code(status, lang, look=look)
    return [PageCell(word, palette.status_style(status, look=look)), PageCell(number)]


def _warnings(content: ResultContent) -> list[str]:
    lines = [messages.issue(issue, content.lang) for issue in content.report.warnings]
    if len(lines) > MOST_WARNINGS:
        return [*lines[:MOST_WARNINGS], content.say(and_more(len(lines) - MOST_WARNINGS))]
    return lines


def _fact_label(content: ResultContent, name: str) -> str:
    """The facts of every run are named in the reader's language, others as given."""
    return content.say(FACTS[name]) if name in FACTS else name


def is_summary_page(labels: Iterable[str]) -> bool:
    """Whether a sheet called Summary is ours: it names a run's file and its SHA-256."""
    found = set(labels)
    facts = ("provider", "file", "sha256")
    return any(
        found.issuperset(translate(FACTS[fact], lang) for fact in facts)
        for lang in messages.languages()
    )
