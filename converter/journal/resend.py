"""Who settles an order in doubt: a later run, by sending it again unchanged, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Settling(StrEnum):
    """What settles a doubt."""

    LATER = "later"
    """A run, once a request that was given up on can no longer take effect."""
    NOW = "now"
    """The next run, whenever it is."""
    BY_HAND = "by hand"
    """What the provider or a person says about it."""


@dataclass(frozen=True, slots=True)
class ResendRule:
    """What a provider promises about a request that reaches it twice."""

    class_: str
    """A where it refuses the second one; each class is described in the mapping's reference."""
    settle_seconds: float
    """How long a request that was given up on may still take effect."""

    @property
    def refuses_duplicates(self) -> bool:
        """Whether a second order of the same reference is refused, whatever it holds."""
        return self.class_ == "A"

    @property
    def resends(self) -> bool:
        """Whether an order in doubt is sent again without anybody being asked."""
        return self.refuses_duplicates

    def settle_until(self, since: float | None) -> float | None:
        """When a doubt that began at `since`, in epoch seconds, may be settled."""
        return None if since is None else since + self.settle_seconds

    def may_resend(self, since: float | None, now: float) -> bool:
        """Whether an order in doubt since then may be sent again now."""
        return self.resends and (self.settle_until(since) or 0) <= now

    def settling(self, until: float | None, now: float) -> Settling:
        """What settles a doubt whose settle time ends at `until`."""
        if not self.resends:
            return Settling.BY_HAND
        return Settling.NOW if (until or 0) <= now else Settling.LATER
