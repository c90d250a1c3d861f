"""Who settles an order in doubt: a later run, by sending it again unchanged, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_OF_KEY = 0.8
"""Share of the time for which a key is known in which it is relied on."""


class Settling(StrEnum):
    """What settles a doubt."""

    LATER = "later"
    """A run, once a request that was given up on can no longer take effect."""
    NOW = "now"
    """The next run, whenever it is."""
    BY_HAND = "by hand"
    """What the provider or a person says about it."""
    REQUEST_DIVIDED = "request divided"
    """The same: others of its request have their answer, so that request is not made again."""
    KEY_FORGOTTEN = "key forgotten"
    """The same: the provider may know the idempotency key no longer."""


@dataclass(frozen=True, slots=True)
class ResendRule:
    """What a provider promises about a request that reaches it twice."""

    class_: str
    """A where it refuses the second one; each class is described in the mapping's reference."""
    settle_seconds: float
    """How long a request that was given up on may still take effect."""
    key_seconds: float | None = None
    """Class B: how long the provider remembers an idempotency key; None for ever."""
    asks: bool = False
    """The provider can be asked, and an order that it has stored is found at once."""
    apart_seconds: float = 60.0
    """An order is not there where the provider lacks it twice, so long apart."""
    frees_references: bool = False
    """A cancelled order may be sent anew under the same reference."""

    @property
    def refuses_duplicates(self) -> bool:
        """Whether a second order of the same reference is refused, whatever it holds."""
        return self.class_ == "A"

    @property
    def replays(self) -> bool:
        """Whether the very same request may be made again at once, because it has a key."""
        return self.class_ == "B"

    @property
    def resends(self) -> bool:
        """Whether an order in doubt is sent again without any person being asked."""
        return self.class_ in ("A", "B", "U") or (self.class_ == "C" and self.asks)

    def is_key_known(self, first_sent: float | None, now: float) -> bool:
        """Whether the provider still knows the key of a request first made then."""
        if not self.replays or first_sent is None:
            return False
        return self.key_seconds is None or 0 <= now - first_sent < _OF_KEY * self.key_seconds

    def must_ask(self, first_sent: float | None, now: float) -> bool:
        """Whether an order in doubt is sent again only after the provider said it lacks it."""
        return self.class_ == "C" or (self.replays and not self.is_key_known(first_sent, now))

    def settle_until(self, since: float | None) -> float | None:
        """When a doubt that began at `since`, in epoch seconds, may be settled."""
        return None if since is None else since + self.settle_seconds

    def may_resend(self, since: float | None, now: float, first_sent: float | None = None) -> bool:
        """Whether an order in doubt since then may be sent again now, or asked about first."""
        if self.is_key_known(first_sent, now):
            return True
        if self.must_ask(first_sent, now) and not self.asks:
            return False
        return self.resends and (self.settle_until(since) or 0) <= now

    def settling(
        self,
        until: float | None,
        now: float,
        *,
        first_sent: float | None = None,
        is_whole: bool = True,
    ) -> Settling:
        """What settles a doubt whose settle time ends at `until`.

        `is_whole` says whether every order of its request is in doubt: only then is the request
        made again.
        """
        if not self.resends:
            return Settling.BY_HAND
        if self.replays and (first_sent is None or self.is_key_known(first_sent, now)):
            return Settling.NOW if is_whole else Settling.REQUEST_DIVIDED
        if self.replays and not self.asks:
            return Settling.KEY_FORGOTTEN
        return Settling.NOW if (until or 0) <= now else Settling.LATER
