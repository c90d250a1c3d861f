"""The columns of an order sheet: one for each field that people fill in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from converter.mapping import paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping, word_for
from converter.sheet import letter

_EXACT = Decimal(10) ** 15
"""Excel rounds longer numbers, so columns that may hold one are text."""


@dataclass(frozen=True)
class TemplateColumn:
    """A field and its column on the sheet."""

    spec: FieldSpec
    letter: str
    group: int
    """0 for the order, then its lists in the mapping's order."""
    need: str
    """`always`, `group` (once an entry of its list is begun) or `no`."""

    @property
    def header(self) -> str:
        title = self.spec.title
        both = title.zh if title.zh == title.en else f"{title.zh}\n{title.en}"
        return f"*{both}" if self.need == "always" else both

    @property
    def is_text(self) -> bool:
        """Whether the column is formatted as text: leading zeros and long numbers survive."""
        spec = self.spec
        if spec.type == "integer":
            return spec.at_most is not None and spec.at_most >= _EXACT
        return spec.type not in ("decimal", "datetime")

    @property
    def words(self) -> tuple[str, ...]:
        """The options in the drop-down of a choice: the Chinese word where there is one."""
        offered = [*self.spec.choices.items()]
        shown = [word_for(spellings, sent, "zh") for sent, spellings in offered]
        return tuple(dict.fromkeys([*shown, *self.spec.not_sent[:1]]))


def columns_of(mapping: ProviderMapping) -> list[TemplateColumn]:
    """Every field that people fill in: the reference first, then in the mapping's order."""
    specs = [spec for spec in mapping.fields if spec.has_column]
    specs.sort(key=lambda spec: spec.path != mapping.order.reference)
    lists = list(mapping.order.lists)
    of_files = {path for spec in specs if spec.file for path in spec.file.fills}
    found = []
    for i, spec in enumerate(specs):
        inside = paths.list_of(spec.path)
        # A nested list has a group of its own; every list is declared, or the mapping is refused.
        group = lists.index(inside) + 1 if inside else 0
        filled_in = spec.default or spec.fallback or spec.default_if_single or spec.copies
        need = "no"
        if spec.required and not (
            filled_in or scopes.conditions(spec, mapping) or spec.path in of_files
        ):
            optional = inside and not mapping.order.lists[inside].required
            need = "group" if optional else "always"
        found.append(TemplateColumn(spec, letter(i), group, need))
    return found
