"""The Python API: what the command line does, as functions that return values.

Whatever loads slowly is imported inside the functions, so that `import converter` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from converter.errors import MappingError

if TYPE_CHECKING:
    from converter.errors import Fault
    from converter.mapping.listing import ListedProvider
    from converter.model import Issue
    from converter.profiles.model import Profile
    from converter.report import Report
    from converter.runs.cancel_plan import CancelPlan
    from converter.runs.convert import Conversion
    from converter.runs.history import History
    from converter.runs.proposal import Proposal
    from converter.runs.session import Session

StrPath = str | Path


class SheetOptions(TypedDict, total=False):
    """What can be chosen about a sheet; each one is an option of the command line too.

    - `mappings`: a folder of mapping files instead of the shipped ones.
    - `config`: a settings file, instead of those that are looked for.
    - `account`: which account of the provider, where the settings files have several.
    - `action`: what the provider is to do, where it offers several things.
    - `orders_per_request`: send fewer orders in one request than the mapping allows.
    - `sandbox`: use pretend providers on this machine; nothing real is sent.
    - `lang`: the language of messages and workbook; by default the system's.
    - `sheet_name`: which sheet of the workbook; by default the one that holds orders.
    - `hidden_rows`: `include` or `exclude`; needed where rows are hidden or filtered.
    - `encoding`: of a text file, such as `gb18030`; detected by default.
    - `columns`: a file with your own choice of columns, written by the first run and read by the
      next ones.
    - `profile`: what you said about this layout: the name of a kept profile, or a file. By default
      a kept one is used where the titles are its own.
    - `no_profile`: use no kept profile, even where one fits.
    - `products`: a product table, by SKU, for blank declared data; by default the profile's.
    - `files`: the folder of the files that cells name; by default the sheet's own.

    A value that cannot be used raises UsageError.
    """

    mappings: StrPath | None
    config: StrPath | None
    account: str | None
    action: str | None
    orders_per_request: int | None
    sandbox: bool
    lang: str | None
    sheet_name: str | None
    hidden_rows: str | None
    encoding: str | None
    columns: StrPath | None
    profile: str | None
    no_profile: bool
    products: StrPath | None
    files: StrPath | None


def check(
    sheet: StrPath,
    *,
    provider: str,
    output: StrPath | None = None,
    **options: Unpack[SheetOptions],
) -> Report:
    """Read and check a sheet, and write the result workbook. Nothing is sent.

    `provider` is a name or the path of a mapping file; `output` is where the result workbook
    goes, by default `<sheet>.result.xlsx` beside the sheet; `SheetOptions` lists the `options`.
    Raises ConverterError where the file
    cannot be used at all; wrong cells are issues in the report.

    >>> report = converter.check("orders.xlsx", provider="scexpress")
    >>> for order in report.orders:
    ...     for issue in order.issues:
    ...         print(order.reference, converter.describe(issue))
    """
    with _session(sheet, provider, output, options) as session:
        from converter.runs.check import check_sheets

        (report,) = check_sheets(session)
        return report.translated()


def describe(issue: Issue, *, lang: str = "en") -> str:
    """Put into words what is wrong with a cell: where it is, what was wanted, what was found.

    >>> converter.describe(report.orders[0].issues[0])
    "Orders!D2 Quantity: expected a whole number, found 'two'."
    """
    from converter import messages
    from converter.runs.session import known_language

    return messages.issue(issue, known_language(lang))


def convert(
    sheet: StrPath, *, provider: str, everything: bool = False, **options: Unpack[SheetOptions]
) -> Conversion:
    """Make the exact requests that a sheet would be sent as. Nothing is sent or written.

    Secrets are masked and not needed. Invalid orders are left out, and those that the journal
    knows to be accepted, unless `everything` is asked for; the report names them.
    `SheetOptions` lists the `options`.

    >>> conversion = converter.convert("orders.xlsx", provider="scexpress")
    >>> for request in conversion.requests():
    ...     print(request.method, request.url, request.references)
    """
    with _session(sheet, provider, None, options) as session:
        from converter.runs.convert import convert_sheets

        (conversion,) = convert_sheets(session, everything=everything)
        return conversion


def submit(
    sheet: StrPath,
    *,
    provider: str,
    output: StrPath | None = None,
    confirm: Callable[[Proposal], bool] | None = None,
    progress: Callable[[int, int], object] | None = None,
    again_rejected: bool = False,
    again_cancelled: bool = False,
    canary: int = 0,
    send_missing: bool = False,
    journal_is_right: bool = False,
    trust_mapping: bool = False,
    **options: Unpack[SheetOptions],
) -> Report:
    """Check a sheet, send its valid orders, and write the result workbook.

    Orders that were accepted before are not sent again; those that were rejected are, once they
    have changed, or with `again_rejected`; cancelled ones only with `again_cancelled`, where the
    provider frees their references. `journal_is_right` says that somebody has looked where
    the journal seems to lack what was sent before. So many orders as `canary` says are sent first,
    and the others only if all of those were accepted. With `send_missing`, lines that were not
    made of partial orders go as new orders, such as `PO-7-R1`. `confirm` is called once before
    anything is sent, and nobody is asked without it; `progress` is called with the number of
    orders that are done and of those to be sent, after each answer and, with the same numbers,
    from time to time while waiting for one. `trust_mapping` says that a mapping which is not a
    shipped one may send its settings to the hosts that it names. `SheetOptions` lists the
    `options`. Raises ConverterError where nothing can be sent at all, and UsageError where
    `confirm` returns False.

    >>> report = converter.submit("orders.xlsx", provider="scexpress", sandbox=True)
    >>> for order in report.orders:
    ...     print(order.reference, order.status, order.provider_order_no)
    """
    with _session(sheet, provider, output, options) as session:
        from converter.runs.submit import Callbacks, Submission, agree

        if trust_mapping and session.values.objection:
            session.approve()
        callbacks = Callbacks(
            confirm=confirm or agree,
            progress=lambda _, done, total: progress(done, total) if progress else None,
            trust=lambda _: journal_is_right,
        )
        submission = Submission(
            session,
            callbacks,
            again_rejected=again_rejected,
            again_cancelled=again_cancelled,
            canary=canary,
            send_missing=send_missing,
        )
        (report,) = submission.send()
        return report.translated()


def reconcile(
    sheet: StrPath,
    *,
    provider: str,
    output: StrPath | None = None,
    created: Iterable[str] = (),
    not_created: Iterable[str] = (),
    settled: Iterable[str] = (),
    who: str | None = None,
    note: str = "",
    trust_mapping: bool = False,
    **options: Unpack[SheetOptions],
) -> Report:
    """Settle the orders of a sheet that are in doubt. Nothing is sent.

    The provider is asked where it can be. What a person found out is given as references:
    `created` as `"PO-7"` or, with the provider's number, `"PO-7=112132"`; `settled` likewise, for
    an order that existed in part. `who` looked, by default the login name. `trust_mapping` is as
    for `submit`. `SheetOptions` lists the `options`.

    >>> report = converter.reconcile(
    ...     "orders.xlsx", provider="oms", created=["PO-7=112132"], not_created=["PO-8"]
    ... )
    """
    with _session(sheet, provider, output, options) as session:
        from converter.runs.reconcile import reconcile_sheet

        if trust_mapping and session.values.objection:
            session.approve()
        report = reconcile_sheet(
            session,
            created=tuple(created),
            not_created=tuple(not_created),
            settled=tuple(settled),
            who=who,
            note=note,
        )
        return report.translated()


def refresh(
    *references: str,
    provider: str,
    sheet: StrPath | None = None,
    output: StrPath | None = None,
    wait: float = 0.0,
    trust_mapping: bool = False,
    **options: Unpack[SheetOptions],
) -> Report:
    """Fetch late numbers and states of accepted orders: of a sheet, of orders or runs, or of all
    that are waiting. Nothing is sent.

    `wait` is for how many seconds to ask until all are there. `trust_mapping` is as for `submit`.

    >>> converter.refresh("CK0712-06", provider="scexpress").orders[0].tracking_no
    'W100234'
    """
    with _session(sheet, provider, output, options) as session:
        from converter.runs.refresh import refresh_orders, refresh_sheet

        if trust_mapping and session.values.objection:
            session.approve()
        if sheet is not None:
            return refresh_sheet(session, wait=wait).translated()
        return refresh_orders(session, references, wait=wait).translated()


def cancel(
    *references: str,
    provider: str,
    runs: Iterable[str] = (),
    confirm: Callable[[CancelPlan], bool] | None = None,
    trust_mapping: bool = False,
    **options: Unpack[SheetOptions],
) -> Report:
    """Cancel accepted orders, by their references or those of runs, where a provider can.

    An order is `cancelled` only where the provider clearly says so, else `cancellation unknown`.
    `confirm` is called once with all that is to be cancelled, and nobody is asked without it.

    >>> converter.cancel("CK0712-06", provider="scexpress").counts
    {'cancelled': 1}
    """
    with _session(None, provider, None, options) as session:
        from converter.runs.cancel import agree, cancel_orders

        if trust_mapping and session.values.objection:
            session.approve()
        report = cancel_orders(session, references, tuple(runs), confirm=confirm or agree)
        return report.translated()


def show(
    *references: str,
    provider: str | None = None,
    mappings: StrPath | None = None,
    lang: str | None = None,
) -> list[dict[str, Any]]:
    """The whole story of orders, as `converter show --json` prints it: each attempt with its time,
    address, body and answer, what was found out, and later requests.

    >>> converter.show("CK0712-06")[0]["attempts"][0]["http_status"]
    200
    """
    from converter import messages
    from converter.runs.story import read_stories, story_values

    folder = None if mappings is None else Path(mappings)
    found, rebuilder = read_stories(references, provider=provider, mappings=folder)
    language = lang or messages.default_language()
    return [story_values(one, rebuilder, language) for one in found]


def export(
    run: str, folder: StrPath, *, mappings: StrPath | None = None, lang: str | None = None
) -> tuple[int, int]:
    """Write everything on a run into a new or empty folder. Returns how many orders and attempts.

    >>> converter.export("20251201-093000-1a2b", "dispute")
    (40, 4)
    """
    from converter import messages
    from converter.runs.export import export_run

    kept = None if mappings is None else Path(mappings)
    return export_run(run, Path(folder), lang=lang or messages.default_language(), mappings=kept)


def explain(
    sheet: StrPath, where: str, *, provider: str, **options: Unpack[SheetOptions]
) -> dict[str, Any]:
    """Everything about one cell of a sheet, or one field: its rule, and what is sent.

    `where` is a cell such as `Orders!D12`, or the path of a field such as `items[].sku`.
    `SheetOptions` lists the `options`.

    >>> converter.explain("orders.xlsx", "Orders!D12", provider="scexpress")["issues"]
    []
    """
    with _session(sheet, provider, None, options) as session:
        from converter.runs.explain import explain_place

        return explain_place(session, where)


def template(
    provider: str,
    output: StrPath | None = None,
    *,
    example: bool = False,
    mappings: StrPath | None = None,
) -> Path:
    """Write the order sheet of a provider, blank or filled with example orders.

    Returns where it is: `output`, by default `<provider>.xlsx` in the working folder.

    >>> converter.template("scexpress", "orders.xlsx", example=True)
    PosixPath('orders.xlsx')
    """
    from converter.errors import UsageError
    from converter.mapping.load import find_mapping, load_mapping
    from converter.message import t
    from converter.sheet_template.examples import shipped_or_made
    from converter.sheet_template.workbook import write_new_template

    mapping = load_mapping(find_mapping(provider, _path(mappings)))
    target = _path(output) or Path(f"{mapping.provider}.xlsx")
    if not target.absolute().parent.is_dir():
        raise UsageError(t("There is no folder {folder}. Make it first.", folder=target.parent))
    write_new_template(mapping, target, rows=shipped_or_made(mapping) if example else ())
    return target


def new_profile(
    sheet: StrPath,
    output: StrPath | None = None,
    *,
    provider: str,
    name: str | None = None,
    account: str | None = None,
    mappings: StrPath | None = None,
    sheet_name: str | None = None,
    encoding: str | None = None,
    lang: str | None = None,
) -> Path:
    """Write a workbook in which to say which column of a sheet is which field.

    Returns where it is: `output`, by default `SHEET.profile.xlsx` beside the sheet. A kept profile
    called `name` is where it starts. What was filled in is kept by `keep_profile`.

    >>> converter.new_profile("shopify.csv", provider="scexpress", name="Shopify UK")
    PosixPath('shopify.profile.xlsx')
    """
    from converter import messages
    from converter.runs import profiles as making
    from converter.runs.session import known_language

    made = making.new_profile(
        Path(sheet),
        provider,
        lang=known_language(lang or messages.default_language()),
        name=name,
        output=_path(output),
        account=account,
        mappings=_path(mappings),
        only=sheet_name,
        encoding=encoding,
    )
    return made.path


def keep_profile(
    file: StrPath, *, name: str | None = None, mappings: StrPath | None = None
) -> Profile:
    """Keep the profile in a workbook that was filled in, or in a file of somebody else.

    It takes the place of one of the same name, and is used by itself when its titles come again.
    Raises ConverterError, which names every cell that cannot be used.

    >>> converter.keep_profile("shopify.profile.xlsx").name
    'Shopify UK'
    """
    from converter.runs import profiles as keeping

    kept, _ = keeping.keep_profile(Path(file), name=name, mappings=_path(mappings))
    return kept


def list_profiles() -> list[Profile]:
    """The kept profiles, by their names.

    >>> [profile.name for profile in converter.list_profiles()]
    ['Shopify UK']
    """
    from converter.runs.profiles import kept_profiles

    return [*kept_profiles()[0]]


def delete_profile(name: str) -> None:
    """Delete a kept profile. Raises UsageError where there is none of this name.

    >>> converter.delete_profile("Shopify UK")
    """
    from converter.runs import profiles as deleting

    deleting.delete_profile(name)


def providers(
    mappings: StrPath | None = None, *, config: StrPath | None = None
) -> list[ListedProvider]:
    """The providers, what each can be asked to do, and its settings and whether they are set.

    >>> [provider.name for provider in converter.providers()]
    ['apicenter', 'oms', 'pandapon', 'platform1688', 'scexpress']
    """
    found, faults = providers_and_faults(mappings, config=config)
    if faults:
        raise MappingError.of(faults)
    return found


def providers_and_faults(
    mappings: StrPath | None = None, *, config: StrPath | None = None
) -> tuple[list[ListedProvider], tuple[Fault, ...]]:
    """Like `providers`, with every fault of the mappings that cannot be used beside the others."""
    from converter import settings
    from converter.mapping import listing

    found, faults = listing.read_folder(_path(mappings))
    known = [one.provider for one in found.values()]
    listed = [
        settings.with_states(provider, config=_path(config), known=known)
        for provider in found.values()
    ]
    return listed, faults


def status(
    sheet: StrPath | None = None, *, lang: str | None = None, limit: int | None = None
) -> History:
    """What the journal knows: orders in doubt first, then the runs, of one sheet or of all.

    `limit` is how many runs to read at most, the newest; by default all.

    >>> [doubt.reference for doubt in converter.status().doubts]
    []
    """
    from converter import messages, settings
    from converter.runs.history import read_history
    from converter.runs.session import known_language

    language = known_language(lang or messages.default_language())
    return read_history(settings.home(), language, _path(sheet), limit=limit)


@contextmanager
def _session(
    sheet: StrPath | None, provider: str, output: StrPath | None, options: SheetOptions
) -> Iterator[Session]:
    """The sheet being read, or none. Raises TypeError for an option that there is not."""
    from converter import messages
    from converter.runs.session import RunOptions, open_session

    if unknown := options.keys() - SheetOptions.__annotations__.keys():
        raise TypeError(f"there is no option {min(unknown)!r}")
    run = RunOptions(
        provider=provider,
        lang=options.get("lang") or messages.default_language(),
        mappings=_path(options.get("mappings")),
        config=_path(options.get("config")),
        account=options.get("account"),
        action=options.get("action"),
        orders_per_request=options.get("orders_per_request"),
        sandbox=options.get("sandbox", False),
        output=_path(output),
        only=options.get("sheet_name"),
        hidden=options.get("hidden_rows"),
        columns=_path(options.get("columns")),
        profile=options.get("profile"),
        no_profile=options.get("no_profile", False),
        products=_path(options.get("products")),
        encoding=options.get("encoding"),
        files=_path(options.get("files")),
    )
    with open_session([] if sheet is None else [Path(sheet)], run) as session:
        yield session


def _path(given: StrPath | None) -> Path | None:
    return None if given is None else Path(given)
