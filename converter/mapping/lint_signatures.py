"""Faults of signatures, idempotency keys and values that are made anew."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from converter.mapping.call_texts import texts_in, texts_of
from converter.mapping.lint_names import OF_A_CALL, name_fault, names_in, parsed_text
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Recipe
from converter.mapping.request_functions import evaluate, text_of
from converter.mapping.request_text import Expression, makes_raw, names_of, parse
from converter.mapping.yaml_events import Loc

_OF_THE_BODY = frozenset({"body_text", "form", "body"})
_OF_THE_QUERY = frozenset({"query", "target", "url"})


def signature_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """What cannot be made, would be wrong, or stands nowhere in the request."""
    yield from _fresh_faults(mapping)
    yield from _key_faults(mapping)
    yield from _repeat_faults(mapping)
    yield from _sign_faults(mapping)
    yield from _recipe_faults(mapping)


def _fresh_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for name, fresh in mapping.request.fresh.items():
        at: Loc = ("request", "fresh", name)
        kinds = [fresh.time is not None, fresh.random is not None, fresh.uuid]
        if sum(kinds) > 1:
            yield at, "a fresh value is one of 'time', 'random' and 'uuid'"
        elif fresh.time is not None and fresh.time.startswith("$"):
            if fresh.time[1:] not in mapping.settings:
                yield at, f"{fresh.time} is no setting of this mapping"
        elif fresh.time is not None:
            if fresh.time not in ("s", "ms", "http") and "%" not in fresh.time:
                yield at, "the time is in 's' or 'ms', or a $setting"
        elif not any(kinds):
            yield at, "a fresh value is a 'time' or 'random' characters"


_NOT_IN_A_KEY = frozenset({"fresh", "sign", "signature", "token", "key", *OF_A_CALL})


def _key_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """A key that would differ when the same orders are sent again, or that nothing sends."""
    request = mapping.request
    at: Loc = ("request", "key")
    texts = [*texts_of(request, ("request",))]
    is_sent = any(re.search(r"[${(+ ]key\b", text) for _, text in texts)
    if request.key is None:
        return
    if "key" in mapping.settings:
        yield at, "a setting is called 'key' too: give it another name"
    elif not is_sent:
        yield at, "nothing in headers, query or body is '$key'"
    found = parsed_text(request.key)
    if isinstance(found, str):
        yield at, found
        return
    heads = set()
    for name in names_of(found):
        heads.add(name.partition(".")[0])
        if name.partition(".")[0] in _NOT_IN_A_KEY and name not in mapping.settings:
            yield at, f"{{{name}}} is another one at every attempt, but a key has to stay the same"
        elif problem := name_fault(name, mapping, request):
            yield at, f"{{{name}}} {problem}"
    if not heads & {"orders", "order", "first", "reference", "references", "content"}:
        yield at, "the key is the same for all orders: it needs {content}, or {first.reference}"


def _repeat_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Of class B: bodies that are never the same, although the very same request is sent again."""
    request = mapping.request
    if mapping.duplicates.class_ != "B":
        return
    names = names_in(text for _, text in texts_in(request.body, ()))
    for _ in request.sign:
        signs = [request.sign[name[5:]] for name in names if name[5:] in request.sign]
        names |= names_in("{" + text + "}" for text in signs)
    changing = sorted(name for name in names if name.startswith("fresh.") or name == "date")
    if changing:
        yield (
            ("request", "body"),
            f"class B sends the very same body again, but {{{changing[0]}}} in it is another one "
            "at every attempt: put it into a header, or choose another class",
        )


def _sign_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    request = mapping.request
    made: dict[str, Expression] = {}
    for name, text in request.sign.items():
        at: Loc = ("request", "sign", name)
        try:
            made[name] = parse(text)
        except ValueError as error:
            yield at, str(error)
            continue
        if makes_raw(made[name]):
            yield at, f"{text!r} makes raw bytes: write hex(...) or base64(...) around it"
        for used in names_of(made[name]):
            if problem := name_fault(used, mapping, request):
                yield at, f"{used} {problem}"
    used_names = names_in(text for _, text in texts_of(request, ("request",)))
    used_names |= {used for found in made.values() for used in names_of(found)}
    for name in request.sign:
        if f"sign.{name}" not in used_names:
            yield ("request", "sign", name), f"nothing is '$sign.{name}'"
    yield from _circles(mapping, made)
    yield from _vector_faults(mapping, made)


def _circles(mapping: ProviderMapping, made: Mapping[str, Expression]) -> Iterator[tuple[Loc, str]]:
    """Signatures that need each other; one that is in the body is made of the rest of it."""
    request = mapping.request
    inside = {
        key: _signs_in(dict(texts_in(getattr(request, key), (key,))).values())
        for key in ("body", "query")
    }
    needs: dict[str, set[str]] = {}
    for name, found in made.items():
        names = {used.partition(".")[0] for used in names_of(found)}
        needs[name] = {used[5:] for used in names_of(found) if used.startswith("sign.")}
        needs[name] |= inside["body"] - {name} if names & _OF_THE_BODY else set()
        needs[name] |= inside["query"] - {name} if names & _OF_THE_QUERY else set()
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        yield ("request", "sign", circle[0]), f"signatures need each other: {', '.join(circle)}"


def _signs_in(texts: Any) -> set[str]:
    return {name[5:] for name in names_in(texts) if name.startswith("sign.")}


def _vector_faults(
    mapping: ProviderMapping, made: Mapping[str, Expression]
) -> Iterator[tuple[Loc, str]]:
    for place, vector in enumerate(mapping.request.vectors):
        at: Loc = ("request", "vectors", place)
        if vector.sign not in made:
            yield (*at, "sign"), f"there is no signature {vector.sign!r} under request.sign"
            continue

        def lookup(name: str, given: Mapping[str, Any] = vector.given) -> Any:
            head, _, rest = name.partition(".")
            if name in given:
                value = given[name]
                return [*value.items()] if isinstance(value, dict) else value
            if isinstance(given.get(head), dict) and rest in given[head]:
                return given[head][rest]
            if name.startswith("sign.") and rest in made:
                return evaluate(made[rest], lookup)
            raise ValueError(f"'given' has no {name}")

        try:
            result = text_of(evaluate(made[vector.sign], lookup))
        except (ValueError, TypeError, RecursionError) as error:
            yield at, f"the example cannot be worked out: {error}"
            continue
        if result != vector.result:
            yield at, f"sign.{vector.sign} makes {result!r} of this example, not {vector.result!r}"


def _recipe_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    signature = mapping.request.signature
    if signature is None:
        return
    for key in ("recipe", "sandbox"):
        recipe: Recipe | None = getattr(signature, key)
        if recipe and (problem := recipe.fault(mapping.settings, mapping.request.fresh)):
            yield ("request", "signature", key), problem
    texts = [text for _, text in texts_of(mapping.request, ("request",))]
    if mapping.query:
        texts += [text for _, text in texts_in(mapping.query.body, ())]
    if not any("$signature" in text or "{signature" in text for text in texts):
        yield ("request", "signature"), "nothing in headers, query or body is '$signature'"
