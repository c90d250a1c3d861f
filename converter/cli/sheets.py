"""Several sheets in one call: read side by side, sent one after the other, told together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from converter import messages
from converter.cli import session
from converter.errors import ConverterError, SheetError, UsageError
from converter.messages.sentence import Sentence, in_language, joined, t

if TYPE_CHECKING:
    from converter.mapping.model import ProviderMapping
    from converter.model import Report
    from converter.runs.prepare import Prepared
    from converter.settings import Settings
    from converter.sheet.prefetch import Prefetch


def check_sheets(sheets: Sequence[Path], **options: Any) -> NoReturn:
    """Check each and write its result workbook; those that cannot be used are named at the end."""
    with _opened(sheets, options) as call:
        from converter.runs.check import check_sheet

        targets = call.targets()
        for prepared in call.each():
            call.tell(check_sheet(prepared, target=targets[prepared.path]))
            del prepared  # before the next one is made
        call.refuse_unusable(t("The other files were checked."))
    call.end()


def convert_sheets(sheets: Sequence[Path], **options: Any) -> NoReturn:
    """Print the requests of all sheets, if all of them can be used."""
    output: Path | None = options["output"]
    with _opened(sheets, options) as call:
        import orjson

        from converter.provider.request import Signer
        from converter.runs.check import conversion_report, convert_sheet

        for sheet in sheets:
            session.refuse_as_output(output, sheet)
        signer = Signer(call.mapping, call.values, options["action"], masked=True)
        waiting = call.all()

        def lines() -> Iterator[bytes]:
            while waiting:
                prepared = waiting.pop(0)
                more: dict[str, Any] = {}
                requests = (orjson.dumps(one) for one in convert_sheet(prepared, signer))
                if call.as_json and output is None:
                    more["requests"] = [orjson.Fragment(line) for line in requests]
                yield from (line + b"\n" for line in requests)
                call.tell(conversion_report(prepared), **more)

        session.put(lines(), output)
    call.end()


def submit_sheets(sheets: Sequence[Path], **options: Any) -> NoReturn:
    """Check all sheets and, if all of them can be used, send them one after the other."""
    with session.stoppable(), _opened(sheets, options) as call:
        from converter.provider.request import Signer
        from converter.runs.submit import in_turn, orders_to_send, refuse_twice

        values, lang = call.values, call.lang
        signer = Signer(call.mapping, values, options["action"])
        values.require()
        targets = call.targets()
        waiting = call.all(check=refuse_twice)
        address = values.values["base_url"]
        session.say_once_about_http(call.mapping, address, lang)
        how = session.sending(call.mapping, values, signer, **options)

        def agreed() -> bool:
            most = sum(orders_to_send(prepared) for prepared in waiting)
            asks = most and session.asks(values, **options)
            return not asks or session.confirm_several(lang, most, len(sheets), address)

        with in_turn(call.mapping, how, agreed=agreed) as queue:
            was_over = False
            while waiting:
                prepared = waiting.pop(0)
                if queue.is_over and not was_over:
                    call.say("stopping_several")
                was_over = queue.is_over
                place = len(sheets) - len(waiting)
                try:
                    with call.progress(prepared.path, place) as progress:
                        one = replace(how, progress=progress)
                        report = queue.submit(prepared, one, target=targets[prepared.path])
                except ConverterError as error:
                    _name_unsent(error, prepared.path, [other.path for other in waiting])
                    raise
                call.tell(report)
                del prepared, report  # neither is needed while the next one is sent
    call.end()


def _name_unsent(error: ConverterError, sheet: Path, others: Sequence[Path]) -> None:
    texts = [error.args[0], t("There is no result for {sheet}.", sheet=sheet)]
    if others:
        names = ", ".join(map(str, others))
        texts.append(t("Nothing was sent of {names}, and there is no result for it.", names=names))
    error.args = (joined("\n", texts),)


# -- one call ----------------------------------------------------------------------------------


class _Unusable(ConverterError):
    """Some of the files cannot be used as order sheets."""


class _Call:
    """The sheets of one call, what was asked for, and what has been told of them."""

    def __init__(
        self,
        sheets: Sequence[Path],
        options: dict[str, Any],
        mapping: ProviderMapping,
        values: Settings,
        ahead: Prefetch,
    ) -> None:
        from converter.cli import report

        self.mapping = mapping
        self.values = values
        self.lang: str = options["lang"] or messages.default_language()
        self.as_json: bool = options["as_json"]
        self.documents: list[Any] = []
        self._sheets = sheets
        self._options = options
        self._ahead = ahead
        self._unusable: list[str] = []
        self._combined = report.Combined(mapping.provider)

    def each(self, *, check: Callable[[Prepared], None] = lambda _: None) -> Iterator[Prepared]:
        """Every sheet that can be used, read and checked when its turn comes.

        `check` may raise SheetError where one cannot be used after all.
        """
        from converter.runs.prepare import prepare_sheet

        asked = {
            name: self._options[name] for name in ("only", "hidden", "columns", "encoding", "files")
        }
        for place, sheet in enumerate(self._sheets):
            try:
                session.check_readable(sheet)
                prepared = prepare_sheet(
                    sheet,
                    self.mapping,
                    self.values,
                    lang=self.lang,
                    reading=self._ahead.file(place),
                    **asked,
                )
                check(prepared)
                yield prepared
                del prepared  # the next one is made now
            except (SheetError, UsageError) as error:
                self._unusable.append(_about(sheet, error.args[0]))
                self.documents.append(_document(sheet, error, self.lang))

    def all(self, *, check: Callable[[Prepared], None] = lambda _: None) -> list[Prepared]:
        """All sheets, read and checked. Raises where one of them cannot be used."""
        found = list(self.each(check=check))
        remedy = "Nothing was sent or written. Correct those files, or leave them out."
        self.refuse_unusable(t(remedy))
        self._ahead.close()
        return found

    def refuse_unusable(self, remedy: str) -> None:
        if self._unusable:
            facts = {"count": len(self._unusable), "all": len(self._sheets), "remedy": remedy}
            problem = "{count} of {all} files cannot be used:\n{lines}\n{remedy}"
            raise _Unusable(t(problem, lines=joined("\n", self._unusable), **facts))

    def targets(self) -> dict[Path, Path]:
        """Where the result of each sheet is to be written, once it is known that it can be."""
        from converter import results

        folder: Path | None = self._options["output"]
        if folder is not None and not folder.is_dir():
            problem = (
                "{folder} is no folder. With several order sheets, give -o a folder that exists: "
                "each result is written there under the name of its sheet."
            )
            raise UsageError(t(problem, folder=folder))
        found = results.default_targets(self._sheets, folder)
        for sheet, target in zip(self._sheets, found, strict=True):
            results.check_writable(target, sheet)
        return dict(zip(self._sheets, found, strict=True))

    def say(self, code: str, **facts: object) -> None:
        session.talk([messages.say(code, self.lang, **facts)])

    @contextmanager
    def progress(self, sheet: Path, place: int) -> Iterator[Callable[[int, int], None]]:
        """As for one sheet, after a line that names it; silent where nothing is sent."""
        with session.progress(self.lang) as tell:
            is_named = False

            def advance(done: int, total: int) -> None:
                nonlocal is_named
                if not is_named:
                    self.say("file_begins", sheet=sheet, place=place, files=len(self._sheets))
                is_named = True
                tell(done, total)

            yield advance

    def tell(self, report: Report, **more: Any) -> None:
        """Tell what became of one sheet, and keep only what is told at the end."""
        import orjson

        from converter.cli import report as reporting

        session.talk(reporting.told(report, self.lang))
        self._combined.add(report)
        if self.as_json:
            document = {**reporting.as_document(report, self.lang), **more}
            self.documents.append(orjson.Fragment(orjson.dumps(document)))

    def end(self) -> NoReturn:
        """Tell all together, and leave with the exit code."""
        session.talk(self._combined.talk(self.lang))
        if self.as_json:
            session.print_json(self._combined.document(self.documents))
        sys.exit(int(self._combined.exit_code))


@contextmanager
def _opened(sheets: Sequence[Path], options: dict[str, Any]) -> Iterator[_Call]:
    """The call begun: its first sheets are being read, and the sandbox runs where it is asked."""
    provider: str = options["provider"]
    call: _Call | None = None
    try:
        _refuse_twice(sheets)
        from converter.sheet.prefetch import Prefetch

        with closing(Prefetch(sheets, only=options["only"])) as ahead:
            asked = (options["mappings"], options["action"], options["batch"])
            mapping = session.mapping_for(provider, *asked)
            with session.connected(mapping, sandbox=options["sandbox"]) as values:
                call = _Call(sheets, options, mapping, values, ahead)
                yield call
    except ConverterError as error:
        if options["as_json"]:
            lang = options["lang"] or messages.default_language()
            document = {"schema_version": 1, "error": error.in_language(lang),
                        "provider": provider, "exit_code": int(error.exit_code),
                        "sheets": call.documents if call else []}  # fmt: skip
            session.print_json(document)
        raise


def _refuse_twice(sheets: Sequence[Path]) -> None:
    together = Path(" ".join(map(str, sheets)))
    if together.is_file() and not all(sheet.exists() for sheet in sheets):
        problem = "{file} has a space in its name. Put the name in quotes."
        raise UsageError(t(problem, file=together))
    for place, sheet in enumerate(sheets):
        for before in sheets[:place]:
            if sheet == before:
                raise UsageError(t("{file} is given twice. Give it once.", file=sheet))
            if sheet.exists() and before.exists() and sheet.samefile(before):
                problem = "{file} and {other} are the same file. Give it once."
                raise UsageError(t(problem, file=before, other=sheet))


def _about(sheet: Path, problem: str) -> str:
    """What is wrong with one of several files, beginning with its name as it was given."""
    if str(sheet) in problem:
        return problem
    texts = [
        in_language(problem, lang).removeprefix(sheet.name).lstrip(":： ")
        for lang in messages.LANGUAGES
    ]
    return t("{place}: {problem}", place=sheet, problem=Sentence(*texts))


def _document(sheet: Path, error: ConverterError, lang: str) -> dict[str, Any]:
    code = getattr(error, "code", "")
    return {"sheet": str(sheet), "error": error.in_language(lang),
            "exit_code": int(error.exit_code), **({"code": code} if code else {})}  # fmt: skip
