"""Numbers in JSON: every digit, and nothing but digits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from converter.json_text import encode


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Decimal("5.87"), "5.87", id="a fraction"),
        pytest.param(Decimal("0.1") + Decimal("0.2"), "0.3", id="a sum that floats get wrong"),
        pytest.param(Decimal("5.870"), "5.870", id="zeros at the end"),
        pytest.param(Decimal("1E+3"), "1000", id="no exponent"),
        pytest.param(Decimal("1E-10"), "0.0000000001", id="no exponent for small ones"),
        pytest.param(
            Decimal("12345678901234567890.123456"), "12345678901234567890.123456", id="26 digits"
        ),
        pytest.param(Decimal("-0"), "0", id="no minus zero"),
        pytest.param(9223372036854775807, "9223372036854775807", id="19 digits"),
        pytest.param(np.int64(9223372036854775807), "9223372036854775807", id="numpy's integer"),
        pytest.param("007", '"007"', id="a text of digits"),
        pytest.param('张三 \u2028<&>"\\\n', '"张三 \u2028<&>\\"\\\\\\n"', id="a text"),
        pytest.param([True, None, ""], '[true,null,""]', id="true, null and nothing"),
    ],
)
def test_json_is_exact(value: Any, text: str) -> None:
    assert encode(value).decode() == text


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), {1, 2}, object()])
def test_what_is_no_json_is_never_written(value: Any) -> None:
    with pytest.raises(TypeError):
        encode({"a": value})
