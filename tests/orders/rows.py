"""Rows that the tests of checks start from."""

from __future__ import annotations

FINE = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       | Ann    | 2    | 2        | ink      | 2
B2       | Bob    | 1    | 1        | cap      | 3
"""


def one(**cells: str) -> str:
    """One order with one item and some more cells."""
    made = {"客户单号": "A1", "收件人": "Ann", "商品编码": "pen", "数量": "2", **cells}
    return " | ".join(made) + "\n" + " | ".join(made.values())
