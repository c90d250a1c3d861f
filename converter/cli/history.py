"""The history of all runs as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from converter import messages
from converter.cli.summary import counts_text, order_lines
from converter.journal import OpenUnknown, PastRun
from converter.message import N_, t
from converter.messages import translate
from converter.model import Status
from converter.runs.history import History


def history_lines(history: History, lang: str) -> Iterator[str]:
    """Orders in doubt first, then a line for each run."""
    for doubt in history.doubts:
        since = messages.moment(doubt.since) if doubt.since else translate(t("now"), lang)
        facts = {"where": _where(doubt, lang), "reference": doubt.reference, "since": since}
        line = N_("unknown  {where}  {reference}  since {since}  {message}")
        if doubt.status is Status.CANCEL_UNKNOWN:
            line = N_("cancellation unknown  {where}  {reference}  since {since}  {message}")
        yield translate(t(line, **facts, message=doubt.message), lang)
        if doubt.settle_until:
            time = messages.moment(doubt.settle_until)
            settles = translate(t("the next submit after {time} settles it", time=time), lang)
            yield f"         {settles}"
    for run in history.runs:
        counts = counts_text(run.counts, lang)
        state = counts if run.finished else translate(t("not finished"), lang)
        facts = {"run": run.run, "where": _where(run, lang), "sheet": run.sheet, "state": state}
        line = translate(t("run {run}  {where}  {sheet}  {state}", **facts), lang)
        yield f"{line}  {run.result_path}".rstrip()
    if history.report:
        yield from (f"  {line}" for line in order_lines(history.report, lang))
    if history.has_more:
        yield translate(t("There are older runs: converter status --all"), lang)


def _where(one: OpenUnknown | PastRun, lang: str) -> str:
    named = t("{provider} (sandbox)", provider=one.provider)
    return translate(named, lang) if one.sandbox else one.provider
