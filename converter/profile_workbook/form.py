"""The parts of the workbook, as both its writer and its reader know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from converter import messages
from converter.message import Message, pt
from converter.messages import translate
from converter.profiles.model import DateOrder
from converter.text import fold

FIELDS = pt("profile", "Fields")
WORDS = pt("profile", "Words")
LAYOUT = pt("profile", "Layout")
TITLES = pt("profile", "Titles")
"""The sheets."""

FIELD_COLUMNS: Mapping[str, Message] = {
    "field": pt("profile", "Field"),
    "required": pt("profile", "Required"),
    "column": pt("profile", "Column of the sheet"),
    "joined": pt("profile", "Joined with"),
    "otherwise": pt("profile", "Where blank"),
    "fixed": pt("profile", "Fixed value"),
    "example": pt("profile", "Example"),
    "note": pt("profile", "Note"),
    "path": pt("profile", "Key"),
    "given": pt("profile", "Known by itself"),
}
"""The titles of the sheet with the fields, by what their cells are."""

WORD_COLUMNS: Mapping[str, Message] = {
    "field": pt("profile", "Field"),
    "word": pt("profile", "Word in the sheet"),
    "means": pt("profile", "Means"),
    "path": pt("profile", "Key"),
}

TITLE_COLUMNS: Mapping[str, Message] = {
    "label": pt("profile", "Title"),
    "letter": pt("profile", "Letter"),
    "example": pt("profile", "Example"),
    "title": pt("profile", "Title alone"),
    "nth": pt("profile", "Number"),
}

LAYOUT_ROWS: Mapping[str, Message] = {
    "name": pt("profile", "Name of the profile"),
    "provider": pt("profile", "Provider"),
    "account": pt("profile", "Account"),
    "sheets": pt("profile", "Sheets with orders"),
    "header_row": pt("profile", "Row with the titles"),
    "date_order": pt("profile", "Dates such as 05/06/2026"),
    "product_table": pt("profile", "Product table"),
    "leave_out": pt("profile", "Leave out rows where this column"),
}
"""What is said about the layout as a whole, by what the cell beside it is."""

LAYOUT_HELP: Mapping[str, Message] = {
    "name": pt("profile", "As you want to call it."),
    "account": pt("profile", "The account in the settings; blank for the usual one."),
    "sheets": pt("profile", "Names of sheets, divided by ; - blank for all of them."),
    "header_row": pt("profile", "Blank where it is found by itself."),
    "date_order": pt("profile", "Needed where the sheet has such dates."),
    "product_table": pt(
        "profile", "A workbook or csv by SKU with names, HS codes, weights and prices."
    ),
    "leave_out": pt("profile", "has one of these words, divided by ;"),
}

DATE_ORDERS: Mapping[DateOrder, Message] = {
    "day first": pt("profile", "day first"),
    "month first": pt("profile", "month first"),
}

YES = {
    "always": pt("profile", "required"),
    "group": pt("profile", "with its group"),
    "no": pt("profile", "optional"),
}
"""Whether a field is required."""

HINT = pt(
    "profile",
    "Choose the column of your sheet for each field, or write a value that is always the same. "
    "Required fields come first. What stays blank is not used.",
)


def said(message: Message, lang: str) -> str:
    return translate(message, lang)


def is_said(text: str, message: Message) -> bool:
    """Whether a text is this message in any language."""
    return fold(text) in {fold(translate(message, lang)) for lang in messages.languages()}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell of the workbook, and what to do."""

    cell: str
    """Such as `Fields!C7`, in the names of the workbook itself."""
    problem: str
    """A sentence, with what to do."""
