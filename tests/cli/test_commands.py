"""The commands as people and scripts use them: exit codes, what is printed, what is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from converter import sandbox
from converter.cli.commands import cli
from tests.zip_parts import change_part

COMMANDS = sorted(cli.commands)

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
GOOD = "PO-1,LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2"
BAD = "PO-2,LA,UPS,Ben,90001,US,3235550101,Los Angeles,2 Road,S-1,two"

Run = Callable[..., Result]


def orders(folder: Path, *rows: str, name: str = "orders.csv") -> str:
    (folder / name).write_text("\n".join([TITLES, *rows]) + "\n", encoding="utf-8")
    return name


def without_sheets(path: Path) -> None:
    openpyxl.Workbook().save(path)

    def take_out(book: bytes) -> bytes:
        head, _, rest = book.partition(b"<sheets>")
        return head + b"<sheets/>" + rest.partition(b"</sheets>")[2]

    change_part(path, "xl/workbook.xml", take_out)


def test_a_file_that_cannot_be_read_is_refused_with_a_code(run: Run, home: Path) -> None:
    (home / "page.xls").write_bytes(b"<html><table></table></html>")

    done = run("check", "page.xls", "-p", "oms", "--json")

    assert done.exit_code == 2
    assert json.loads(done.stdout)["code"] == "NOT_A_WORKBOOK"
    assert done.stderr == (
        "Error: page.xls: this is a web page, although it is called .xls. "
        "Open it in Excel and save it under a new name as .xlsx. [NOT_A_WORKBOOK]\n"
    )


def test_the_encoding_that_a_person_names_is_used(run: Run, home: Path) -> None:
    text = f"{TITLES}\n{GOOD}\n".replace("Ann", "张三")
    (home / "orders.csv").write_bytes(text.encode("utf-16-le"))

    done = run("convert", "orders.csv", "-p", "oms", "--encoding", "utf-16-le")

    assert done.exit_code == 0
    assert "张三" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_two_examples(run: Run, command: str) -> None:
    shown = run(command, "--help")

    assert shown.exit_code == 0
    assert shown.stdout.count(f"  converter {command}") >= 2


def test_check_tells_what_is_wrong_and_leaves_a_workbook(run: Run, home: Path) -> None:
    done = run("check", orders(home, GOOD, BAD), "-p", "oms")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "One row per item, order number in A: 2 orders, 2 items.",
        "Orders that were accepted before are not known here, because settings are missing: "
        "OMS_BASE_URL, OMS_COMPANY_CODE.",
        "PO-2: invalid",
        "  orders!K3 数量: expected a whole number, found 'two'. "
        "Type the number without other characters.",
        "2 orders: 1 invalid, 1 valid",
        "Result: orders.result.xlsx",
        "Next: open orders.result.xlsx, correct the red cells, save it, then: "
        "converter submit orders.result.xlsx -p oms",
    ]
    assert (home / "orders.result.xlsx").is_file()


def test_convert_prints_the_request_without_settings(run: Run, home: Path) -> None:
    done = run("convert", orders(home, GOOD, BAD), "-p", "oms")

    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "method": "POST",
        "url": "{OMS_BASE_URL}/middle/platform-order/create-batch/{OMS_COMPANY_CODE}",
        "headers": {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Authorization": "***",
        },
        "body": [
            {
                "platformOrderNo": "PO-1",
                "platformWarehouseCode": "LA",
                "shippingMethodCode": "UPS",
                "buyerName": "Ann",
                "buyerPostcode": "90001",
                "buyerCountryCode": "US",
                "buyerMobile": "3235550100",
                "buyerCity": "Los Angeles",
                "buyerAddress": "1 Road",
                "itemDTOs": [{"sku": "S-1", "quantity": 2}],
            }
        ],
        "orders": ["PO-1"],
    }


def test_submit_sends_the_good_orders_once(run: Run, home: Path) -> None:
    sheet = orders(home, GOOD, BAD)

    first = run("submit", sheet, "-p", "oms", "--sandbox", "--json")
    again = run("submit", sheet, "-p", "oms", "--sandbox", "--json")

    assert [first.exit_code, again.exit_code] == [1, 1]
    document, second = json.loads(first.stdout), json.loads(again.stdout)
    assert document["counts"] == {"accepted": 1, "invalid": 1}
    assert [(o["reference"], o["status"], o["rows"]) for o in document["orders"]] == [
        ("PO-1", "accepted", [2]),
        ("PO-2", "invalid", [3]),
    ]
    assert document["orders"][1]["issues"] == [
        {
            "code": "want_integer",
            "severity": "error",
            "cell": "orders!K3",
            "field": "itemDTOs[].quantity",
            "value": "two",
            "message": "数量: expected a whole number, found 'two'. "
            "Type the number without other characters.",
            "warning": False,
        }
    ]
    assert second["orders"][0]["message"].startswith("Already accepted at ")
    book = (home / "home" / "sandbox" / "book.jsonl").read_text(encoding="utf-8")
    assert book.count('"PO-1"') == book.splitlines()[-1].count('"PO-1"')


def test_the_result_workbook_is_a_valid_input(run: Run, home: Path) -> None:
    run("submit", orders(home, GOOD, BAD), "-p", "oms", "--sandbox")
    book = openpyxl.load_workbook("orders.result.xlsx")
    book["orders"]["K3"] = 3
    book.save("orders.result.xlsx")

    done = run("submit", "orders.result.xlsx", "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["counts"] == {"accepted": 2}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["nothing.csv", "-p", "oms"], "There is no file nothing.csv.", id="no file"),
        pytest.param(["empty.xlsx", "-p", "oms"], "empty.xlsx: the file is empty.", id="empty"),
        pytest.param(
            ["text.xlsx", "-p", "oms"], "11 required columns are missing", id="text as xlsx"
        ),
        pytest.param(["locked.xlsx", "-p", "oms"], "protected by a password", id="encrypted"),
        pytest.param(["sheetless.xlsx", "-p", "oms"], "has no sheets", id="no sheets"),
        pytest.param(
            ["missing.csv", "-p", "oms"], "9 required columns are missing", id="missing column"
        ),
        pytest.param(["twice.csv", "-p", "oms"], "are both the field", id="two columns"),
        pytest.param(["orders.csv", "-p", "omss"], "Did you mean 'oms'?", id="unknown provider"),
        pytest.param(["orders.csv", "-p", "bad.yaml"], "bad.yaml:2:1: unknown key", id="bad key"),
        pytest.param(["orders.csv", "-p", "oms"], "OMS_BASE_URL, OMS_COMPANY_CODE", id="settings"),
        pytest.param(
            ["orders.csv", "-p", "oms", "--sandbox", "-o", "orders.csv"],
            "Give a name that ends in .xlsx",
            id="output is no workbook",
        ),
        pytest.param(
            ["orders.csv", "-p", "oms", "--sandbox", "-o", "no/such/folder.xlsx"],
            "no folder",
            id="no folder",
        ),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_a_message(
    run: Run, home: Path, words: list[str], message: str
) -> None:
    orders(home, GOOD)
    orders(home, GOOD, name="missing.csv")
    (home / "missing.csv").write_text("订单号,SKU\nA,1\n", encoding="utf-8")
    (home / "twice.csv").write_text(f"{TITLES},货号\n{GOOD},X\n", encoding="utf-8")
    (home / "empty.xlsx").touch()
    (home / "text.xlsx").write_text("a,b\n")
    encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    (home / "locked.xlsx").write_bytes(encrypted)
    (home / "bad.yaml").write_text("provider: x\nfoo: y\n")
    without_sheets(home / "sheetless.xlsx")

    done = run("submit", *words)

    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_a_json_document_too(run: Run) -> None:
    done = run("submit", "nothing.csv", "-p", "oms", "--json")

    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "error": "There is no file nothing.csv. Check the name and the folder.",
        "provider": "oms",
        "sheet": "nothing.csv",
        "exit_code": 2,
        "code": "USAGE",
    }


def test_trouble_of_every_kind_has_its_status(run: Run, home: Path) -> None:
    words = [*sandbox.TROUBLE, "GOOD"]
    order = ["GOOD", "REJECT", "TIMEOUT", "BUSY429", "DROP", "DUPLICATE", "GARBAGE", "PARTIAL"]
    order += ["ERROR500", "GOOD2", "OMIT", "LATE"]
    assert set(words) <= set(order)
    rows = [GOOD.replace("PO-1", word) for word in order]

    done = run("submit", orders(home, *rows), "-p", "oms", "--sandbox", "--json",
               "--orders-per-request", "1")  # fmt: skip

    assert done.exit_code == 3
    assert {o["reference"]: o["status"] for o in json.loads(done.stdout)["orders"]} == {
        "GOOD": "accepted",
        "REJECT": "rejected",
        "TIMEOUT": "unknown",
        "BUSY429": "accepted",
        "DROP": "unknown",
        "DUPLICATE": "rejected",
        "GARBAGE": "unknown",
        "PARTIAL": "accepted",
        "ERROR500": "unknown",
        "GOOD2": "accepted",
        "OMIT": "unknown",
        "LATE": "accepted",
    }


def test_a_header_without_orders_is_no_fault(run: Run, home: Path) -> None:
    done = run("check", orders(home), "-p", "oms", "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["orders"] == []


def test_messages_speak_chinese_when_asked(run: Run, home: Path) -> None:
    done = run("check", orders(home, BAD), "-p", "oms", "--lang", "zh")

    assert done.stderr.splitlines()[:4] == [
        "每行一个明细，单号在 A：共 1 个订单，1 条明细。",
        "无法得知哪些订单此前已被接受，因为缺少设置：OMS_BASE_URL、OMS_COMPANY_CODE。",
        "PO-2：数据有误",
        "  orders!K2 数量：应为整数，实际为 'two'。请只填数字。",
    ]


@pytest.mark.parametrize("provider", ["scexpress", "oms", "platform1688", "apicenter", "pandapon"])
def test_the_example_of_every_provider_is_accepted_by_the_sandbox(run: Run, provider: str) -> None:
    wrote = run("template", provider, "--example", "-o", "example.xlsx")
    done = run("submit", "example.xlsx", "-p", provider, "--sandbox", "--json")

    assert wrote.exit_code == done.exit_code == 0
    assert set(json.loads(done.stdout)["counts"]) == {"accepted"}


def test_providers_say_which_settings_are_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_API_TOKEN", "live-token-value")
    monkeypatch.delenv("OMS_COMPANY_CODE", raising=False)

    shown = run("providers", "--json")

    found = {p["name"]: p["settings"] for p in json.loads(shown.stdout)["providers"]}
    states = {setting["env"]: setting["state"] for setting in found["oms"]}
    assert states["OMS_API_TOKEN"] == "set"
    assert states["OMS_COMPANY_CODE"] == "not set"
    assert states["OMS_TIME_ZONE"] == "default"
    assert "live-token-value" not in shown.output


def test_status_names_open_doubts_first(run: Run, home: Path) -> None:
    run("submit", orders(home, GOOD.replace("PO-1", "DROP-1")), "-p", "oms", "--sandbox")

    shown = run("status", "--json")

    document = json.loads(shown.stdout)
    assert [doubt["reference"] for doubt in document["unknown"]] == ["DROP-1"]
    assert [run_["counts"] for run_ in document["runs"]] == [{"unknown": 1}]


def test_an_accepted_order_that_was_edited_is_not_sent_and_the_changes_are_named(
    run: Run, home: Path
) -> None:
    run("submit", orders(home, GOOD), "-p", "oms", "--sandbox")
    changed = orders(home, GOOD.replace("Ann", "Anna").replace("S-1,2", "S-1,3"))

    done = run("submit", changed, "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 0
    message = json.loads(done.stdout)["orders"][0]["message"].splitlines()[0]
    assert message.endswith(
        "; not sent again, although the sheet now differs in: 收件人姓名: Ann → Anna, "
        "数量 (1): 2 → 3. Change it at the provider if need be."
    )


def test_convert_never_writes_over_the_order_sheet(run: Run, home: Path) -> None:
    sheet = orders(home, GOOD)
    before = (home / sheet).read_bytes()

    done = run("convert", sheet, "-p", "oms", "-o", sheet)

    assert (done.exit_code, done.stderr) == (
        2,
        "Error: orders.csv is the order sheet itself. Name another file with -o.\n",
    )
    assert (home / sheet).read_bytes() == before


def test_template_speaks_the_language_that_is_asked_for(run: Run) -> None:
    done = run("template", "oms", "--lang", "zh")

    assert done.stderr.startswith("已生成 oms.xlsx。")


def test_template_never_writes_over_a_sheet_somebody_worked_in(run: Run, home: Path) -> None:
    blank = run("template", "oms", "-o", "orders.xlsx")
    again = run("template", "oms", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    book["Orders"]["A2"] = "PO-1"
    book.save("orders.xlsx")
    after = run("template", "oms", "-o", "orders.xlsx")

    assert [blank.exit_code, again.exit_code, after.exit_code] == [0, 0, 2]
    assert after.stderr == "Error: orders.xlsx is there already. Name another file with -o.\n"


def test_a_long_number_that_excel_cut_is_no_reference(run: Run, home: Path) -> None:
    rows = [GOOD.replace("PO-1", "1.23457E+17"), GOOD.replace("PO-1", "1.23457E+17")]

    done = run("check", orders(home, *rows), "-p", "oms", "--json")

    found = json.loads(done.stdout)["orders"]
    assert [order["status"] for order in found] == ["invalid", "invalid"]
    assert [order["issues"][0]["cell"] for order in found] == ["orders!A2", "orders!A3"]


def test_zeros_that_the_number_format_shows_are_kept(run: Run, home: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(TITLES.split(","))
    page.append(GOOD.split(","))
    page["E2"] = 2108
    page["E2"].number_format = "00000"
    book.save("orders.xlsx")

    done = run("convert", "orders.xlsx", "-p", "oms")

    assert json.loads(done.stdout)["body"][0]["buyerPostcode"] == "02108"
