"""The sheets of one command with their mapping and settings; one sheet is the shortest case.

Only what is light is imported here: the reading of the first sheets, in processes of their own,
has to begin before pandas and the like are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import ConverterError, SheetError, UsageError
from converter.message import COMMA, N_, Message, join, t
from converter.sheet.prefetch import Prefetch

if TYPE_CHECKING:
    from converter.mapping.model import ProviderMapping
    from converter.runs.approval import Origin
    from converter.runs.prepare import Prepared
    from converter.settings import Settings


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a caller can choose, whatever is to be done with the sheets."""

    provider: str
    """The name of a provider, or the path of a mapping file."""
    lang: str
    mappings: Path | None = None
    """A folder of mapping files instead of the shipped ones."""
    action: str | None = None
    orders_per_request: int | None = None
    sandbox: bool = False
    spooled: Path | None = None
    """The file with what came from stdin, which reports call `-`."""
    config: Path | None = None
    """The settings file, instead of those that are looked for."""
    account: str | None = None
    """Which of a provider's accounts in the settings files."""
    output: Path | None = None
    """Where the result goes: a file for one sheet, a folder for several."""
    only: str | None = None
    """The one sheet of the workbook that holds the orders."""
    hidden: str | None = None
    columns: Path | None = None
    profile: str | None = None
    """The name of a kept profile, or a file."""
    products: Path | None = None
    """A product table, in place of the profile's."""
    no_profile: bool = False
    """Use no kept profile, even where one fits."""
    encoding: str | None = None
    files: Path | None = None


_CORRECT_THEM = N_("Nothing was sent or written. Correct those files, or leave them out.")


class UnusableSheets(ConverterError):
    """Some of several files cannot be used as order sheets."""

    code = "SHEETS"


class Session:
    """Sheets that are read ahead and checked one after the other; made by `open_session`.

    A sheet that cannot be used raises where it is the only one. Of several, the others go on, and
    `refuse_unusable` names them all together.
    """

    def __init__(
        self,
        sheets: Sequence[Path],
        options: RunOptions,
        mapping: ProviderMapping,
        values: Settings,
        prefetch: Prefetch,
        origin: Origin,
    ) -> None:
        self.sheets = sheets
        self.options = options
        self.mapping = mapping
        self.values = values
        self.origin = origin
        self._prefetch = prefetch
        self._unusable: dict[Path, ConverterError] = {}

    @property
    def unusable(self) -> dict[Path, ConverterError]:
        """Which of several sheets cannot be used, and why; in the order they were given."""
        return {sheet: self._unusable[sheet] for sheet in self.sheets if sheet in self._unusable}

    def approve(self) -> None:
        """Keep that a person agrees to which host gets which settings by this mapping."""
        from converter.runs import approval

        approval.approve(self.origin, self.mapping, self.values)
        said = approval.objection(self.origin, self.mapping, replace(self.values, objection=""))
        self.values = replace(self.values, objection=said)

    @cached_property
    def targets(self) -> Mapping[Path, Path]:
        """Where the result of each sheet goes. Raises where one of them could not be written."""
        from converter import results

        output = self.options.output
        if len(self.sheets) == 1:
            sheet = self.sheets[0]
            beside = Path(sheet.name) if sheet == self.options.spooled else sheet
            found = [output or results.default_target(beside)]
        elif output is None or output.is_dir():
            found = results.default_targets(self.sheets, output)
        else:
            problem = N_(
                "{folder} is no folder. With several order sheets, give -o a folder that exists: "
                "each result is written there under the name of its sheet."
            )
            raise UsageError(t(problem, folder=output))
        targets = dict(zip(self.sheets, found, strict=True))
        for sheet, target in targets.items():
            results.check_writable(target, sheet)
        return targets

    def prepare_each(
        self, *, check: Callable[[Prepared], None] = lambda _: None
    ) -> Iterator[Prepared]:
        """Every sheet that can be used, read and checked when its turn comes.

        `check` may raise SheetError where a sheet cannot be used after all.
        """
        for place, sheet in enumerate(self.sheets):
            if sheet in self._unusable:
                continue
            try:
                yield self._prepare(place, sheet, check)
            except (SheetError, UsageError) as error:
                self.refuse(sheet, error)
        self._prefetch.close()

    def prepare_all(self) -> list[Prepared]:
        """All sheets, read and checked. Raises where one of them cannot be used."""
        found = list(self.prepare_each())
        self.refuse_unusable()
        return found

    def prepare_one(self) -> Prepared:
        """The sheet of a command that takes only one."""
        return self.prepare_all()[0]

    def refuse(self, sheet: Path, error: ConverterError) -> None:
        """Raise `error`, or of several sheets keep it until the others are done."""
        if len(self.sheets) == 1:
            raise error
        self._unusable[sheet] = error

    def refuse_unusable(self, remedy: str = "") -> None:
        """Raise UnusableSheets if some of several sheets cannot be used."""
        if self._unusable:
            remedy = remedy or t(_CORRECT_THEM)
            lines = [_with_place(sheet, error.args[0]) for sheet, error in self.unusable.items()]
            facts = {"count": len(lines), "all": len(self.sheets), "remedy": remedy}
            problem = N_("{count} of {all} files cannot be used:\n{lines}\n{remedy}")
            raise UnusableSheets(t(problem, lines=join("\n", lines), **facts))

    def _prepare(self, place: int, sheet: Path, check: Callable[[Prepared], None]) -> Prepared:
        from converter.runs.prepare import prepare_sheet
        from converter.runs.profile_choice import ProfileChoice

        options = self.options
        prepared = prepare_sheet(
            sheet,
            self.mapping,
            self.values,
            only=options.only,
            lang=options.lang,
            hidden=options.hidden,
            profiles=ProfileChoice(
                options.profile,
                options.columns,
                options.account or "",
                options.products,
                not options.no_profile,
            ),
            encoding=options.encoding,
            files=options.files,
            reading=self._prefetch.file(place),
        )
        if sheet == options.spooled:
            prepared = replace(prepared, given_as="-")
        check(prepared)
        return prepared


Play = Callable[["ProviderMapping"], AbstractContextManager[Mapping[str, str]]]
"""Plays a provider as long as the context lasts; gives the settings that lead to it."""


@contextmanager
def open_session(
    sheets: Sequence[Path], options: RunOptions, *, play: Play | None = None
) -> Iterator[Session]:
    """Begin to read the sheets, load the mapping and its settings, and start the sandbox if asked.

    With `play`, that is what plays the provider instead of the sandbox. Raises UsageError,
    MappingError or SettingsError.
    """
    _check_options(options)
    _refuse_repeated(sheets)
    # Reading takes longest and is a process of its own: it begins before all else is loaded.
    with closing(Prefetch(sheets, only=options.only)) as prefetch:
        mapping, origin = _mapping(options)
        with _connected(mapping, origin, options, play) as values:
            session = Session(sheets, options, mapping, values, prefetch, origin)
            for sheet in sheets:
                try:
                    _check_readable(sheet)
                except UsageError as error:
                    session.refuse(sheet, error)
            yield session


def _mapping(options: RunOptions) -> tuple[ProviderMapping, Origin]:
    """The mapping with the batch size that was asked for, and where it came from.

    Raises UsageError for an odd action.
    """
    from converter.mapping.load import find_mapping, load_mapping
    from converter.runs.approval import origin_of

    path = find_mapping(options.provider, options.mappings)
    mapping = load_mapping(path)
    origin = origin_of(path, mapping)
    action, request = options.action, mapping.request
    if action is not None and action not in request.actions:
        known = join(COMMA, request.actions)
        known = known or t("it has one only, so leave --action out")
        problem = N_("{provider} has no action {action}. Its actions: {known}.")
        facts = {"provider": mapping.provider, "action": repr(action), "known": known}
        raise UsageError(t(problem, **facts))
    if options.orders_per_request is None:
        return mapping, origin
    most = min(options.orders_per_request, request.orders_per_request)
    request = request.model_copy(update={"orders_per_request": most})
    return mapping.model_copy(update={"request": request}), origin


@contextmanager
def _connected(
    mapping: ProviderMapping, origin: Origin, options: RunOptions, play: Play | None
) -> Iterator[Settings]:
    """The provider's settings, with the sandbox running where it is asked for."""
    from converter import settings
    from converter.mapping.load import available_mappings
    from converter.runs import approval

    play = play or (_sandbox if options.sandbox else None)
    with play(mapping) if play else nullcontext() as environment:
        values = settings.load(
            mapping,
            sandbox=environment,
            config=options.config,
            account=options.account,
            known=available_mappings(options.mappings),
            unread=approval.unread(origin, mapping),
        )
        yield replace(values, objection=approval.objection(origin, mapping, values))


@contextmanager
def _sandbox(mapping: ProviderMapping) -> Iterator[Mapping[str, str]]:
    """The sandbox for this run, on a free port; the orders it creates outlive the run."""
    from converter import sandbox, settings
    from converter.runs.samples import script_of

    book = settings.folder("sandbox") / "book.jsonl"
    script = script_of(mapping)
    scripts = [script] if script else []
    with sandbox.serve(book=book, stall_seconds=30.0, scripts=scripts) as running:
        yield running.environment


def known_language(lang: str) -> str:
    """The language, if it can be chosen. Raises UsageError where it has no catalogue."""
    from converter import messages

    if lang not in messages.languages():
        problem = N_("There is no language {lang}. Choose one of these: {known}.")
        known = join(COMMA, messages.languages())
        raise UsageError(t(problem, lang=repr(lang), known=known))
    return lang


def _check_options(options: RunOptions) -> None:
    """Check what the command line has checked already, for those who call from Python."""
    known_language(options.lang)
    if options.hidden not in (None, "include", "exclude"):
        problem = N_("Hidden rows are to be 'include' or 'exclude', not {found}.")
        raise UsageError(t(problem, found=repr(options.hidden)))
    most = options.orders_per_request
    if most is not None and (type(most) is not int or most < 1):
        problem = N_("Orders per request are to be a whole number above 0, not {found}.")
        raise UsageError(t(problem, found=repr(most)))
    if options.profile is not None and options.no_profile:
        raise UsageError(t("Give --profile or --no-profile, not both."))
    if options.files is not None and not options.files.is_dir():
        problem = N_("{folder} is no folder. Give the folder of the files that cells name.")
        raise UsageError(t(problem, folder=options.files))


def _check_readable(sheet: Path) -> None:
    if not sheet.exists():
        raise UsageError(t("There is no file {file}. Check the name and the folder.", file=sheet))
    if not sheet.is_file():
        raise UsageError(t("{file} is not a file. Give an order sheet: .xlsx or .csv.", file=sheet))
    if sheet.name.startswith("~$"):
        problem = N_("{file} is Excel's own lock file. Give the workbook itself.")
        raise UsageError(t(problem, file=sheet.name))


def _refuse_repeated(sheets: Sequence[Path]) -> None:
    together = Path(" ".join(map(str, sheets)))
    if together.is_file() and not all(sheet.exists() for sheet in sheets):
        problem = N_("{file} has a space in its name. Put the name in quotes.")
        raise UsageError(t(problem, file=together))
    for place, sheet in enumerate(sheets):
        for before in sheets[:place]:
            if sheet == before:
                raise UsageError(t("{file} is given twice. Give it once.", file=sheet))
            if sheet.exists() and before.exists() and sheet.samefile(before):
                problem = N_("{file} and {other} are the same file. Give it once.")
                raise UsageError(t(problem, file=before, other=sheet))


def _with_place(sheet: Path, problem: str) -> str:
    """What is wrong with one of several files, beginning with its name as it was given."""
    if str(sheet) in problem:
        return problem
    named = problem
    if isinstance(problem, Message):
        named = problem.with_facts(lambda fact: str(sheet) if fact == sheet.name else fact)
    return named if named != problem else t("{place}: {problem}", place=sheet, problem=problem)
