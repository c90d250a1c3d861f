"""Chinese addresses divided into province, city, district and the rest.

The names are those of `divisions.json`, which names source and licence; `.ci/divisions` renews it.
What an address does not say is never guessed: a part is taken only where its name stands there, or
where the data have just one that it can belong to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("divisions.json")
_GAP = re.compile(r"[\s/\\\-,，、>＞·|;；:：]*")
_COUNTRY = re.compile(r"(?:中华人民共和国|中国)(?!路|街)")
_NO_CITY = re.compile(
    r"(?:省直辖县级行政区划|自治区直辖县级行政区划|省直辖县|市辖区|县(?=[\s/\-,，]))"
)
_PROVINCE_END = re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区)$")
_CITY_END = re.compile(r"(?:市|地区|盟)$")
_STREET = re.compile(r"[路街道巷弄号里村镇乡]")


@dataclass(frozen=True, slots=True)
class Region:
    """The parts of an address; those that it does not name are empty."""

    province: str
    city: str
    district: str
    rest: str


def divide(text: str) -> Region | None:
    """The parts of an address that begins with a region; None where that is not certain."""
    found = _divided(text)
    if found is None:
        return None
    again = _divided(found.rest)  # a part that stands there twice
    if again is not None and _agree(found, again):
        district = found.district or again.district
        return Region(found.province, found.city or again.city, district, again.rest)
    return found


def starts_with_region(text: str) -> bool:
    return _divided(text) is not None


def _agree(one: Region, other: Region) -> bool:
    pairs = ((one.province, other.province), (one.city, other.city), (one.district, other.district))
    return all(not left or not right or left == right for left, right in pairs)


def _divided(text: str) -> Region | None:
    rest = _skip(text)
    if country := _COUNTRY.match(rest):
        rest = _skip(rest[country.end() :])
    for province, after in _provinces(rest):
        found = _in_province(province, after)
        # 北京 alone may begin the name of a street: 北京路.
        if found and (rest.startswith(province) or found.district or after.startswith(found.city)):
            return found
    return _without_province(rest)


def _skip(text: str) -> str:
    found = _GAP.match(text)
    return text[found.end() :] if found else text


def _provinces(text: str) -> Iterator[tuple[str, str]]:
    for name in sorted(_by_province(), key=len, reverse=True):
        for word in (name, _PROVINCE_END.sub("", name)):
            if text.startswith(word):
                yield name, text[len(word) :]
                break


def _in_province(province: str, text: str) -> Region | None:
    cities = _by_province()[province]
    rest = _skip(text)
    if found := _NO_CITY.match(rest):
        rest = _skip(rest[found.end() :])
    if len(cities) == 1:  # a municipality, which is its own city
        city = next(iter(cities))
        for word in (city, _CITY_END.sub("", city)):
            if rest.startswith(word) and _district(_skip(rest[len(word) :]), cities[city]):
                rest = _skip(rest[len(word) :])
                break
            if word == city and rest.startswith(word):
                rest = _skip(rest[len(word) :])
                break
        if found := _NO_CITY.match(rest):
            rest = _skip(rest[found.end() :])
        district = _district(rest, cities[city])
        return Region(province, city, district, _skip(rest[len(district) :]))
    for word, city in _city_words(province):
        if not rest.startswith(word):
            continue
        after = _skip(rest[len(word) :])
        if found := _NO_CITY.match(after):
            after = _skip(after[found.end() :])
        district = _district(after, cities[city])
        # The short name of a city may be that of a street: 南京路.
        if word == city or district or (not cities[city] and not _STREET.match(after)):
            return Region(province, city, district, _skip(after[len(district) :]))
    own = [
        (name, city) for city, names in cities.items() for name in names if rest.startswith(name)
    ]
    if len(own) == 1:  # a county-level city right under the province
        name, city = own[0]
        district = name if city else ""
        return Region(province, city or name, district, _skip(rest[len(name) :]))
    return None


def _without_province(text: str) -> Region | None:
    """An address that begins with a city whose full name is the only one in the country."""
    for city, provinces in _provinces_of_cities().items():
        if text.startswith(city) and len(provinces) == 1:
            after = _skip(text[len(city) :])
            district = _district(after, _by_province()[provinces[0]][city])
            if district:
                return Region(provinces[0], city, district, _skip(after[len(district) :]))
    return None


def _district(text: str, names: list[str]) -> str:
    """The name of a district at the beginning of a text; empty where there is none."""
    found = [name for name in names if text.startswith(name)]
    return max(found, key=len, default="")


@cache
def _by_province() -> Mapping[str, Mapping[str, list[str]]]:
    """By province and city: the districts; under no city those that are their own."""
    table: Mapping[str, Mapping[str, list[str]]] = json.loads(_TABLE.read_bytes())["provinces"]
    return table


@cache
def _city_words(province: str) -> list[tuple[str, str]]:
    """What cities of a province are called at length and in short, the longest first."""
    cities = [city for city in _by_province()[province] if city]
    words = {city: city for city in cities}
    for city in cities:
        short = _CITY_END.sub("", city)
        shorts = [short] if len(short) > 1 else []
        if city.endswith("自治州"):  # 恩施州 is 恩施土家族苗族自治州
            shorts = [f"{city[:length]}州" for length in (2, 3, 4)]
        for each in shorts:
            words.setdefault(each, city)
    return sorted(words.items(), key=lambda one: -len(one[0]))


@cache
def _provinces_of_cities() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for province, cities in _by_province().items():
        for city in cities:
            if city:
                found.setdefault(city, []).append(province)
    return found


def same_name(one: str, other: str) -> bool:
    """Whether two names are one region, such as 广东 and 广东省."""
    left, right = _bare(one), _bare(other)
    return left == right or (min(len(left), len(right)) > 1 and _starts(left, right))


def _bare(name: str) -> str:
    found = _PROVINCE_END.sub("", "".join(name.split()))
    return _CITY_END.sub("", found)


def _starts(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return long.startswith(short) and long[len(short) :] in _ENDS


_ENDS = ("", "省", "市", "区", "县", "地区", "盟", "州")
