"""The published JSON Schema describes every document that `--json` prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

Run = Callable[..., Result]

SCHEMA = json.loads(files("converter.cli").joinpath("report.schema.json").read_text("utf-8"))

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{ref},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,{qty}"


@pytest.fixture
def sheets(home: Path) -> None:
    for name, rows in {
        "good": [ROW.format(ref="PO-1", qty=2)],
        "bad": [ROW.format(ref="PO-2", qty="two"), ROW.format(ref="GARBAGE", qty=1)],
        "empty": [],
    }.items():
        (home / f"{name}.csv").write_text("\n".join([TITLES, *rows]) + "\n", encoding="utf-8")


def undescribed(document: Any, schema: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Keys of a document that the schema does not name."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(document, list):
        for one in document:
            yield from undescribed(one, schema.get("items", {}), place)
    if isinstance(document, dict) and "properties" in schema:
        for key, value in document.items():
            if key in schema["properties"]:
                yield from undescribed(value, schema["properties"][key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("sheets")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param("report", ["check", "bad.csv", "-p", "oms"], id="check"),
        pytest.param("report", ["check", "empty.csv", "-p", "oms"], id="check of nothing"),
        pytest.param("report", ["convert", "good.csv", "-p", "oms"], id="convert"),
        pytest.param("report", ["submit", "bad.csv", "-p", "oms", "--sandbox"], id="submit"),
        pytest.param("report", ["reconcile", "bad.csv", "-p", "oms", "--sandbox"], id="reconcile"),
        pytest.param("report", ["refresh", "good.csv", "-p", "oms", "--sandbox"], id="refresh"),
        pytest.param("report", ["refresh", "-p", "oms", "--sandbox"], id="refresh of nothing"),
        pytest.param("several", ["check", "good.csv", "bad.csv", "-p", "oms"], id="several"),
        pytest.param("error", ["submit", "none.csv", "-p", "oms"], id="no file"),
        pytest.param("error", ["submit", "empty.csv", "-p", "oms", "--sandbox"], id="no orders"),
        pytest.param("error", ["submit", "good.csv", "-p", "oms"], id="no settings"),
        pytest.param("error", ["check", "good.csv", "none.csv", "-p", "oms"], id="one of several"),
        pytest.param("error", ["check", "good.csv"], id="usage"),
        pytest.param("providers", ["providers"], id="providers"),
        pytest.param("history", ["status"], id="status"),
        pytest.param("stories", ["show", "PO-2"], id="show"),
        pytest.param("copies", ["journal", "backup", "copies"], id="journal backup"),
        pytest.param("one_profile", ["profile", "new", "good.csv", "-p", "oms"], id="new profile"),
        pytest.param("one_profile", ["profile", "keep", "good.profile.xlsx"], id="kept profile"),
        pytest.param("one_profile", ["profile", "show", "good"], id="profile"),
        pytest.param("profiles", ["profile", "list"], id="profiles"),
        pytest.param("explanation", ["explain", "bad.csv", "PO-2", "-p", "oms"], id="order"),
        pytest.param("explanation", ["explain", "bad.csv", "K2", "-p", "oms"], id="cell"),
    ],
)
def test_a_document_is_as_the_schema_says(run: Run, kind: str, words: list[str]) -> None:
    if kind in ("history", "stories", "copies"):
        run("submit", "bad.csv", "-p", "oms", "--sandbox")

    if "profile" in words and "new" not in words:
        run("profile", "new", "good.csv", "-p", "oms")
        run("profile", "keep", "good.profile.xlsx")

    document = json.loads(run(*words, "--json").stdout)

    jsonschema.validate(document, {**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{kind}"}]})
    jsonschema.validate(document, SCHEMA)
    if kind != "explanation":
        assert list(undescribed(document, SCHEMA["$defs"][kind])) == []


def test_a_document_without_a_promised_key_is_refused(run: Run, sheets: None) -> None:
    document = json.loads(run("check", "bad.csv", "-p", "oms", "--json").stdout)
    del document["orders"][0]["issues"][0]["code"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
