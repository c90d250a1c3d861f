"""Every sentence that people read about their orders, in English and Chinese.

The rooms speak in codes and facts; this one turns them into sentences.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from converter.messages import form, issues, talk
from converter.messages.sentence import filled
from converter.model import Issue, Status

LANGUAGES = ("en", "zh")

_STATUS_ZH = {
    Status.ACCEPTED: "已接受",
    Status.PARTIAL: "部分成功",
    Status.REJECTED: "被拒绝",
    Status.DUPLICATE: "重复单号",
    Status.INVALID: "数据有误",
    Status.UNKNOWN: "结果不明",
    Status.NOT_SENT: "未发送",
    Status.VALID: "校验通过",
}

_SAY = {**form.SENTENCES, **issues.SENTENCES, **talk.SENTENCES}


def default_language() -> str:
    """The system's language: `zh` where it is Chinese, else `en`."""
    found = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    name = (found or locale.getlocale()[0] or "").lower()
    return "zh" if name.startswith(("zh", "chinese")) else "en"  # Windows spells it out


def asked_language(words: Sequence[str]) -> str:
    """The language of a command line: what `--lang` says in it, else the system's."""
    for word, after in pairwise((*words, "")):
        asked = after if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and asked in LANGUAGES:
            return asked
    return default_language()


def say(code: str, lang: str, **facts: object) -> str:
    """The sentence of a code. Facts are put in as they are, never read as a format."""
    return filled(_SAY[code][lang == "zh"], lang, facts)


def moment(epoch: float) -> str:
    """A moment as people read it, in this machine's zone."""
    return datetime.fromtimestamp(epoch, UTC).astimezone().isoformat(" ", "seconds")


def issue(problem: Issue, lang: str, *, place: bool = True) -> str:
    """`Orders!D12 Quantity: expected a whole number, found 'two'. ...`"""
    text = _of_cell(problem.code, lang, problem.title, tuple(problem.facts.items()))
    return f"{problem.cell} {text}" if place else text


@lru_cache(maxsize=1 << 16)
def _of_cell(code: str, lang: str, title: str, facts: tuple[tuple[str, object], ...]) -> str:
    """The same mistake is often made in thousands of cells, and each is told of in three places."""
    text = say(code, lang, **dict(facts))
    return f"{title}: {text}" if title else text


def status(value: Status, lang: str) -> str:
    """The status as shown in a workbook: the code, and in Chinese its translation too."""
    return f"{value} {_STATUS_ZH[value]}" if lang == "zh" else str(value)
