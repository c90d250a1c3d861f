"""Countries and currencies by the names that real sheets have for them."""

from __future__ import annotations

import pytest

from converter.checks.values import Problem, parser
from converter.mapping.model import FieldSpec


def read(kind: str, text: str) -> object:
    spec = FieldSpec.model_validate({"path": "it", "title": {"en": "F", "zh": "字"}, "type": kind})
    found = parser(spec, {})(text)
    return f"?{found.code}" if isinstance(found, Problem) else found


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("US", "US|USA|U.S.A.|U.S.|United States|United States of America|美国|美國|美国US|美国(US)"
               "|US-美国|United States(US)|Estados Unidos|Vereinigte Staaten|États-Unis"),
        ("GB", "UK|U.K.|GB|Great Britain|United Kingdom|英国|England|Scotland|Wales"),
        ("DE", "DE|GER|Germany|Deutschland|Allemagne|德国|DEU"),
        ("BR", "BR|Brasil|Brazil|巴西|BRA"),
        ("RU", "RU|Russia|Russian Federation|Россия|俄罗斯|俄罗斯联邦"),
        ("SA", "KSA|SA|Saudi Arabia|Kingdom of Saudi Arabia|沙特|沙特阿拉伯"),
        ("AE", "UAE|U.A.E.|United Arab Emirates|阿联酋"),
        ("KR", "KR|South Korea|Republic of Korea|Korea (South)|韩国"),
        ("NL", "NL|Netherlands|The Netherlands|Holland|Nederland|荷兰"),
        ("AT", "AT|Austria|Österreich|奥地利|AUT"),
        ("CH", "CH|Schweiz|Suisse|Svizzera|瑞士"),
        ("ES", "España|西班牙"), ("IT", "Italia"), ("PL", "Polska"), ("SE", "Sverige"),
        ("FI", "Suomi"), ("GR", "GR|EL|Ελλάδα|希腊"), ("CZ", "Czechia|Czech Republic|捷克"),
        ("TR", "Turkey|Türkiye|土耳其"), ("VN", "Viet Nam|Vietnam|越南"), ("MX", "México|墨西哥"),
        ("JP", "Japan|日本"), ("CN", "China|PRC|P.R. China|中国|中国大陆"),
        ("HK", "香港|中国香港|Hong Kong|HKSAR|Hong Kong SAR China"),
        ("TW", "台湾|中国台湾|Taiwan"), ("MO", "澳门|Macau|Macao"), ("AU", "AUS"),
        ("?want_country", "Europe|EU|欧洲|国际|Other|840|美国GB"),
    ],
)  # fmt: skip
def test_the_names_of_a_country(code: str, names: str) -> None:
    assert {name: read("country", name) for name in names.split("|")} == dict.fromkeys(
        names.split("|"), code
    )


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("CNY", "RMB|CNY|CN¥|元|人民币|人民币元"),
        ("JPY", "円|JP¥|JPY"),
        ("USD", "US$|USD|U$D|usd|$US|美元|美金|USD/美元|美元(USD)"),
        ("CAD", "C$|CA$"), ("AUD", "A$|AU$"), ("SGD", "S$"), ("HKD", "HK$"), ("TWD", "NT$"),
        ("MXN", "MX$"), ("NZD", "NZ$"), ("BRL", "R$"), ("EUR", "€|EUR|Euro|欧元"),
        ("GBP", "£|GBP|英镑"), ("MYR", "RM"), ("IDR", "Rp"), ("PHP", "₱"), ("THB", "฿"),
        ("VND", "₫|đ"), ("RUB", "₽|руб"), ("PLN", "zł"), ("CZK", "Kč"), ("HUF", "Ft"),
        ("TRY", "₺|TL"), ("KRW", "₩"), ("ILS", "₪"), ("NGN", "₦"), ("SAR", "SR|SAR"),
        ("AED", "Dhs|AED"),
        ("?want_currency", "$|¥|kr|Rs|Rs.|Fr.|USD/EUR"),
    ],
)  # fmt: skip
def test_the_names_of_a_currency(code: str, names: str) -> None:
    assert {name: read("currency", name) for name in names.split("|")} == dict.fromkeys(
        names.split("|"), code
    )
