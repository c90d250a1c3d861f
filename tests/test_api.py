"""The Python API: what the command line does, as functions."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import converter
from converter.api import SheetOptions

FUNCTIONS = (
    "check", "convert", "delete_profile", "describe", "explain", "keep_profile", "new_profile",
    "list_profiles", "providers", "reconcile", "status", "submit", "template",
)  # fmt: skip


@pytest.fixture
def orders(home: Path) -> Path:
    """The example orders of a provider that the sandbox plays."""
    return converter.template("oms", home / "orders.xlsx", example=True)


def test_a_submit_gives_a_status_row_for_each_order(orders: Path) -> None:
    told: list[tuple[int, int]] = []

    report = converter.submit(
        orders, provider="oms", sandbox=True, progress=lambda *facts: told.append(facts)
    )

    assert {order.status for order in report.orders} == {converter.Status.ACCEPTED}
    assert report.counts == {"accepted": len(report.orders)}
    assert report.exit_code is converter.Exit.OK
    assert told[-1] == (len(report.orders), len(report.orders))
    assert Path(report.result_path).is_file()


@pytest.mark.parametrize("deed", ["check", "submit", "reconcile"])
def test_the_document_of_a_report_is_what_the_command_prints(
    orders: Path, run: Callable[..., Result], deed: str
) -> None:
    converter.submit(orders, provider="oms", sandbox=True)
    report = getattr(converter, deed)(orders, provider="oms", sandbox=True)
    document = report.to_dict()

    printed = run(deed, str(orders), "-p", "oms", "--sandbox", "--json")

    different = {"run": document["run"], "result": document["result"]}
    assert {**json.loads(printed.stdout), **different} == document


def test_a_conversion_gives_the_requests_and_what_was_left_out(
    orders: Path, run: Callable[..., Result]
) -> None:
    conversion = converter.convert(orders, provider="oms")
    requests = list(conversion.requests())

    assert [request.to_json() for request in requests] == (
        run("convert", str(orders), "-p", "oms").stdout_bytes.splitlines()
    )
    assert [name for request in requests for name in request.references] == [
        order.reference for order in conversion.report.orders
    ]
    assert requests[0].headers["Authorization"] == "***"


def test_nobody_is_asked_unless_a_function_is_given(orders: Path) -> None:
    asked: list[converter.Proposal] = []

    def refuse(proposal: converter.Proposal) -> bool:
        asked.append(proposal)
        return False

    with pytest.raises(converter.UsageError, match="Nothing was sent, as you chose"):
        converter.submit(orders, provider="oms", sandbox=True, confirm=refuse)

    assert [(one.sheets, one.requests) for one in asked] == [(1, 1)]
    assert converter.status().runs[0].counts == {}


def test_what_cannot_be_used_raises_an_error_of_the_program(home: Path) -> None:
    with pytest.raises(converter.ConverterError, match=r"There is no file no\.xlsx"):
        converter.check("no.xlsx", provider="oms")


def test_an_option_that_there_is_not_is_refused(orders: Path) -> None:
    with pytest.raises(TypeError, match="there is no option 'sandbos'"):
        converter.check(orders, provider="oms", sandbos=True)  # type: ignore[call-arg]  # the point


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(
            {"hidden_rows": "foo"},
            "Hidden rows are to be 'include' or 'exclude', not 'foo'.",
            id="hidden rows",
        ),
        pytest.param(
            {"orders_per_request": 0},
            "Orders per request are to be a whole number above 0, not 0.",
            id="no orders in a request",
        ),
        pytest.param(
            {"orders_per_request": "3"},
            "Orders per request are to be a whole number above 0, not '3'.",
            id="a number as text",
        ),
        pytest.param(
            {"lang": "xx"},
            "There is no language 'xx'. Choose one of these: en, zh.",
            id="a language without a catalogue",
        ),
        pytest.param(
            {"files": "nowhere"},
            "nowhere is no folder. Give the folder of the files that cells name.",
            id="a folder that is not there",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(
    orders: Path, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(converter.UsageError) as caught:
        converter.check(orders, provider="oms", **options)

    assert str(caught.value) == problem


def test_the_language_of_the_history_must_be_known(home: Path) -> None:
    with pytest.raises(converter.UsageError, match="There is no language 'xx'"):
        converter.status(lang="xx")


def test_an_issue_is_described_in_words(home: Path) -> None:
    issue = converter.Issue(
        converter.Cell("Orders", "D", 2), "items[].qty", "Qty", "want_integer", {"found": "'two'"}
    )

    assert converter.describe(issue).startswith("Orders!D2 Qty: ")
    assert "'two'" in converter.describe(issue)
    assert converter.describe(issue, lang="zh") != converter.describe(issue)


def test_the_history_knows_the_runs(orders: Path) -> None:
    report = converter.submit(orders, provider="oms", sandbox=True)

    assert [run.run for run in converter.status().runs] == [report.run]
    assert converter.status("another.xlsx").runs == ()


def test_the_providers_say_what_they_need(home: Path) -> None:
    found = {provider.name: provider for provider in converter.providers()}

    assert found["oms"].settings["base_url"] == converter.ListedSetting(
        env="OMS_BASE_URL",
        default=None,
        required=True,
        secret=False,
        help=found["oms"].settings["base_url"].help,
        state="not set",
    )


def test_a_cell_is_explained(orders: Path) -> None:
    found = converter.explain(orders, "Orders!A2", provider="oms")

    assert (found["cell"], found["issues"]) == ("Orders!A2", [])


# -- the package -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_an_example(name: str) -> None:
    assert f"converter.{name}(" in (inspect.getdoc(getattr(converter, name)) or "")


def test_every_option_is_described() -> None:
    lines = (SheetOptions.__doc__ or "").splitlines()

    for name in SheetOptions.__annotations__:
        assert any(line.strip().startswith(f"- `{name}`: ") for line in lines)


@pytest.mark.parametrize("name", converter.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(converter, name).__doc__
    assert name in dir(converter)


def test_a_name_that_there_is_not_is_told() -> None:
    with pytest.raises(AttributeError, match="module 'converter' has no attribute 'send'"):
        _ = converter.send  # type: ignore[attr-defined]  # the point


def test_the_import_loads_nothing_but_the_version() -> None:
    program = (
        "import sys, converter;"
        "print(sorted(name for name in sys.modules if name.startswith('converter')))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.splitlines() == ["['converter', 'converter.version']"]


def test_the_package_is_typed() -> None:
    assert (Path(converter.__file__).parent / "py.typed").is_file()


def test_help_shows_the_functions() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import converter; help(converter)"], capture_output=True, text=True
    )

    for name in FUNCTIONS:
        assert f"\n    {name}(" in done.stdout


def test_profiles_are_made_kept_listed_and_deleted(orders: Path) -> None:
    draft = converter.new_profile(orders, provider="oms", name="Mine")
    assert draft == orders.with_name("orders.profile.xlsx")

    kept = converter.keep_profile(draft)

    assert (kept.name, kept.provider) == ("Mine", "oms")
    assert converter.list_profiles() == [kept]
    assert converter.check(orders, provider="oms").profile == "Mine"
    assert converter.check(orders, provider="oms", no_profile=True).profile == ""
    converter.delete_profile("mine")
    assert converter.list_profiles() == []


# -- the page ----------------------------------------------------------------------------------


def test_the_examples_of_the_page_run(home: Path) -> None:
    page = Path(__file__).parent.parent / "docs" / "python.md"

    failed, tried = doctest.testfile(
        str(page), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS
    )

    assert (failed, tried > 20) == (0, True)
