"""The sheet Guide: how to fill in the orders, what the colours mean, and every field."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.worksheet.worksheet import Worksheet

from converter.mapping.model import ProviderMapping
from converter.message import N_, pt, t
from converter.messages import translate
from converter.results import text_size
from converter.sheet import letter
from converter.sheet_template import guide, styles
from converter.sheet_template.columns import TemplateColumn
from converter.sheet_template.guide import both

_STEPS = (
    N_("Fill in the sheet Orders: one row per item. Rows of one order have the same reference."),
    N_("Dark columns with * are required, medium ones once their group is used, pale ones not."),
    N_(
        "Point at a title to read what belongs there. Columns may be deleted, moved or left blank "
        "if they are not required."
    ),
    N_(
        "Columns for codes are set to text, so leading zeros stay. The sheet Example shows filled "
        "orders and is never sent."
    ),
    N_("Then check the file: converter check FILE -p {provider}"),
)

_WIDTHS = {
    t("Column"): 7,
    t("Chinese title"): 22,
    t("English title"): 26,
    pt("heading", "Required"): 16,
    t("Group"): 20,
    t("Type"): 14,
    t("Limits"): 24,
    t("Allowed"): 32,
    t("Example"): 24,
    t("Meaning"): 44,
    t("Titles also understood"): 60,
    t("Field"): 34,
}
"""Columns of the table of fields, and their widths."""


def write_guide(
    sheet: Worksheet, mapping: ProviderMapping, columns: Sequence[TemplateColumn]
) -> None:
    sheet.sheet_properties.tabColor = "FFA6A6A6"
    sheet.sheet_view.showGridLines = False
    styles.make_printable(sheet)
    for i, width in enumerate(_WIDTHS.values()):
        sheet.column_dimensions[letter(i)].width = width + styles.COLUMN_PADDING
    sheet.row_dimensions[1].height = 26
    title = f"{mapping.title.zh} / {mapping.title.en}"
    styles.put(sheet, 1, 1, title, styles.TITLE)
    row = _write_steps(sheet, 3, mapping)
    row = _write_legend(sheet, row + 1, mapping, columns)
    row = _write_fields(sheet, row + 1, mapping, columns)
    if mapping.rules:
        _write_rules(sheet, row + 1, mapping)


def _write_steps(sheet: Worksheet, row: int, mapping: ProviderMapping) -> int:
    """Write the steps in both languages, and return the row after them."""
    for number, step in enumerate(_STEPS, 1):
        for lang in ("zh", "en"):
            text = translate(t(step, provider=mapping.provider), lang)
            text = f"{number}. {text}" if lang == "zh" else f"    {text}"
            styles.put(sheet, row, 1, text, styles.PLAIN if lang == "zh" else styles.FAINT)
            row += 1
    return row


def _write_legend(
    sheet: Worksheet, row: int, mapping: ProviderMapping, columns: Sequence[TemplateColumn]
) -> int:
    """Write a row for each group of columns, and return the row after them."""
    for group in sorted({column.group for column in columns}):
        needs = {column.need for column in columns if column.group == group}
        used = [need for need in styles.NEEDS if need in needs]
        for at, need in enumerate(used, 2):
            label = both(guide.SHORT_NEEDS[need])
            styles.put(sheet, row, at, label, styles.shade(group, need))
        styles.put(sheet, row, 5, guide.group_name(mapping, group), styles.BOLD)
        styles.put(sheet, row, 7, guide.group_help(mapping, group), styles.PLAIN)
        row += 1
    return row


def _write_fields(
    sheet: Worksheet, row: int, mapping: ProviderMapping, columns: Sequence[TemplateColumn]
) -> int:
    """Write the table of fields, and return the row after it."""
    head = row
    sheet.row_dimensions[head].height = 30
    for number, title in enumerate(_WIDTHS, 1):
        label = both(title).replace(" ", "\n", 1)
        styles.put(sheet, head, number, label, styles.HEAD)
    for row, column in enumerate(columns, head + 1):
        spec = column.spec
        need = both(guide.SHORT_NEEDS[column.need])
        texts = (
            column.letter,
            spec.title.zh,
            spec.title.en,
            need,
            guide.group_name(mapping, column.group),
            guide.kind(spec),
            "\n".join(guide.limits_of(spec)),
            guide.allowed_values(spec),
            spec.example or "",
            "\n".join(guide.hints(spec)),
            ", ".join(spec.aliases),
            spec.path,
        )
        for number, text in enumerate(texts, 1):
            is_need = text is need
            style = styles.shade(column.group, column.need) if is_need else styles.LISTED
            styles.put(sheet, row, number, text, style)
        lines = max(map(text_size.line_count, texts, _WIDTHS.values()))
        sheet.row_dimensions[row].height = text_size.row_height(lines)
    last = head + len(columns)
    sheet.auto_filter.ref = f"A{head}:{letter(len(_WIDTHS) - 1)}{last}"
    return last + 1


def _write_rules(sheet: Worksheet, row: int, mapping: ProviderMapping) -> None:
    styles.put(sheet, row, 1, both(t("Rules between columns")), styles.SECTION)
    for number, rule in enumerate(mapping.rules, row + 1):
        texts = [guide.rule_text(rule, mapping, lang) for lang in ("zh", "en")]
        styles.put(sheet, number, 1, f"• {'    '.join(texts)}", styles.PLAIN)
