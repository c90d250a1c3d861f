"""Faults of a mapping that its schema cannot see, such as names that point nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from converter.mapping.lint_answers import answer_faults
from converter.mapping.lint_calls import call_faults
from converter.mapping.lint_fields import field_faults
from converter.mapping.lint_forms import form_faults
from converter.mapping.lint_kinds import kind_faults
from converter.mapping.lint_named_calls import named_call_faults
from converter.mapping.lint_promises import promise_faults
from converter.mapping.lint_references import reference_faults
from converter.mapping.lint_requests import expression_faults
from converter.mapping.lint_second_calls import second_call_faults
from converter.mapping.lint_signatures import signature_faults
from converter.mapping.lint_sources import source_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc

_LOG = logging.getLogger(__name__)


_SUBJECTS = (
    field_faults, form_faults, reference_faults, source_faults, kind_faults, expression_faults,
    answer_faults, second_call_faults, call_faults, named_call_faults,
    signature_faults, promise_faults,
)  # fmt: skip


def find(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Every fault with its place, subject by subject.

    A mapping with faults may be one that a later subject cannot work with: it is left out then.
    """
    has_faults = False
    stopped: Exception | None = None
    for subject in _SUBJECTS:
        try:
            for fault in subject(mapping):
                has_faults = True
                yield fault
        except (LookupError, ValueError, TypeError, RuntimeError) as error:
            stopped = error
            _LOG.info("lint stopped at a fault", exc_info=True)
    if stopped and not has_faults:
        raise stopped
