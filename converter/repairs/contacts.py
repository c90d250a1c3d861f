"""Name, phone and address that stand in one cell, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from converter.repairs.regions import starts_with_region

_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[-\s]?)?(1[3-9]\d{9})(?!\d)((?:-|转)\d{1,6}(?!\d))?"
    r"|(?<!\d)(0\d{2,3}-\d{7,8})(?!\d)"
)
_NAME = re.compile(r"[\u3400-\u9fff·]{2,4}(?:\[\d{1,6}\])?")
_NO_NAME = re.compile(
    r"[省市区县镇乡村路街道巷弄号楼栋幢室单元座层店厦园院社组]|麻烦|谢谢|发货|收件|地址"
)
_LABEL = re.compile(
    r"(?P<name>收\s*[件货]\s*人(?:姓名)?|姓\s*名|联\s*系\s*人)\s*[:：]"
    r"|(?P<phone>(?:手机|电话|联系)(?:号码|方式|电话)?|收[件货]人?(?:手机|电话))\s*[:：]"
    r"|(?P<region>所在地区|所在区域|地区|省市区)\s*[:：]"
    r"|(?P<address>(?:详细|收[件货]人?|街道)?地址|街道)\s*[:：]"
    r"|(?P<postcode>邮\s*编|邮政编码)\s*[:：]"
)
_ENDS = " \t\r\n,，;；。、/|"
_GAP = re.compile(r"[\s,，;；。、|]+")
_POSTCODE = re.compile(r"[1-8]\d{5}|0[1-9]\d{4}")
_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str
    address: str
    postcode: str = ""


def is_contact(text: str) -> bool:
    """Whether a name, phone and address seem to stand in a text, be they in order or not."""
    labels = sum(1 for _ in _LABEL.finditer(text))
    return labels > 1 or (bool(_PHONE.search(text)) and any(
        starts_with_region(text[at:]) for at in _beginnings(text)
    ))  # fmt: skip


def apart(text: str) -> Contact | None:
    """The parts of a cell with all of them; None where it is not certain which is which.

    A cell without a phone number is taken apart where blanks part the name from the address.
    """
    if sum(1 for _ in _LABEL.finditer(text)) > 1:
        return _by_labels(text)
    phones = [*_PHONE.finditer(text)]
    if len(phones) > 1:
        return None
    if not phones:
        return _by_tokens([*filter(None, _GAP.split(text))], [], "")
    found = phones[0]
    before = [*filter(None, _GAP.split(text[: found.start()]))]
    after = [*filter(None, _GAP.split(text[found.end() :]))]
    return _by_tokens(before, after, found[0].strip())


def _by_labels(text: str) -> Contact | None:
    labels = [*_LABEL.finditer(text)]
    if text[: labels[0].start()].strip(_ENDS):
        return None
    parts: dict[str, str] = {}
    for number, label in enumerate(labels):
        end = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        kind = label.lastgroup or ""
        if kind in parts:
            return None  # two receivers
        parts[kind] = text[label.end() : end].strip(_ENDS)
    name, phone = parts.get("name", ""), parts.get("phone", "")
    address = f"{parts.get('region', '')}{parts.get('address', '')}"
    if not name or len(name) > _LONGEST_NAME or not starts_with_region(address):
        return None
    return Contact(name, phone, address, parts.get("postcode", ""))


def _by_tokens(before: list[str], after: list[str], phone: str) -> Contact | None:
    """The parts by what stands around the phone number: one name, and one address in a row."""
    tokens = [*before, *after]
    starts = (at for at in range(len(tokens)) if starts_with_region(" ".join(tokens[at:])))
    first = next(starts, None)
    if first is None:
        return None
    postcode = ""
    if len(tokens) > first + 1 and _POSTCODE.fullmatch(tokens[-1]):
        postcode, tokens = tokens[-1], tokens[:-1]
    if first == 1 and _is_name(tokens[0]):
        name, address = tokens[0], tokens[1:]
    elif first == 0 and phone and len(tokens) > 1:
        # The name is next to the phone number: the last one of all, or the last one before it.
        last = tokens[-1]
        if not _is_name(last):
            return None
        name, address = last, tokens[:-1]
    else:
        return None
    if any(_is_name(each) for each in address[1:]):
        return None
    return Contact(name, phone, " ".join(address), postcode)


def _is_name(token: str) -> bool:
    return bool(_NAME.fullmatch(token)) and not _NO_NAME.search(token)


def _beginnings(text: str) -> list[int]:
    """Where an address may begin: at the beginning, and behind a gap or a number."""
    return [
        0,
        *(found.end() for found in re.finditer(r"[\s,，;；:：。、]+|\d(?=[\u3400-\u9fff])", text)),
    ]
