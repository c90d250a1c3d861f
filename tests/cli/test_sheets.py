"""Several sheets in one call: all are checked first, then sent in turn and told together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from converter import settings
from converter.errors import AccountBusy, JournalError
from converter.journal import Journal
from converter.mapping.load import find_mapping, load_mapping
from converter.runs.account import hold_account
from converter.runs.prepare import prepare_sheet
from converter.runs.proposal import Proposal, begin
from tests.reliability import wire

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)

Run = Callable[..., Result]


def row(reference: str, quantity: object = 2, name: str = "Ann") -> str:
    return f"{reference},LA,UPS,{name},90001,US,3235550100,Los Angeles,1 Road,S-1,{quantity}"


def text_sheet(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([TITLES, *rows]) + "\n", encoding=encoding)
    return path


def workbook(path: Path, *rows: str) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in (TITLES, *rows):
        page.append(line.split(","))
    book.save(path)
    return path


@pytest.fixture
def three(home: Path) -> list[str]:
    """A workbook, a CSV of an old Chinese Excel with an order that is wrong, and one with tabs."""
    workbook(home / "a.xlsx", row("A-1"), row("A-2"))
    text_sheet(home / "b.csv", row("B-1", name="张三"), row("B-2", "two"), encoding="gb18030")
    text_sheet(home / "c.tsv", row("C-1"))
    tabs = (home / "c.tsv").read_text("utf-8").replace(",", "\t")
    (home / "c.tsv").write_text(tabs, encoding="utf-8")
    return ["a.xlsx", "b.csv", "c.tsv"]


def document(done: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def statuses(found: dict[str, Any]) -> list[dict[str, str]]:
    """By sheet: the status of each order."""
    return [
        {order["reference"]: order["status"] for order in sheet["orders"]}
        for sheet in found["sheets"]
    ]


# -- what is told ------------------------------------------------------------------------------


def test_all_are_sent_and_told_one_after_the_other(run: Run, home: Path, three: list[str]) -> None:
    done = run("submit", *three, "-p", "oms", "--sandbox")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "a.xlsx (1 of 3):",
        "2 of 2 orders done",
        "a.xlsx: 2 orders (2 accepted). Result: a.result.xlsx",
        "  One row per item, order number in A: 2 orders, 2 items.",
        "b.csv (2 of 3):",
        "1 of 1 orders done",
        "b.csv: 2 orders (1 accepted, 1 invalid). Result: b.result.xlsx",
        "  One row per item, order number in A: 2 orders, 2 items.",
        "  B-2: invalid",
        "    b!K3 数量: expected a whole number, found 'two'. "
        "Type the number without other characters.",
        "c.tsv (3 of 3):",
        "1 of 1 orders done",
        "c.tsv: 1 orders (1 accepted). Result: c.result.xlsx",
        "  One row per item, order number in A: 1 orders, 1 items.",
        "In all 3 files, 5 orders: 4 accepted, 1 invalid",
        "Next: open b.result.xlsx, correct the red cells, save it, then: "
        "converter submit b.result.xlsx -p oms --sandbox",
        "This was the SANDBOX: nothing real was sent.",
    ]
    assert {path.name for path in home.glob("*.result.xlsx")} == {
        "a.result.xlsx", "b.result.xlsx", "c.result.xlsx"
    }  # fmt: skip


NOT_KNOWN = "无法得知哪些订单此前已被接受，因为缺少设置：OMS_BASE_URL、OMS_COMPANY_CODE。"


def test_they_are_told_in_chinese(run: Run, three: list[str]) -> None:
    done = run("check", *three, "-p", "oms", "--lang", "zh")

    assert done.stderr.splitlines() == [
        "a.xlsx：2 个订单（校验通过 2 个）。结果：a.result.xlsx",
        "  每行一个明细，单号在 A：共 2 个订单，2 条明细。",
        f"  {NOT_KNOWN}",
        "b.csv：2 个订单（数据有误 1 个、校验通过 1 个）。结果：b.result.xlsx",
        "  每行一个明细，单号在 A：共 2 个订单，2 条明细。",
        f"  {NOT_KNOWN}",
        "  B-2：数据有误",
        "    b!K3 数量：应为整数，实际为 'two'。请只填数字。",
        "c.tsv：1 个订单（校验通过 1 个）。结果：c.result.xlsx",
        "  每行一个明细，单号在 A：共 1 个订单，1 条明细。",
        f"  {NOT_KNOWN}",
        "共 3 个文件、5 个订单：数据有误 1 个、校验通过 4 个",
        "下一步：打开 b.result.xlsx，修改红色单元格并保存，然后运行："
        "converter submit b.result.xlsx -p oms --lang zh",
    ]


def test_the_document_holds_that_of_each_sheet(run: Run, three: list[str]) -> None:
    together = document(run("check", *three, "-p", "oms", "--json"))
    alone = [document(run("check", name, "-p", "oms", "--json")) for name in three]

    assert together == {
        "schema_version": 1,
        "provider": "oms",
        "counts": {"invalid": 1, "valid": 4},
        "exit_code": 1,
        "sheets": alone,
    }


def test_convert_prints_the_requests_of_all_in_order(
    run: Run, home: Path, three: list[str]
) -> None:
    printed = run("convert", *three, "-p", "oms")
    written = run("convert", *three, "-p", "oms", "-o", "requests.jsonl")
    found = document(run("convert", *three, "-p", "oms", "--json"))

    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert [line["orders"] for line in lines] == [["A-1", "A-2"], ["B-1"], ["C-1"]]
    assert [printed.exit_code, written.exit_code, found["exit_code"]] == [1, 1, 1]
    assert (home / "requests.jsonl").read_text("utf-8") == printed.stdout
    assert [sheet["requests"] for sheet in found["sheets"]] == [[line] for line in lines]


def test_each_is_a_run_of_its_own(run: Run, three: list[str]) -> None:
    run("submit", *three, "-p", "oms", "--sandbox")

    runs = json.loads(run("status", "--json").stdout)["runs"]

    assert [(one["sheet"], one["counts"]) for one in runs] == [
        ("c.tsv", {"accepted": 1}),
        ("b.csv", {"accepted": 1, "invalid": 1}),
        ("a.xlsx", {"accepted": 2}),
    ]


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        pytest.param(["good", "good2"], "Every order was accepted. Nothing is left to do.", id="0"),
        pytest.param(
            ["bad", "good", "bad2"],
            "Next: open bad.result.xlsx, bad2.result.xlsx, correct the red cells, save them, then: "
            "converter submit bad.result.xlsx bad2.result.xlsx -p oms --sandbox",
            id="two to correct",
        ),
        pytest.param(
            ["REJECT", "good"],
            "Next: open REJECT.result.xlsx; it says for each order what the provider answered. "
            "Correct there what was rejected, save it, then: "
            "converter submit REJECT.result.xlsx -p oms --sandbox",
            id="one refused",
        ),
        pytest.param(
            ["REJECT", "good", "REJECT2"],
            "Next: open REJECT.result.xlsx, REJECT2.result.xlsx; they say for each order what the "
            "provider answered. Correct there what was rejected, save them, then: "
            "converter submit REJECT.result.xlsx REJECT2.result.xlsx -p oms --sandbox",
            id="two refused",
        ),
        pytest.param(
            ["bad", "DROP"],
            "Next: some orders are unknown. DROP.result.xlsx says for each what to look up or "
            "how long to wait. Then: converter reconcile DROP.result.xlsx -p oms --sandbox",
            id="in doubt",
        ),
        pytest.param(
            ["DROP", "DROP2"],
            "Next: some orders are unknown. DROP.result.xlsx, DROP2.result.xlsx say for each what "
            "to look up or how long to wait. Then: "
            "converter reconcile DROP.result.xlsx -p oms --sandbox\n"
            "converter reconcile DROP2.result.xlsx -p oms --sandbox",
            id="two in doubt",
        ),
    ],
)
def test_the_last_line_says_what_to_do_next(
    run: Run, home: Path, sheets: list[str], expected: str
) -> None:
    for name in sheets:
        text_sheet(home / f"{name}.csv", row(f"PO-{name}", "x" if "bad" in name else 1))

    done = run("submit", *(f"{name}.csv" for name in sheets), "-p", "oms", "--sandbox")

    assert done.stderr.endswith(f"\n{expected}\nThis was the SANDBOX: nothing real was sent.\n")


@pytest.mark.parametrize(
    ("references", "code"),
    [
        pytest.param(["GOOD-1", "GOOD-2"], 0, id="all accepted"),
        pytest.param(["GOOD-1", "REJECT"], 1, id="one rejected"),
        pytest.param(["DROP", "REJECT"], 3, id="one unknown"),
    ],
)
def test_the_exit_code_is_that_of_one_sheet_with_all_orders(
    run: Run, home: Path, references: list[str], code: int
) -> None:
    for name in references:
        text_sheet(home / f"{name}.csv", row(name))

    done = run("submit", *(f"{name}.csv" for name in references), "-p", "oms", "--sandbox",
               "--json")  # fmt: skip

    assert done.exit_code == document(done)["exit_code"] == code


def test_a_result_that_cannot_lie_where_it_should_is_told(run: Run, home: Path) -> None:
    """The first workbook becomes a folder while orders are sent, as if somebody held it open."""
    text_sheet(home / "a.csv", row("A-1"))
    text_sheet(home / "b.csv", row("B-1"))

    def in_the_way(talk: wire.Talk) -> None:
        (home / "a.result.xlsx").mkdir(exist_ok=True)
        wire.answer(talk)

    with wire.provider("oms", in_the_way) as there, pytest.MonkeyPatch.context() as patch:
        for name, value in wire.environment("oms", there.url).items():
            patch.setenv(name, value)
        done = run("submit", "a.csv", "b.csv", "-p", "oms", "--json")

    found = document(done)
    assert (done.exit_code, found["exit_code"]) == (4, 4)
    assert [sheet["exit_code"] for sheet in found["sheets"]] == [4, 0]
    assert "The result could not be written to a.result.xlsx." in done.stderr


# -- an order in two sheets --------------------------------------------------------------------


def test_an_order_in_two_sheets_is_sent_once(run: Run, home: Path) -> None:
    text_sheet(home / "a.csv", row("PO-1"), row("PO-2"))
    text_sheet(home / "b.csv", row("PO-2"), row("PO-3"), row("PO-1", 5))

    with wire.provider("oms") as there, pytest.MonkeyPatch.context() as patch:
        for name, value in wire.environment("oms", there.url).items():
            patch.setenv(name, value)
        done = run("submit", "a.csv", "b.csv", "-p", "oms", "--json")

    found = document(done)
    assert there.commits == {"PO-1": 1, "PO-2": 1, "PO-3": 1}
    assert statuses(found) == [
        {"PO-1": "accepted", "PO-2": "accepted"},
        {"PO-2": "accepted", "PO-3": "accepted", "PO-1": "accepted"},
    ]
    same, _, changed = [order["message"] for order in found["sheets"][1]["orders"]]
    assert "; not sent again.\n" in same
    assert "; not sent again, although the sheet now differs in: 数量 (1): 2 → 5." in changed


# -- what cannot be used -----------------------------------------------------------------------


def test_nothing_is_sent_where_one_cannot_be_used(run: Run, home: Path, three: list[str]) -> None:
    (home / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (home / "other").mkdir()
    (home / "other" / "b.csv").touch()

    text_sheet(home / "alike.csv", row("\u00e9"), row("e\u0301"))

    done = run("submit", *three, "broken.xlsx", "other/b.csv", "no.csv", "alike.csv", "-p", "oms",
               "--sandbox", "--json")  # fmt: skip

    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "Error: 4 of 7 files cannot be used:",
        "broken.xlsx: the workbook is damaged and cannot be read. Open it in Excel, let it repair "
        "the file, and save it again. [DAMAGED_ZIP]",
        "other/b.csv: the file is empty. Save the sheet again. [EMPTY_FILE]",
        "There is no file no.csv. Check the name and the folder.",
        "alike.csv: rows 3: two orders have the reference '\u00e9'. "
        "Give one of them another order number; nothing was sent",
        "Nothing was sent or written. Correct those files, or leave them out.",
    ]
    found = document(done)
    assert found["error"] == done.stderr.removeprefix("Error: ").rstrip()
    assert [(one["sheet"], one.get("code")) for one in found["sheets"]] == [
        ("broken.xlsx", "DAMAGED_ZIP"), ("other/b.csv", "EMPTY_FILE"), ("no.csv", "USAGE"),
        ("alike.csv", "SHEET"),
    ]  # fmt: skip
    assert not list(home.glob("*.result.xlsx"))
    assert not (home / "home" / "journal").exists()


def test_check_goes_on_with_the_others(run: Run, home: Path, three: list[str]) -> None:
    (home / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")

    done = run("check", "broken.xlsx", *three, "-p", "oms", "--json")

    assert done.exit_code == document(done)["exit_code"] == 2
    assert done.stderr.splitlines()[-3:] == [
        "Error: 1 of 4 files cannot be used:",
        "broken.xlsx: the workbook is damaged and cannot be read. Open it in Excel, let it repair "
        "the file, and save it again. [DAMAGED_ZIP]",
        "The other files were checked.",
    ]
    assert [one["sheet"] for one in document(done)["sheets"]] == ["broken.xlsx", *three]
    assert len(list(home.glob("*.result.xlsx"))) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["a.xlsx", "a.xlsx"], "a.xlsx is given twice. Give it once.", id="twice"),
        pytest.param(
            ["a.xlsx", "b.csv", "link.xlsx"],
            "a.xlsx and link.xlsx are the same file. Give it once.",
            id="by another name",
        ),
        pytest.param(
            ["my", "orders.csv"],
            "my orders.csv has a space in its name. Put the name in quotes.",
            id="a space in a name",
        ),
        pytest.param(
            ["a.xlsx", "b.csv", "-o", "both.xlsx"],
            "both.xlsx is no folder. With several order sheets, give -o a folder that exists: "
            "each result is written there under the name of its sheet.",
            id="one result for both",
        ),
        pytest.param(
            ["a.xlsx", "b.csv", "--action", "fly"],
            "oms has no action 'fly'. Its actions: it has one only, so leave --action out.",
            id="no such action",
        ),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    run: Run, home: Path, three: list[str], words: list[str], message: str
) -> None:
    os.symlink(home / "a.xlsx", home / "link.xlsx")
    text_sheet(home / "my orders.csv", row("M-1"))

    done = run("submit", *words, "-p", "oms", "--sandbox", "--json")

    assert (done.exit_code, done.stderr) == (2, f"Error: {message}\n")
    assert document(done) == {
        "schema_version": 1, "error": message, "provider": "oms", "exit_code": 2, "sheets": [],
        "code": "USAGE",
    }  # fmt: skip


def test_missing_settings_stop_all(run: Run, home: Path, three: list[str]) -> None:
    done = run("submit", *three, "-p", "oms")

    assert done.exit_code == 2
    assert "OMS_BASE_URL, OMS_COMPANY_CODE" in done.stderr
    assert not list(home.glob("*.result.xlsx"))


# -- where the results lie ---------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("words", [["orders.xlsx", "orders.csv"], ["orders.csv", "orders.xlsx"]])
def test_sheets_of_one_name_have_results_of_their_own(
    run: Run, home: Path, words: list[str], again: bool
) -> None:
    workbook(home / "orders.xlsx", row("A-1"))
    text_sheet(home / "orders.csv", row("B-1"))

    found = [document(run("check", *words, "-p", "oms", "--json")) for _ in range(1 + again)][-1]

    assert {sheet["sheet"]: sheet["result"] for sheet in found["sheets"]} == {
        "orders.xlsx": "orders.xlsx.result.xlsx",
        "orders.csv": "orders.csv.result.xlsx",
    }


def test_all_results_lie_in_the_folder_that_is_named(run: Run, home: Path) -> None:
    for folder in ("mon", "tue", "out"):
        (home / folder).mkdir()
        text_sheet(home / folder / "orders.csv", row(f"A-{folder}"))

    done = run("check", "mon/orders.csv", "tue/orders.csv", "-p", "oms", "-o", "out", "--json")

    assert [sheet["result"] for sheet in document(done)["sheets"]] == [
        "out/mon-orders.csv.result.xlsx", "out/tue-orders.csv.result.xlsx"
    ]  # fmt: skip
    assert not list(home.glob("???/*.result.xlsx"))[2:]


def test_a_result_that_is_given_too_is_not_written_over(run: Run, home: Path) -> None:
    text_sheet(home / "orders.csv", row("A-1"))
    run("check", "orders.csv", "-p", "oms")
    before = (home / "orders.result.xlsx").read_bytes()

    done = run("check", "orders.csv", "orders.result.xlsx", "-p", "oms", "--json")

    assert [sheet["result"] for sheet in document(done)["sheets"]] == [
        "orders.result-2.xlsx", "orders.result-3.xlsx"
    ]  # fmt: skip
    assert (home / "orders.result.xlsx").read_bytes() == before


# -- when it stops early -----------------------------------------------------------------------


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Callable[[wire.Provider], None]:
    """Makes the settings those of a provider on this machine."""

    def reach(there: wire.Provider) -> None:
        for name, value in wire.environment("oms", there.url).items():
            monkeypatch.setenv(name, value)

    return reach


def refused(talk: wire.Talk) -> None:
    talk.read()
    talk.reply(b"", 401)


def test_where_one_stops_no_later_one_is_sent(
    run: Run, home: Path, three: list[str], live: Callable[[wire.Provider], None]
) -> None:
    with wire.provider("oms") as there:
        live(there)
        run("submit", "c.tsv", "-p", "oms")
        there.acts.extend([wire.answer, refused])
        text_sheet(home / "d.csv", row("C-1"), row("D-1"))
        done = run("submit", *three, "d.csv", "-p", "oms", "--orders-per-request", "1", "--json")
        requests = len(there.requests)

    found = document(done)
    why = "The provider refused the credentials (HTTP 401)."
    assert (done.exit_code, found["exit_code"]) == (7, 7)
    assert requests == 3
    assert statuses(found) == [
        {"A-1": "accepted", "A-2": "not sent"},
        {"B-1": "not sent", "B-2": "invalid"},
        {"C-1": "accepted"},
        {"C-1": "accepted", "D-1": "not sent"},
    ]
    assert [(sheet["exit_code"], sheet["stopped"]) for sheet in found["sheets"]] == [
        (7, why), (7, why), (0, ""), (7, why)
    ]  # fmt: skip
    assert found["counts"] == {"accepted": 3, "invalid": 1, "not sent": 3}
    assert done.stderr.splitlines()[-1] == (
        f"Stopped early at a.xlsx; the rest was not sent. {why}"
    )
    assert done.stderr.count("Stopping: nothing more is sent.") == 1
    for name in "abcd":
        book = openpyxl.load_workbook(home / f"{name}.result.xlsx")
        assert book["Results"].max_row > 1


def test_the_next_call_sends_what_is_left(
    run: Run, three: list[str], live: Callable[[wire.Provider], None]
) -> None:
    with wire.provider("oms", refused) as there:
        live(there)
        run("submit", *three, "-p", "oms")
        done = run("submit", *three, "-p", "oms", "--json")

    assert done.exit_code == 1
    assert document(done)["counts"] == {"accepted": 4, "invalid": 1}
    assert there.commits == {"A-1": 1, "A-2": 1, "B-1": 1, "C-1": 1}


def test_a_journal_that_fails_ends_the_call_and_names_what_was_not_sent(
    run: Run,
    home: Path,
    three: list[str],
    live: Callable[[wire.Provider], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = Journal.plan

    def failing(self: Journal, orders: Any, invalid: Any, **choices: Any) -> Any:
        if any(order.reference == "B-1" for order in orders):
            raise JournalError("The journal cannot be written.")
        return plan(self, orders, invalid, **choices)

    monkeypatch.setattr(Journal, "plan", failing)
    with wire.provider("oms") as there:
        live(there)
        done = run("submit", *three, "-p", "oms", "--json")

    assert done.exit_code == 6
    assert document(done)["error"].splitlines() == [
        "The journal cannot be written.",
        "There is no result for b.csv.",
        "Nothing was sent of c.tsv, and there is no result for it.",
    ]
    assert [one["counts"] for one in document(done)["sheets"]] == [{"accepted": 2}]
    assert (home / "a.result.xlsx").is_file()


def test_the_account_is_held_over_the_whole_call(
    run: Run, home: Path, three: list[str], live: Callable[[wire.Provider], None]
) -> None:
    """Whoever comes while one of them is sent is turned away, and so after the first."""
    turned_away: list[str] = []

    def meanwhile(talk: wire.Talk) -> None:
        mapping = load_mapping(find_mapping("oms"))
        with (
            pytest.raises(AccountBusy),
            hold_account(mapping, settings.load(mapping), settings.home()),
        ):
            pass  # pragma: no cover
        turned_away.append("busy")
        wire.answer(talk)

    with wire.provider("oms", *[meanwhile] * 3) as there:
        live(there)
        done = run("submit", *three, "-p", "oms")

    assert (done.exit_code, turned_away) == (1, ["busy"] * 3)


# -- asking once -------------------------------------------------------------------------------


@pytest.mark.parametrize(("agreed", "code"), [(True, 1), (False, 2)], ids=["yes", "no"])
def test_a_person_is_asked_once_before_the_first_is_sent(
    run: Run,
    three: list[str],
    live: Callable[[wire.Provider], None],
    monkeypatch: pytest.MonkeyPatch,
    agreed: bool,
    code: int,
) -> None:
    asked: list[tuple[Any, ...]] = []

    def confirm(*facts: Any) -> bool:
        asked.append(facts)
        return agreed

    monkeypatch.setattr("converter.cli.session.asks", lambda *_, **__: True)
    monkeypatch.setattr("converter.cli.session.confirm", confirm)
    with wire.provider("oms") as there:
        live(there)
        done = run("submit", *three, "-p", "oms")

    assert (done.exit_code, bool(there.requests)) == (code, agreed)
    proposal = Proposal(4, 3, there.url, total=5, goes=4, invalid=1, provider="oms", account="C1")
    assert asked == [("en", proposal)]


def test_an_order_that_is_sent_in_parts_counts_as_several(home: Path) -> None:
    """The provider takes 50 goods in one order."""
    titles, first, *_ = wire.sheet("platform1688", ["P-1"]).splitlines()
    goods = [first.replace("b266e072", f"b266e{number:03}") for number in range(60)]
    (home / "p.csv").write_text("\n".join([titles, *goods]) + "\n", encoding="utf-8")
    mapping = load_mapping(find_mapping("platform1688"))
    values = settings.load(mapping)

    prepared = prepare_sheet(home / "p.csv", mapping, values, only=None, lang="en")

    whole = begin(mapping, replace(values, values={"base_url": ""}), "")
    whole = whole.with_sheet(prepared, prepared.valid_parts(), ())
    assert (whole.total, whole.goes, whole.orders) == (1, 1, 2)
