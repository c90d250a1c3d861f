"""Where an expression lives: the list of its field, those around it, and lists inside functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from converter.mapping import formulas, paths
from converter.mapping.expressions import Path
from converter.mapping.formulas import (
    MAKE_LISTS,
    OVER_LISTS,
    Call,
    Expression,
    Formula,
    Line,
    Operation,
    Quoted,
    Setting,
    Template,
    Words,
    walk,
    with_paths,
)
from converter.mapping.model import FieldSpec, ProviderMapping, is_country

Nesting = Mapping[str, str]
"""For every list the one whose entries those of the list belong to: the list that it is made
from, or else the one around it (empty for the order)."""


def nesting(mapping: ProviderMapping) -> Nesting:
    """How the lists of a mapping lie in each other."""
    lists = mapping.order.lists
    return {
        path: shape.from_ if shape.from_ in lists else paths.list_of(path)
        for path, shape in lists.items()
    }


def chain(list_path: str, lists: Nesting) -> list[str]:
    """A list and those that its entries belong to, up to the order (an empty path)."""
    found = [list_path]
    while found[-1] and len(found) <= len(lists):
        found.append(lists.get(found[-1], ""))
    return found


def placed_in(list_path: str, mapping: ProviderMapping) -> str:
    """The list whose entries hold a list: one with a single entry is as good as the one around."""
    around = paths.list_of(list_path)
    while around in mapping.order.lists and mapping.order.lists[around].one:
        around = paths.list_of(around)
    return around


def _around(list_path: str) -> list[str]:
    """A list and those around it, up to the order, by their paths alone."""
    found = [list_path]
    while found[-1]:
        found.append(paths.list_of(found[-1]))
    return found


def resolved(formula: Formula, mapping: ProviderMapping) -> Formula:
    """The formula with exact paths (`items[].sku`); what no field is called is a setting, or `line`
    the number of the entry."""
    known = [spec.path for spec in mapping.fields]
    exact = {paths.plain(path): path for path in (*mapping.order.lists, *reversed(known))}
    exact |= {path: path for path in (*mapping.order.lists, *known)}

    def meant(path: str) -> Expression:
        if path in exact:
            return Path(exact[path])
        if path == "line":
            return Line()
        return Setting(path) if path in mapping.settings else Path(path)

    tree = with_paths(formula.tree, meant)
    lists = own_lists(tree, nesting(mapping))
    return replace(formula, tree=tree, lists=tuple(sorted(lists)))


def reads(tree: Expression) -> tuple[str, ...]:
    """The paths of an expression, each once."""
    return tuple(dict.fromkeys(part.path for part in walk(tree) if isinstance(part, Path)))


def own_lists(tree: Expression, lists: Nesting) -> set[str]:
    """The lists of the paths of an expression, those inside functions over lists left out."""
    match tree:
        case Path(path):
            return {path if path in lists else paths.list_of(path)}
        case Call(name) if name in OVER_LISTS:
            return set()
        case Operation(_, parts) | Template(parts) | Call(_, parts):
            return {each for part in parts for each in own_lists(part, lists)}
    return set()


def scope(tree: Expression, lists: Nesting) -> str:
    """The innermost list that an expression lives in by itself."""
    return innermost(own_lists(tree, lists), lists)


def innermost(found: Iterable[str], lists: Nesting) -> str:
    """The list that lies in the most others; the order where there is none."""
    return max(found, key=lambda path: len(chain(path, lists)), default="")


def is_list(tree: Expression) -> bool:
    """Whether the value is an array of plain values."""
    return isinstance(tree, Call) and tree.name in MAKE_LISTS


def gathered(call: Call, here: str, lists: Nesting) -> tuple[str, str]:
    """For a function over a list: that list, and the list whose entries get a value each.

    A list inside `here` gives a value for each entry of `here`; any other one, for the entries (or
    the order) that both have around them: `sum(items.qty)` in `items` is that of the order.
    """
    inner = scope(call.given[0], lists)
    around = chain(here, lists)
    if inner in around:
        return inner, paths.list_of(inner)
    return inner, next(each for each in _around(inner) if each in around)


def formula_of(spec: FieldSpec, mapping: ProviderMapping) -> Formula | None:
    """The expression of a field's `formula` or `text`. Raises ValueError where it is none."""
    if spec.formula is not None:
        return resolved(formulas.parse(spec.formula), mapping)
    return resolved(formulas.parse_template(spec.text), mapping) if spec.text is not None else None


def where_of(path: str, mapping: ProviderMapping) -> Formula | None:
    """The condition that the entries of a list have to meet. Raises ValueError where it is none."""
    shape = mapping.order.lists.get(path)
    if shape is None or shape.where is None:
        return None
    return resolved(formulas.parse(shape.where), mapping)


def form_of(spec: FieldSpec, mapping: ProviderMapping) -> Formula | None:
    """The expression of what is sent of a field's value. Raises ValueError where it is none."""
    if spec.form is None:
        return None
    read = formulas.parse(spec.form)
    tree = with_paths(read.tree, lambda path: Path(spec.path if path == "it" else path))
    return resolved(replace(read, tree=tree), mapping)


def conditions(spec: FieldSpec, mapping: ProviderMapping) -> list[str]:
    """The `when` of a field and those of the lists and objects that it lies in."""
    order = mapping.order
    around = [(f"{path}[].", shape.when) for path, shape in order.lists.items()]
    around += [(f"{path}[].", shape.where) for path, shape in order.lists.items()]
    around += [(f"{path}.", thing.when) for path, thing in order.objects.items()]
    texts = [when for prefix, when in around if when and spec.path.startswith(prefix)]
    return [*texts, *filter(None, (spec.when,))]


def condition_of(spec: FieldSpec, mapping: ProviderMapping) -> Formula | None:
    """The expression of a field's `when` and those of the objects and lists around it.

    Raises ValueError where one is none.
    """
    texts = conditions(spec, mapping)
    if not texts:
        return None
    read = [resolved(formulas.parse(text), mapping) for text in texts]
    if len(read) == 1:
        return read[0]
    tree = Operation("and", (read[0].tree, read[1].tree))
    for more in read[2:]:
        tree = Operation("and", (tree, more.tree))
    return Formula(tree, " and ".join(f"({text})" for text in texts))


def field_reads(spec: FieldSpec, mapping: ProviderMapping) -> tuple[str, ...]:
    """The fields that the expressions of a field read; a condition may be on its own cell."""
    formula = formula_of(spec, mapping)
    others = (condition_of(spec, mapping), form_of(spec, mapping))
    asked = [path for other in others if other for path in reads(other.tree) if path != spec.path]
    return tuple(dict.fromkeys([*(reads(formula.tree) if formula else ()), *asked]))


def faults(formula: Formula, here: str, mapping: ProviderMapping) -> Iterator[str]:
    """Why a formula whose paths are exact cannot be worked out for the entries of a list."""
    lists = nesting(mapping)
    known = {spec.path for spec in mapping.fields}
    for path in reads(formula.tree):
        if path not in known and path not in lists:
            yield paths.no_field(path, {*known, *map(paths.plain, known)})
            return
    yield from _faults(formula.tree, here, lists)
    yield from _word_faults(formula.tree, mapping)
    yield from _array_faults(formula.tree)


def _array_faults(tree: Expression) -> Iterator[str]:
    """Arrays where a single value is needed."""
    for part in walk(tree):
        match part:
            case Call(name, given) if name not in {*OVER_LISTS, "list", "if"}:
                inner = given
            case Template(inner):
                pass
            case Operation(sign, inner) if sign not in ("and", "or", "not"):
                pass
            case _:
                continue
        if any(map(is_list, inner)):
            yield 'an array cannot stand there: make it one text, as in join(..., ", ")'


def _word_faults(tree: Expression, mapping: ProviderMapping) -> Iterator[str]:
    """Words that a field never is, and names of fields that are compared as words."""
    known = {paths.plain(spec.path): spec for spec in mapping.fields}
    for part in walk(tree):
        match part:
            case Operation("=" | "!=", (Path(path), Quoted(word))):
                words: tuple[str, ...] = (word,)
            case Operation("in", (Path(path), Words(words))):
                pass
            case _:
                continue
        if spec := known.get(paths.plain(path)):
            for word in words:
                yield from never(spec, word, known)


def never(spec: FieldSpec, word: str, known: Collection[str]) -> Iterator[str]:
    """Why a field is never equal to a word, or the word is rather one of the `known` fields."""
    name = paths.plain(spec.path)
    if spec.choices:
        if word not in spec.choices:
            yield f"{name} is never {word!r}: its choices are {', '.join(spec.choices)}"
    elif spec.type == "country" and not is_country(word):
        yield f"{name} is never {word!r}: a country is compared by its two letters, such as GB"
    elif spec.type == "currency" and not re.fullmatch("[A-Z]{3}", word):
        yield f"{name} is never {word!r}: a currency is compared by its three letters, such as EUR"
    elif spec.type in ("integer", "decimal") and not re.fullmatch(r"[+-]?\d+(\.\d+)?", word):
        other = f": to compare it with that field write ({word})" if word in known else ""
        yield f"{name} is a number and never {word!r}{other}"
    elif word in known:
        yield f"{word!r} would be a word: to compare with that field write ({word})"


def _faults(tree: Expression, here: str, lists: Nesting) -> Iterator[str]:
    match tree:
        case Path(path):
            own = paths.list_of(path)
            if path in lists:
                yield f"{path!r} is a list: write count({paths.plain(path)}), or one of its fields"
            elif own not in chain(here, lists):
                name = paths.plain(path)
                yield (
                    f"{path!r} has several values here: choose with first({name}), sum({name}), "
                    f'join({name}, ", ") or the like'
                )
        case Line() if not here:
            yield "'line' is the number of an entry: it needs a field of a list"
        case Call(name) if name in OVER_LISTS:
            yield from _list_faults(tree, here, lists)
        case Operation(_, parts) | Template(parts) | Call(_, parts):
            for part in parts:
                yield from _faults(part, here, lists)


def _list_faults(call: Call, here: str, lists: Nesting) -> Iterator[str]:
    over = call.given[0]
    if is_list(over):
        yield from _faults(over, here, lists)
        return
    inner = scope(over, lists)
    if not inner:
        yield f"{call.name}() needs a field of a list"
        return
    if isinstance(over, Path) and over.path in lists:
        if call.name != "count":
            yield f"{over.path!r} is a list: {call.name}() needs one of its fields"
        return
    yield from _faults(over, inner, lists)
