"""What `--json` says of each problem, for programs that sort them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "PO-1,LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,two"


def test_an_issue_has_code_severity_and_the_text_of_its_cell(run: Run, home: Path) -> None:
    (home / "orders.csv").write_text(f"{TITLES}\n{ROW}\n", encoding="utf-8")

    done = run("check", "orders.csv", "-p", "oms", "--json")

    (issue,) = json.loads(done.stdout)["orders"][0]["issues"]
    assert issue == {
        "code": "want_integer",
        "severity": "error",
        "cell": "orders!K2",
        "field": issue["field"],
        "value": "two",
        "message": issue["message"],
        "warning": False,
    }


def test_a_warning_says_so_and_a_blank_cell_has_no_value(run: Run, home: Path) -> None:
    short = ROW.replace("90001", "9001").replace("two", "")
    (home / "orders.csv").write_text(f"{TITLES}\n{short}\n", encoding="utf-8")

    done = run("check", "orders.csv", "-p", "oms", "--json")

    issues = json.loads(done.stdout)["orders"][0]["issues"]
    assert {(one["severity"], one["value"]) for one in issues} >= {
        ("warning", "9001"),
        ("error", ""),
    }
