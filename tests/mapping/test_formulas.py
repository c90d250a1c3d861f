"""The grammar of expressions: what is understood, and what is refused with the right form."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.mapping.expressions import Number, Path
from converter.mapping.formulas import (
    FUNCTIONS,
    Call,
    Expression,
    Operation,
    Quoted,
    Template,
    Words,
    parse,
    parse_template,
)

A, B, C = Path("a"), Path("b"), Path("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("a + b * c", Operation("+", (A, Operation("*", (B, C)))), id="times first"),
        pytest.param("(a + b) * c", Operation("*", (Operation("+", (A, B)), C)), id="brackets"),
        pytest.param("a - b - c", Operation("-", (Operation("-", (A, B)), C)), id="from the left"),
        pytest.param("a-b", Path("a-b"), id="a sign inside a name"),
        pytest.param("-2", Number(Decimal(-2)), id="negative number"),
        pytest.param("-a", Operation("-", (A,)), id="negative value"),
        pytest.param("a or b and c", Operation("or", (A, Operation("and", (B, C)))), id="and, or"),
        pytest.param("not a = x", Operation("not", (Operation("=", (A, Quoted("x"))),)), id="not"),
        pytest.param("a = b", Operation("=", (A, Quoted("b"))), id="a bare word"),
        pytest.param("a = 'b c'", Operation("=", (A, Quoted("b c"))), id="words in quotes"),
        pytest.param("a = (b)", Operation("=", (A, B)), id="another field, in brackets"),
        pytest.param("a = 007", Operation("=", (A, Quoted("007"))), id="a code"),
        pytest.param("a = 1.5", Operation("=", (A, Number(Decimal("1.5")))), id="a number"),
        pytest.param("a in [x, 'y z', 是]", Operation("in", (A, Words(("x", "y z", "是")))),
                     id="one of several"),
        pytest.param("a > b + 1", Operation(">", (A, Operation("+", (B, Number(Decimal(1)))))),
                     id="larger"),
        pytest.param("join(a, ', ')", Call("join", (A, Quoted(", "))), id="a separator"),
        pytest.param("round(a, 2, half_up)",
                     Call("round", (A, Number(Decimal(2)), Quoted("half_up"))), id="rounding"),
        pytest.param("if(a = x, 1, b)",
                     Call("if", (Operation("=", (A, Quoted("x"))), Number(Decimal(1)), B)),
                     id="a choice"),
    ],
)  # fmt: skip
def test_expressions(text: str, tree: Expression) -> None:
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected a path, a number, a text in quotes or a function, but it ends"),
        ("a b", "expected an operator such as + = and or, found 'b'"),
        ("a +", "expected a path, a number, a text in quotes or a function, but it ends"),
        ("(a", "expected ')', but it ends"),
        ("a in x", "expected a list such as [A, B], found 'x'"),
        ("a in [x,]", "expected a list such as [A, B], found '[x,]'"),
        ("a = b = c", "expected an operator such as + = and or, found '= c'"),
        ("eval(a)", "there is no function 'eval'; there are sum, count"),
        ("round(a, 2)", "expected ',', found ')'"),
        ("round(a, 2, off)", "expected half_up, half_even, up, down, found 'off)'"),
        ("cut(a, b)", "expected a whole number from 0 to 10000, found 'b)'"),
        ("pad(a, 99999999)", "expected a whole number from 0 to 10000, found '99999999)'"),
        ("join(a, b)", "expected a text in quotes, such as \", \", found 'b)'"),
        ("a.__class__[0]", "expected an operator such as + = and or, found '[0]'"),
        ("1e3", "expected a path, a number, a text in quotes or a function, found '1e3'"),
    ],
)
def test_what_is_no_expression(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        parse(text)


@given(st.text("ab.[]()+-*/=<>! ,'\"1not in and or sum count round", max_size=30))
def test_nothing_but_a_value_error_comes_of_any_text(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert found.text == text.strip()


def test_templates_are_text_with_expressions_inside() -> None:
    assert parse_template("L{line:03}-{a}{{x}}").tree == Template(
        (
            Quoted("L"),
            Call("pad", (Path("line"), Number(Decimal(3)))),
            Quoted("-"),
            A,
            Quoted("{x}"),
        )
    )


@pytest.mark.parametrize("text", ["{a", "a}", "{}", "{a b}"])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        parse_template(text)


def test_every_function_says_what_it_is_given() -> None:
    assert all(FUNCTIONS.values())
