"""A report into what the result workbook tells: pages of our own and marks on the order sheet.

All of it are values; the workbook rooms put them on sheets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from converter import messages
from converter.mapping.model import Title
from converter.messages.sentence import in_language
from converter.model import (
    DECISION_TITLE,
    FOUND_TITLE,
    IN_DOUBT,
    RESULTS_SHEET,
    SUMMARY_SHEET,
    Cell,
    Issue,
    Report,
    Result,
    Status,
)
from converter.results import looks
from converter.results.looks import Look

_NUMBER = re.compile(r"\d+")

MOST_LINES = 20
MOST_WARNINGS = 1_000

MOST_NOTES = 10_000
"""Each note is a shape: more of them and the workbook no longer opens in reasonable time."""

SIGNED = f"{looks.AUTHOR}:\n"
"""How our notes begin, as Excel's own do: the next run takes away these and no others. The
author alone would not do, since LibreOffice forgets it."""


@dataclass(frozen=True)
class SheetView:
    """The order sheet as it was read, in Excel's terms.

    `rows` gives every row but the header with its number and its texts, blank ones as "".
    """

    name: str
    header_row: int
    letters: tuple[str, ...]
    titles: tuple[str, ...]
    row_count: int
    rows: Callable[[], Iterable[tuple[int, Sequence[str]]]]
    others: tuple[SheetView, ...] = ()
    """Sheets with the boxes and items of these orders; of those `rows` gives every row."""


@dataclass(frozen=True, slots=True)
class Value:
    """One cell of a page; `link` is a place in this workbook."""

    content: str | int = ""
    look: Look = looks.PLAIN
    link: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of our own."""

    name: str
    widths: tuple[int, ...]
    rows: Iterable[Sequence[Value]]
    tab: str
    titled: int = 0
    """So many columns are titled by row 1, which stays in sight and filters them; 0 for none."""


@dataclass(frozen=True)
class Marks:
    """What is written on the customer's sheets: by row of the order sheet, and by cell of any."""

    statuses: dict[int, Status] = field(default_factory=dict)
    messages: dict[int, str] = field(default_factory=dict)
    cells: dict[str, dict[tuple[int, str], list[Issue]]] = field(default_factory=dict)
    """By the sheet's name, then by row and letters of the column."""


def note(issues: Iterable[Issue], lang: str) -> str:
    """What our note on a cell says."""
    lines = dict.fromkeys(messages.issue(issue, lang, place=False) for issue in issues)
    return SIGNED + "\n".join(lines)[:2_000]


def fill(issues: Iterable[Issue]) -> str:
    """The colour of a cell: red where something is wrong, amber where it is only doubtful."""
    return looks.AMBER if all(issue.warning for issue in issues) else looks.RED


_COLUMNS = {
    "reference": 26,
    "status": 17,
    "message": 64,
    "order_no": 24,
    "tracking_no": 24,
    "rows": 11,
    "attempts": 10,
    "time": 27,
    "request_id": 36,
}
"""Columns of Results and how wide they are; the mapping's own outputs follow."""


@dataclass(frozen=True)
class Story:
    """Everything that the workbook tells, before any file is touched."""

    report: Report
    sheet: SheetView
    outputs: tuple[tuple[str, Title], ...] = ()
    lang: str = "en"
    sandbox: bool = False
    notes: tuple[str, ...] = ()
    """Codes of what is to be said of the workbook itself."""

    def say(self, key: str, **facts: object) -> str:
        return messages.say(key, self.lang, **facts)

    @property
    def _tab(self) -> str:
        return looks.BANNER.fill if self.sandbox else looks.HEAD.fill

    # -- Results -------------------------------------------------------------------------------

    def results(self, sheet_name: str, others: Collection[str] = ()) -> Page:
        """One row per order, in the sheet's order.

        Links point into the order sheet, which is called `sheet_name` here, and into those of
        the `others` that the workbook holds. Scripts find the columns by row 1, so that nothing
        may stand above it.
        """
        titles = [_in_both(f"results_{key}", self.lang) for key in _COLUMNS]
        titles += [f"{t.en}\n{t.zh}" if self.lang == "zh" else t.en for _, t in self.outputs]
        head = [Value(title, looks.HEAD) for title in titles]
        widths = [*_COLUMNS.values(), *(24 for _ in self.outputs)]
        if self._to_decide:
            head += [Value(title, looks.HEAD) for title in (DECISION_TITLE, FOUND_TITLE)]
            titles += [DECISION_TITLE, FOUND_TITLE]
            widths += [22, 24]
        if self.sandbox:
            head.append(Value(self.say("results_sandbox"), looks.BANNER_IN_ROW))
            widths.append(38)

        def rows() -> Iterator[list[Value]]:
            yield head
            for result in self.report.results:
                yield self._row(result, sheet_name, others)

        return Page(RESULTS_SHEET, tuple(widths), rows(), self._tab, titled=len(titles))

    @property
    def _to_decide(self) -> bool:
        """Orders in doubt get two columns for what a person finds out; others need none."""
        return any(result.status in IN_DOUBT for result in self.report.results)

    def _row(self, result: Result, sheet_name: str, others: Collection[str]) -> list[Value]:
        link = ""
        for issue in sorted(result.issues, key=lambda issue: issue.warning):
            name = sheet_name if issue.cell.sheet == self.sheet.name else issue.cell.sheet
            if name == sheet_name or name in others:
                column = issue.cell.column or next(iter(self.sheet.letters), "A")
                quoted = name.replace("'", "''")
                link = f"'{quoted}'!{column}{issue.cell.row}"
                break
        linked = 0 if result.reference else list(_COLUMNS).index("rows")
        values = [
            Value(result.reference),
            Value(messages.status(result.status, self.lang), looks.of_status(result.status)),
            Value("\n".join(self._lines(result)), looks.WRAPPED),
            Value(_joined(result, lambda part: part.provider_order_no), looks.WRAPPED),
            Value(_joined(result, lambda part: part.tracking_no), looks.WRAPPED),
            Value(_rows_text(result.rows), looks.CENTRED),
            Value(result.attempts or sum(p.attempts for p in result.parts), looks.CENTRED),
            Value(result.time or max((part.time for part in result.parts), default="")),
            Value(_joined(result, lambda part: part.request_id), looks.WRAPPED),
        ]
        values += [Value(_joined(result, _output(name)), looks.WRAPPED) for name, _ in self.outputs]
        if link:
            values[linked] = Value(values[linked].content, looks.LINK, link)
        return values

    def _lines(self, result: Result) -> list[str]:
        """What is known of one order, a line for each thing."""
        lines = self._told(result)
        issues = self._issues(result)
        if issues.keys() & set(lines):
            return lines  # the message spells them out itself
        lines += list(issues)[:MOST_LINES]
        if len(issues) > MOST_LINES:
            lines.append(self.say("more_issues", count=len(issues) - MOST_LINES))
        return lines

    def _issues(self, result: Result) -> dict[str, None]:
        return dict.fromkeys(messages.issue(issue, self.lang) for issue in result.issues)

    def _general(self, result: Result) -> list[str]:
        """What concerns all rows of an order: its message without what stands at its cells."""
        lines = self._told(result)
        issues = self._issues(result)
        if not issues.keys() & set(lines):
            return lines
        return [line for line in lines if line not in issues and not self._counts_more(line)]

    def _counts_more(self, line: str) -> bool:
        """Whether the line only says how many issues are left out."""
        return any(line == self.say("more_issues", count=n) for n in _NUMBER.findall(line)[:1])

    def _told(self, result: Result) -> list[str]:
        """The order's own message, else what became of each of its parts."""
        if result.message:
            return result.message.split("\n")
        lines = [
            self.say(
                "part",
                reference=part.reference,
                status=messages.status(part.status, self.lang),
                number=part.provider_order_no,
                message=part.message,
            )
            for part in result.parts
        ]
        return [_in_one_line(line) for line in lines]

    # -- the order sheet -----------------------------------------------------------------------

    def marks(self) -> Marks:
        """Statuses and messages by row of the order sheet, issues by cell."""
        marks = Marks()
        by_row: dict[int, list[str]] = {}

        for issue in (*(i for r in self.report.results for i in r.issues), *self.report.warnings):
            cells = marks.cells.setdefault(issue.cell.sheet, {})
            found = cells.setdefault((issue.cell.row, issue.cell.column), [])
            if issue not in found:
                found.append(issue)
                if issue.cell.sheet == self.sheet.name:
                    text = messages.issue(issue, self.lang, place=False)
                    by_row.setdefault(issue.cell.row, []).append(text)
        for result in self.report.results:
            told = self._general(result)
            for key, number in (
                ("results_has_order_no", _joined(result, lambda part: part.provider_order_no)),
                ("results_has_tracking_no", _joined(result, lambda part: part.tracking_no)),
            ):
                if number and not result.parts:
                    told.append(self.say(key, number=number))
            wrong = {self._at(issue.cell): 0 for issue in result.issues if not issue.warning}
            elsewhere = self.say("results_elsewhere", cells=", ".join(list(wrong)[:5]))
            for row in result.rows:
                own = by_row.pop(row, [])
                if not own and not told and wrong:
                    own = [elsewhere]
                marks.statuses[row] = result.status
                marks.messages[row] = " | ".join(map(_in_one_line, told + own))
        for row, texts in by_row.items():
            if row > self.sheet.header_row:
                marks.messages[row] = " | ".join(map(_in_one_line, texts))
        return marks

    def _at(self, cell: Cell) -> str:
        return str(cell) if cell.sheet != self.sheet.name else f"{cell.column}{cell.row}"

    # -- Summary -------------------------------------------------------------------------------

    def summary(self) -> Page:
        return Page(SUMMARY_SHEET, (30, 110), self._summary_rows(), self._tab)

    def _summary_rows(self) -> Iterator[list[Value]]:
        report = self.report
        yield [Value(_in_both("results_summary", self.lang).replace("\n", " "), looks.TITLE)]
        if self.sandbox:
            yield [Value(self.say("results_sandbox"), looks.BANNER), Value("", looks.BANNER)]
        if report.stopped:
            label = self.say("results_stopped")
            why = in_language(report.stopped, self.lang)
            yield [Value(label, looks.STOPPED), Value(why, looks.STOPPED)]
        yield []
        for word, number in report.counts.items():
            status = Status(word)
            yield [
                Value(messages.status(status, self.lang), looks.of_status(status)),
                Value(number),
            ]
        yield [Value(self.say("results_orders"), looks.LABEL), Value(len(report.results))]
        yield []
        for label, fact in report.facts.items():
            yield [Value(self._fact(label), looks.LABEL), Value(fact, looks.WRAPPED)]
        found = [messages.issue(issue, self.lang) for issue in report.warnings]
        found, more = found[:MOST_WARNINGS], len(found) - MOST_WARNINGS
        if more > 0:
            found.append(self.say("more_issues", count=more))
        told = [in_language(note, self.lang) for note in report.notes]
        notes = [*told, *map(self.say, self.notes)]
        for key, lines in (("results_notes", notes), ("results_warnings", found)):
            if lines:
                yield []
                yield [Value(self.say(key), looks.SECTION)]
                yield from ([Value("", looks.LABEL), Value(line, looks.WRAPPED)] for line in lines)

    def _fact(self, label: str) -> str:
        """The facts that every run has are named in the reader's language, others as given."""
        try:
            return self.say(f"results_fact_{label}")
        except KeyError:
            return label


SUMMARY_HEAD = 20
"""So many rows of Summary tell of the run, at most; then come notes and warnings."""


def is_results(titles: Iterable[str]) -> bool:
    """Whether a sheet called Results is ours: a customer's own may begin with Reference too."""
    own = {messages.say(f"results_{key}", "en") for key in _COLUMNS}
    found = {title.split("\n")[0] for title in titles}
    return len(found & own) > len(own) // 2


def is_summary(labels: Iterable[str]) -> bool:
    """Whether a sheet called Summary is ours: it names the file of a run, and its fingerprint."""
    found = set(labels)
    facts = ("provider", "file", "sha256")
    told = (
        {messages.say(f"results_fact_{fact}", lang) for fact in facts}
        for lang in messages.LANGUAGES
    )
    return any(names <= found for names in told)


def row_height(values: Sequence[Value], widths: Sequence[int]) -> float:
    """Points that show the whole row."""
    lines, largest = 1, 0
    for value, width in zip(values, widths, strict=False):
        look = value.look
        if look.wrap and value.content and isinstance(value.content, str):
            # widths count letters of the usual 11 points, and wrapped text has 10
            lines = max(lines, looks.line_count(value.content, width * 11 // 10))
        if look.size > largest:
            largest = look.size
    return looks.row_height(lines, size=largest or 10)


def _rows_text(rows: Sequence[int]) -> str:
    """`2, 3` or `2-9, 14`."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )


def _in_both(key: str, lang: str) -> str:
    """A label that scripts find by its English first line; in Chinese with the Chinese below."""
    english = messages.say(key, "en")
    return f"{english}\n{messages.say(key, 'zh')}" if lang == "zh" else english


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _joined(result: Result, read: Callable[[Result], str]) -> str:
    """A value of the order, or those of its parts."""
    own = read(result)
    if own or not result.parts:
        return own
    return "; ".join(value for value in dict.fromkeys(map(read, result.parts)) if value)


def _output(name: str) -> Callable[[Result], str]:
    return lambda result: result.outputs.get(name, "")
