"""Retry policy: how often and after which delays a failed action is retried."""

from datetime import timedelta

import attrs


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Growing delays up to a limit of retries.

    Attributes:
        limit: How many retries follow the first attempt.
        base: Delay before the first retry; doubled for each further one.
        ceiling: Longest delay.
    """

    limit: int = 3
    base: timedelta = timedelta(seconds=5)
    ceiling: timedelta = timedelta(hours=1)

    def allows(self, retry_count: int) -> bool:
        """Return whether another retry may follow *retry_count* retries."""
        return retry_count < self.limit

    def delay(self, retry_count: int, *, jitter: float = 0.5) -> timedelta:
        """How long to wait before the next attempt.

        Args:
            retry_count: Retries made so far.
            jitter: A number in 0..1 drawn by the caller; spreads the delay by ±20 %.
        """
        exponent = min(max(retry_count, 0), 32)
        plain = min(self.base * 2.0**exponent, self.ceiling)
        return min(plain * (0.8 + 0.4 * min(max(jitter, 0.0), 1.0)), self.ceiling)
