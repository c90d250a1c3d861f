"""What is about to be sent, for a person to agree to."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.journal import Planned
from converter.mapping.model import ProviderMapping
from converter.runs.prepare import Prepared
from converter.settings import Settings


@dataclass(frozen=True)
class Proposal:
    """What is about to be sent, and what stays."""

    orders: int
    """Orders that go, each part of one that is split counted."""
    sheets: int
    address: str
    requests: int | None = None
    """None for several sheets: the number depends on the outcomes of the first ones."""
    total: int = 0
    """Orders in the sheets."""
    goes: int = 0
    """Of them those that go, whole or in part."""
    invalid: int = 0
    """Of them those that did not pass the checks."""
    warned: tuple[str, ...] = ()
    """Those that go with a warning: reference, title and what was found."""
    provider: str = ""
    account: str = ""
    action: str = ""

    @property
    def held(self) -> int:
        """Orders that stay because of what became of them before."""
        return self.total - self.goes - self.invalid

    def with_sheet(
        self,
        prepared: Prepared,
        parts: Mapping[int, Sequence[Planned]],
        stays: Container[str],
    ) -> Proposal:
        """Count a sheet in; `stays` are the references of the parts that do not go."""
        orders, goes = 0, 0
        warned = list(self.warned)
        for index, own in parts.items():
            going = sum(1 for part in own if part.reference not in stays)
            orders += going
            if going:
                goes += 1
                warned += _warnings(prepared, index)
        return replace(
            self,
            orders=self.orders + orders,
            sheets=self.sheets + 1,
            total=self.total + prepared.count,
            goes=self.goes + goes,
            invalid=self.invalid + prepared.count - len(parts),
            warned=tuple(warned),
        )


def begin(mapping: ProviderMapping, values: Settings, action: str) -> Proposal:
    """A proposal of nothing yet, for the account of these settings."""
    names = [
        values.values[name]
        for name, setting in mapping.settings.items()
        if setting.account and not setting.secret and name != "base_url" and name in values.values
    ]
    return Proposal(
        0, 0, values.values["base_url"],
        provider=mapping.provider, account=", ".join(names), action=action,
    )  # fmt: skip


def _warnings(prepared: Prepared, index: int) -> list[str]:
    issues = prepared.issues.get(index, ())[:1]
    reference = prepared.payloads.orders.references[index]
    return [
        " ".join(filter(None, [reference, issue.title.split("\n")[0], issue.facts.get("found")]))
        for issue in issues
    ]
