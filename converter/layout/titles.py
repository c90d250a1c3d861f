"""Column titles as people write them: normalized, and looked up in a mapping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from converter.mapping import paths, vocabulary
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import Multilingual
from converter.profiles.model import NO_PROFILE, Profile
from converter.text import clean, fold

_WEIGHTS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}
_LENGTHS = {
    "m": Decimal(100),
    "cm": Decimal(1),
    "mm": Decimal("0.1"),
    "in": Decimal("2.54"),
    "ft": Decimal("30.48"),
}
MEASURES = (_WEIGHTS, _LENGTHS)
"""Units that can be converted into each other, with their sizes in kg or cm."""

_UNIT_WORDS = {
    "厘米": "cm", "公分": "cm", "毫米": "mm", "米": "m", "英寸": "in", "inch": "in",
    "inches": "in", "英尺": "ft", "feet": "ft", "公斤": "kg", "千克": "kg", "kgs": "kg",
    "克": "g", "gram": "g", "grams": "g", "磅": "lb", "lbs": "lb", "盎司": "oz",
}  # fmt: skip
_MONEY_WORDS = ("元", "usd", "rmb", "cny", "eur", "gbp", "hkd", "jpy", "cad", "aud", "人民币",
                "美元", "美金", "欧元", "英镑", "港币", "港元", "日元", "加元", "澳元")  # fmt: skip
_WORDS = "|".join(
    sorted(
        {unit for units in MEASURES for unit in units} | {*_UNIT_WORDS, *_MONEY_WORDS},
        key=len,
        reverse=True,
    )
)

_MARKS = re.compile(
    r"^[*#:]+|^\d{1,2}[.、)](?=\D)|[*#:.]+$|[(\[【]?(必填项?|选填项?|required|optional)[)\]】]?"
)
_UNIT_IN_BRACKETS = re.compile(rf"[(\[【<](?:单位[:/]?|/)?\s*({_WORDS})[)\]】>]")
_UNIT_CLOSING_BRACKET = re.compile(rf"(?<=[^a-z(\[【<])[/,]?({_WORDS})(?=[)\]】]$)")
_UNIT_BEHIND_STROKE = re.compile(rf"(?<=[\u3400-\u9fff])/({_WORDS})$")
_UNIT_AT_END = re.compile(
    r"(?:(?<=[^a-z])|\s)[/,]?(cm|mm|kgs?|g|lbs?|oz|inch|usd|rmb|cny|eur|gbp)$"
)
_UNITS = (_UNIT_IN_BRACKETS, _UNIT_CLOSING_BRACKET, _UNIT_BEHIND_STROKE, _UNIT_AT_END)
_HINT = re.compile(
    r"[(\[【](?:文本格式?|二字代码|二字码|两位代码|产品编号|po|iso-?2|yyyy[^)]*|"
    r"pcs?|个|件|纯?数字|整数|不[能可]为空|唯一|可[空选]|二选一|"
    r"(?:必填|选填|如|例|格式|请|注|最多|不超过|默认|下拉|required|optional|max|e\.?g)[^)\]】]*)[)\]】]"
)
_SAME = (("发件", "寄件"), ("发货人", "寄件人"), ("收货人", "收件人"), ("洲", "州"),
         ("一", "1"), ("二", "2"), ("三", "3"))  # fmt: skip
_SIMPLIFIED = str.maketrans(
    "業個鄉買產倉價會優單賣縣參號員國圖實寬對屬幣帶庫應開態總戶擴報擡揀據時機雜條標數"
    "漲狀電稅種稱簡類納線細統編縮網聯規計訂證識話詳賬帳貨質購貿費轉蹤輸運進遞郵採鋪舖"
    "鏈銷鎮長間險題額驗裝別務區備頭淨凈創關內註碼預臺發選項請說釐兩歐鎊寫資訊欄純為過"
    "認範舉樣體",
    "业个乡买产仓价会优单卖县参号员国图实宽对属币带库应开态总户扩报抬拣据时机杂条标数"
    "涨状电税种称简类纳线细统编缩网联规计订证识话详账账货质购贸费转踪输运进递邮采铺铺"
    "链销镇长间险题额验装别务区备头净净创关内注码预台发选项请说厘两欧磅写资讯栏纯为过"
    "认范举样体",
)
"""Traditional characters in titles and their simplified forms: 訂單號 and 订单号 are one title."""

REMARK = re.compile(
    r"[(\[【]?\s*(必填|选填|非必填|可不填|格式|请|示例|样例|例[:：如]|如[:：]|填写|说明[:：]|注[:：]|"
    r"最多|不超过|下拉|单选|纯数字|限|required|optional|mandatory|format|e\.g|example|max\b|"
    r"please|text$|number$|numeric$|string$|decimal$|integer$|date$|文本$|数字$|日期$|文字$)",
    re.IGNORECASE,
)
"""Matches the beginning of text that explains a column, neither its title nor a value."""

_NUMBER_AT_END = re.compile(r"(.*\D)(\d{1,2})[)\]]?")
_NUMBER_WITHIN = re.compile(
    r"(items?|products?|goods|lines?|sku|商品|产品|货品|物品|明细|货物)[\[(_.#-]*(\d{1,2})"
    r"[)\]_.:-]*(\D.*)"
)
_LIST_NUMBER = re.compile(r"\[(\d{1,2})\]")

_CHINESE = re.compile("[\u3400-\u9fff]")
_SENDER = re.compile("寄|sender|shipper")
_RECEIVER = re.compile("收|receiver|recipient|consignee")
_PAYER = re.compile("bill|buyer|payer|purchaser|买家|买方|付款|账单|käufer|comprador")
_SHIP_TO = re.compile("收|ship(?!per)|deliver|receiver|recipient|consignee|empfäng|versand|envío")
_LANGUAGES = re.compile(
    r"/|(?<=[\u3400-\u9fff)）*])\s*[(（]?(?=[A-Za-z])|(?<=[A-Za-z.)）*])\s*[(（]?(?=[\u3400-\u9fff])"
)
"""Matches between the two languages of a title."""


def factor(unit: str, wanted: str) -> Decimal | None:
    """The factor that converts numbers in `unit` to `wanted`; None where there is no exact one."""
    for units in MEASURES:
        if unit in units and wanted in units:
            found = units[unit] / units[wanted]
            return found if found * units[wanted] == units[unit] else None
    return None


def is_measure(unit: str) -> bool:
    return any(unit in units for units in MEASURES)


@lru_cache(maxsize=10_000)
def normalise(title: str) -> tuple[str, str]:
    """A title in the form in which titles are compared, and the unit it names or "".

    Width, case, blanks, invisible and traditional characters, stars, hints in brackets and the
    choice between the two words for sender do not count.
    """
    unit = ""
    while True:  # removing one thing may uncover another: a unit before a star
        text, found = _reduce(title)
        unit = unit or found
        if text == title:
            return text, unit
        title = text


def simplified(text: str) -> str:
    """Words of titles, hints and totals in simplified characters."""
    return text.translate(_SIMPLIFIED)


def _reduce(title: str) -> tuple[str, str]:
    text = " ".join(simplified(unicodedata.normalize("NFKC", clean(title))).lower().split())
    text = _MARKS.sub("", _HINT.sub("", text)).strip()
    unit = ""
    for pattern in _UNITS:
        if found := pattern.search(text):
            unit = _UNIT_WORDS.get(found[1], found[1])
            text = text[: found.start()] + text[found.end() :]
            break
    text = "".join(text.split())
    for old, new in _SAME:
        text = text.replace(old, new)
    return text, unit


def are_opposite(name: str, other: str) -> bool:
    """Whether one normalised title is about the sender and the other about the receiver."""
    sides = {bool(_SENDER.search(each)) - bool(_RECEIVER.search(each)) for each in (name, other)}
    return sides == {1, -1}


def whose(title: str) -> int:
    """How surely a title is about the receiver: 2 where it says so, 0 where it names the payer."""
    name = normalise(title)[0]
    if _PAYER.search(name):
        return 0
    return 2 if _SHIP_TO.search(name) else 1


def squeeze(title: str) -> str:
    """A title in one line, as it is shown and stored."""
    return " ".join(title.split())


@lru_cache(maxsize=10_000)
def by_language(title: str) -> str:
    """A title as messages name it: of one in Chinese and English, each reader sees their own.

    The star that marks a required column is no part of it.
    """
    parts = [part for part in re.split(r"\n|\s/\s|\|", title) if part.strip()]
    if len(parts) == 1:
        parts = _languages(title)
    bare = [squeeze(part.strip("*＊ \t\n")) for part in parts]
    chinese = [part for part in bare if _CHINESE.search(part)]
    others = [part for part in bare if part and not _CHINESE.search(part)]
    if len(chinese) == 1 and len(others) == 1:
        return Multilingual(others[0], zh=chinese[0])
    return squeeze(title.strip("*＊ \t\n"))


def show(title: str) -> str:
    return "'" + squeeze(clean(title))[:40] + "'"


def _bare(title: str) -> str:
    return fold(clean(title).strip("*＊").strip())


def _exact_titles(spec: FieldSpec) -> set[str]:
    return {_bare(title) for title in (spec.title.zh, spec.title.en, *spec.aliases)}


def common_titles(spec: FieldSpec, mapping: ProviderMapping) -> Iterator[tuple[str, bool]]:
    """The vocabulary's titles of a field, and whether each counts only where no other column is."""
    words, used = vocabulary.words(), {other.is_ for other in mapping.fields}
    if spec.is_ is None or spec.is_ not in words:
        return
    names = (name for name in words[spec.is_].covers if name not in used)
    for word in (words[spec.is_], *(words[name] for name in names)):
        for title in (*word.names, *word.titles):
            yield title, False
        for title in word.instead:
            yield title, True


_PARTS = {
    ("receiver.name", "given_name"): ("receiver.given_name",),
    ("receiver.name", "family_name"): ("receiver.family_name",),
    ("receiver.address", "appended"): ("receiver.address2", "receiver.house_number"),
}
"""By field and kind of part: the names of the vocabulary that are this part of it, where a mapping
has no field of their own for them."""


def titles_of_part(mapping: ProviderMapping, spec: FieldSpec, kind: str) -> list[str]:
    """Titles of a part of a field: the mapping's own, and those of the vocabulary."""
    used = {other.is_ for other in mapping.fields}
    found = [*getattr(spec, kind)]
    for name in _PARTS.get((spec.is_ or "", kind), ()):
        word = vocabulary.words()[name]
        found += [] if name in used else [*word.titles, *word.instead, *word.names]
    return found


def _pieces(mapping: ProviderMapping) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for spec in mapping.fields:
        for kind in ("given_name", "family_name", "appended"):
            for title in titles_of_part(mapping, spec, kind):
                found.setdefault(normalise(title)[0], (spec.path, kind))
    return found


class Titles:
    """Every title that a mapping or a profile knows, and the fields it may mean."""

    def __init__(self, mapping: ProviderMapping, profile: Profile = NO_PROFILE) -> None:
        self.mapping = mapping
        self.profile = profile
        self.chosen: dict[str, list[FieldSpec]] = {}
        """By title: the fields that take it in the profile."""
        for path, columns in profile.columns.items():
            for title in columns.titles():
                self.chosen.setdefault(title, []).append(mapping.field(path))
        self.layout = {*profile.titles, *profile.ignored, *profile.mapped_titles()}
        """The titles that the profile knows."""
        self.fields = [spec for spec in mapping.fields if spec.has_column]
        self.by_title: dict[str, list[FieldSpec]] = {}
        self.by_name: dict[str, list[FieldSpec]] = {}
        self.units: dict[str, str] = {}
        for spec in self.fields:
            for title in (spec.title.zh, spec.title.en, *spec.aliases, *spec.stand_ins):
                name, unit = normalise(title)
                owners = self.by_title.setdefault(name, [])
                if spec not in owners:
                    owners.append(spec)
                if is_measure(unit):
                    self.units.setdefault(spec.path, unit)
            for name in {spec.path, paths.plain(spec.path)}:
                self.by_name[name] = [spec]
        whole = set(self.by_name)
        for spec in self.fields:
            if (name := paths.last(spec.path)) not in whole:
                self.by_name.setdefault(name, []).append(spec)
        self.by_any_case: dict[str, list[FieldSpec]] = {}
        for name, specs in self.by_name.items():
            self.by_any_case.setdefault(normalise(name)[0], []).extend(specs)
        self.stand_ins = {
            (normalise(title)[0], spec.path) for spec in self.fields for title in spec.stand_ins
        }
        self.ask = {
            normalise(title)[0]: [mapping.field(path) for path in meanings]
            for title, meanings in mapping.ask.items()
        }
        self.ignored = {normalise(title)[0] for title in mapping.ignored}
        self.pieces = _pieces(mapping)
        """By title: the field of which its column is a part, and which part."""
        self._add_common_titles()

    def _add_common_titles(self) -> None:
        """The vocabulary's titles of each field, so far as the mapping says nothing of them."""
        mapping = self.mapping
        taken = {*self.by_title, *self.ask, *self.ignored}
        lists: list[Iterable[str]] = [mapping.order.group_by]
        lists += [cut.titles for cut in mapping.cut_cells]
        taken |= self.pieces.keys()
        taken |= {normalise(title)[0] for titles in lists for title in titles}
        added: dict[str, list[FieldSpec]] = {}
        for spec in self.fields:
            for title, is_stand_in in common_titles(spec, mapping):
                name, unit = normalise(title)
                owners = added.setdefault(name, [])
                if name in taken or spec in owners:
                    continue
                owners.append(spec)
                if is_stand_in:
                    self.stand_ins.add((name, spec.path))
                if is_measure(unit):
                    self.units.setdefault(spec.path, unit)
        self.by_title.update((name, specs) for name, specs in added.items() if len(specs) == 1)

    def candidates(self, title: str) -> list[FieldSpec]:
        """The fields a header may mean; several where it has several meanings."""
        if self.layout and (known := squeeze(title)) in self.layout:
            return self.chosen.get(known, [])
        bare = clean(title).strip("*＊").strip()
        named = self.by_name.get(bare, [])
        if len(named) == 1:
            return named
        if owners := self._titled(title):
            return owners
        # A header in several lines or languages: remarks aside, all of them must allow the same
        # field. A line with several meanings may be settled by another one.
        for parts in (_lines(title), _languages(title), *_in_brackets(title)):
            sure = [self._titled(part) for part in parts]
            found = [specs or self.ask.get(normalise(part)[0], [])
                     for specs, part in zip(sure, parts, strict=True)]  # fmt: skip
            if any(sure) and all(found):
                common = [spec for spec in found[0] if all(spec in other for other in found[1:])]
                if common:
                    return common
        return named or self.by_any_case.get(normalise(title)[0], [])

    def _titled(self, title: str) -> list[FieldSpec]:
        """Several only where none of them has just this title, its unit included."""
        owners = self.by_title.get(normalise(title)[0], [])
        same = [spec for spec in owners if len(owners) > 1 and _bare(title) in _exact_titles(spec)]
        return same if len(same) == 1 else owners

    def asked(self, title: str) -> list[FieldSpec]:
        """The fields that a title may mean where the user must be asked; empty for other titles."""
        for name in names(title):
            if name in self.ask:
                return self.ask[name]
        return []

    def is_known(self, title: str) -> bool:
        if self.layout and squeeze(title) in self.layout:
            return True
        known = bool(self.candidates(title) or self.asked(title))
        return known or not self.ignored.isdisjoint(names(title))

    def numbered(self, title: str) -> tuple[int, str, list[FieldSpec]] | None:
        """The number, the bare title and the list fields of a header such as `SKU2`.

        Only fields of lists are numbered: a second address line is a field of its own.
        """
        for number, bases in _numbers(title):
            for base in bases:
                meanings = self.candidates(base) or self.ask.get(base, [])
                if specs := [spec for spec in meanings if paths.list_of(spec.path)]:
                    return number, base, specs
                if base in self.ignored:
                    return number, base, []
        return None

    @staticmethod
    def numbers(title: str) -> list[tuple[int, str]]:
        """Every way to read a number in a title, with the title that remains without it."""
        return [(number, base) for number, bases in _numbers(title) for base in bases]

    def nearest(self, title: str) -> FieldSpec | None:
        """The field with a title similar to this one; a suggestion for the user, never applied."""
        # rapidfuzz and not difflib, as elsewhere for misspelt names of settings and fields: its
        # weighted ratio also finds titles with more words, and a sheet may have many columns.
        from rapidfuzz import process

        name = normalise(title)[0]
        least = 80 if len(name) > 3 else 90  # short names are similar by chance
        known = [each for each in self.by_title if not are_opposite(name, each)]
        found = process.extractOne(name, known, score_cutoff=least)
        return self.by_title[found[0]][0] if found else None


def names(title: str) -> list[str]:
    """The normalised title and its lines: one cell often has two languages."""
    return list(dict.fromkeys(normalise(text)[0] for text in (title, *_lines(title))))


def _lines(title: str) -> list[str]:
    """The lines of a title, or its parts between slashes, without mere remarks."""
    parts = [part for part in re.split(r"\n|\s/\s|\|", title) if part.strip()]
    titles = [part for part in parts if not REMARK.match(simplified(part.strip()))]
    return titles if len(parts) > 1 else []


def _languages(title: str) -> list[str]:
    """The two languages of a title in one line."""
    parts = [part.strip() for part in _LANGUAGES.split(title.strip("*＊ "))]
    loose = [part.count(")") + part.count("）") > part.count("(") + part.count("（")
             for part in parts]  # fmt: skip
    return [part[:-1] if cut else part for part, cut in zip(parts, loose, strict=True)]


def _in_brackets(title: str) -> list[list[str]]:
    """Every way to read the end of a title in brackets as its other language."""
    text = title.rstrip()
    if not text.endswith((")", "）")):
        return []
    return [[text[: at.start()], text[at.end() : -1]] for at in re.finditer("[(（]", text)]


def _numbers(title: str) -> list[tuple[int, tuple[str, ...]]]:
    """Every way to read a number in a title, with the titles that remain without it."""
    found: list[tuple[int, tuple[str, ...]]] = []
    if inner := _LIST_NUMBER.search(title):
        found.append((int(inner[1]), (title.strip().replace(inner[0], "[]", 1),)))
    name = normalise(title)[0]
    if end := _NUMBER_AT_END.fullmatch(name):
        found.append((int(end[2]), (end[1].rstrip("-_#.(["),)))
    if within := _NUMBER_WITHIN.fullmatch(name):
        found.append((int(within[2]), (within[1] + within[3], within[3])))
    return found
