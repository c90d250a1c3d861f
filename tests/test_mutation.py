"""The program that draws mutants: what it changes, which tests it runs, what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import mutation
from tests.mutation import Mutant, Verdict


def changed(source: str) -> list[str]:
    """The source with each of its mutants, one after the other."""
    found = mutation.mutants("converter/a.py", source.encode())
    return [mutant.apply(source.encode()).decode() for mutant in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a == b", ["(a != b)"], id="equal"),
        pytest.param("a < b", ["(a <= b)"], id="less"),
        pytest.param("a not in b", ["(a in b)"], id="member"),
        pytest.param("a and b", ["(a or b)"], id="and"),
        pytest.param("not a", ["(a)"], id="not"),
        pytest.param("a + b", ["(a - b)"], id="plus"),
        pytest.param("a + '-'", [], id="no difference of texts"),
        pytest.param("f(7)", ["f((8))"], id="number"),
        pytest.param("f(True)", ["f((False))"], id="truth"),
        pytest.param("b if a else c", ["b if (not (a)) else c"], id="condition"),
        pytest.param("f'{a + 1}'", [], id="no part of a text"),
    ],
)
def test_an_expression_is_changed_in_one_place(source: str, expected: list[str]) -> None:
    assert changed(f"x = {source}\n") == [f"x = {after}\n" for after in expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("f()", ["pass"], id="call"),
        pytest.param("a.b = c", ["pass"], id="attribute"),
        pytest.param("a = c", [], id="no name, which would only be missing"),
        pytest.param("raise a", ["pass"], id="raise"),
        pytest.param("return a", ["return None"], id="return"),
        pytest.param("return None", [], id="nothing returned"),
        pytest.param("'words'", [], id="docstring"),
        pytest.param("a: Literal[1] = b", [], id="annotation"),
    ],
)
def test_a_statement_is_left_out(source: str, expected: list[str]) -> None:
    code = "def f():\n    {}\n"

    assert changed(code.format(source)) == [code.format(after) for after in expected]


def test_places_are_found_behind_chinese_text_and_on_later_lines() -> None:
    source = "x = '订单'\nif '单' in x and (\n    y\n):\n    f()\n"

    assert [mutant.line for mutant in mutation.mutants("converter/a.py", source.encode())] == [
        2, 2, 2, 5,
    ]  # fmt: skip
    assert source.replace("'单' in x", "('单' not in x)") in changed(source)


def test_every_mutant_of_the_program_can_be_compiled() -> None:
    for path in sorted((mutation.ROOT / "converter" / "orders").glob("*.py")):
        source = path.read_bytes()
        for mutant in mutation.mutants(f"converter/orders/{path.name}", source):
            compile(mutant.apply(source), path, "exec")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(
            "converter/layout/area.py",
            ["tests/layout/test_area.py", "tests/layout", "tests/test_cases.py"],
            id="in a wing",
        ),
        pytest.param(
            "converter/settings.py", ["tests/test_settings.py", "tests/test_cases.py"], id="alone"
        ),
        pytest.param("converter/model.py", ["tests/test_cases.py"], id="without tests of its own"),
    ],
)
def test_the_tests_of_the_wing_and_the_golden_cases_are_run(path: str, expected: list[str]) -> None:
    assert mutation.tests_of(path, mutation.ROOT) == expected


def test_a_table_counts_each_wing() -> None:
    def judged(path: str, verdict: Verdict) -> tuple[Mutant, Verdict]:
        return Mutant(path, 1, 0, 1, "a", "b"), verdict

    table = mutation.table(
        [
            judged("converter/layout/area.py", Verdict.KILLED),
            judged("converter/layout/area.py", Verdict.SURVIVED),
            judged("converter/text.py", Verdict.KILLED),
        ]
    )

    assert table.splitlines() == [
        "wing          drawn  killed  survived   share",
        "layout            2       1         1   50.0%",
        "text              1       1         0  100.0%",
        "all               3       2         1   66.7%",
    ]


def test_a_seed_draws_the_same_mutants_again(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = []
    for _ in range(2):
        mutation.main(["--seed", "7", "--count", "5", "--files", "converter/t*.py", "--list"])
        drawn.append(capsys.readouterr().out)

    assert drawn[0] == drawn[1]
    assert drawn[0].count("converter/text.py:") == 5


def test_a_copy_tells_what_a_test_notices(tmp_path: Path) -> None:
    copy = mutation.Copy(tmp_path)
    (tmp_path / "tests" / "test_text.py").write_text(
        "from converter.text import clean\ndef test_clean():\n    assert clean(' a ') == 'a'\n"
    )
    (tmp_path / "tests" / "test_cases.py").unlink()
    before = (tmp_path / "converter" / "text.py").read_bytes()

    def verdict(start: bytes, after: str) -> Verdict:
        at = before.index(start)
        end = before.index(b"\n", at)
        return copy.verdict(Mutant("converter/text.py", 1, at, end, "", after), 60)

    assert verdict(b'"""', '"""Other words."""') is Verdict.SURVIVED
    assert verdict(b"return", "return None") is Verdict.KILLED
    assert (tmp_path / "converter" / "text.py").read_bytes() == before
