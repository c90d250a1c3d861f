"""When to try a request again, how long to pause before, and when to stop sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Rules for requests that the provider did not process. All times are in seconds."""

    tries: int = 5
    longest_pause: float = 60.0
    longest_retry_after: float = 15 * 60.0
    """Limit of the pause that a provider may ask for."""
    total_pause: float = 15 * 60.0
    """Limit of all pauses of one batch together."""
    doubts_in_a_row: int = 3

    def pause(
        self,
        tries: int,
        paused: float,
        retry_after: float | None,
        uniform: Callable[[float, float], float],
    ) -> float | None:
        """How long to pause before the next try; None where there is to be none.

        `tries` have been made, with pauses of `paused` seconds in all. A provider's `retry_after`
        is kept to; else `uniform` draws from an interval that doubles with each try, so that
        clients do not come back all at once.
        """
        if retry_after is not None and retry_after >= 0:  # False for NaN too
            pause = min(retry_after, self.longest_retry_after)
        else:
            pause = uniform(1.0, min(self.longest_pause, 2.0**tries))
        return pause if tries < self.tries and paused + pause <= self.total_pause else None

    def is_hopeless(self, doubts: int) -> bool:
        """Whether so many requests in a row without a clear answer mean that the provider fails."""
        return doubts >= self.doubts_in_a_row
