"""Faults of a mapping that its schema cannot see, such as names that point nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.lint_fields import field_faults
from converter.mapping.lint_promises import promise_faults
from converter.mapping.lint_references import reference_faults
from converter.mapping.lint_requests import expression_faults, request_faults
from converter.mapping.lint_sources import source_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc


def find(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Every fault with its place, subject by subject."""
    yield from field_faults(mapping)
    yield from reference_faults(mapping)
    yield from source_faults(mapping)
    yield from expression_faults(mapping)
    yield from request_faults(mapping)
    yield from promise_faults(mapping)
