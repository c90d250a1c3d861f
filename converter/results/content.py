"""What a result workbook reports, before any file is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from converter.mapping.block import Title
from converter.message import Message, t
from converter.messages import translate
from converter.report import Report
from converter.results import palette
from converter.results.order_sheet import OrderSheet

SANDBOX = t("SANDBOX — nothing real was sent")


@dataclass(frozen=True)
class ResultContent:
    """The report, the order sheet that it is about, and how to present both."""

    report: Report
    sheet: OrderSheet
    outputs: tuple[tuple[str, Title], ...] = ()
    lang: str = "en"
    sandbox: bool = False
    remarks: tuple[Message, ...] = ()
    """What is to be said of the workbook itself."""
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Files that outputs name, by what the output says: how one is shown, and its address."""

    @property
    def tab_colour(self) -> str:
        return palette.BANNER.fill if self.sandbox else palette.HEAD.fill

    def say(self, message: Message) -> str:
        return translate(message, self.lang)


def bilingual(label: Message, lang: str) -> str:
    """A label in the reader's language; under it in English, so that scripts find it."""
    return own_and_english(translate(label, lang), str(label))


def own_and_english(own: str, english: str) -> str:
    """The two on lines of their own, or the one that both are."""
    return english if own == english else f"{own}\n{english}"
