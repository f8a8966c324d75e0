"""Retry policy and retry state: how often and after which delays a failed action is retried.

Neither reads a clock nor draws random numbers: the caller passes both and sleeps.
"""

from datetime import timedelta

import attrs


@attrs.frozen(kw_only=True)
class RequestedWaits:
    """Limits for waits that the other side asks for, such as `Retry-After`.

    `None` means no limit, except for `limit`.

    Attributes:
        longest: Longest single wait that is waited out.
        total: Longest sum of waits without progress between them.
        limit: Most waits without progress between them; `None` counts each as a retry.
        spread: Share by which a wait is lengthened at most, so that callers return one by one.
    """

    longest: timedelta | None = None
    total: timedelta | None = None
    limit: int | None = None
    spread: float = 0.0


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Delays that double up to a ceiling, with limits for the retries and the time they take.

    Attributes:
        limit: Most retries after the first attempt; `None` means no limit.
        base: Delay before the first retry; doubled for each further one.
        ceiling: Longest delay.
        jitter: Share by which a delay is varied up and down.
        total: Time since the first attempt after which no retry starts; `None` means no limit.
        after_progress: Delay before the first retry after progress; `None` means `base`.
        requested: Limits for waits that the other side asks for.
    """

    limit: int | None = 3
    base: timedelta = timedelta(seconds=5)
    ceiling: timedelta = timedelta(hours=1)
    jitter: float = 0.2
    total: timedelta | None = None
    after_progress: timedelta | None = None
    requested: RequestedWaits = RequestedWaits()

    def allows(self, retry_count: int) -> bool:
        """Return whether another retry may follow *retry_count* retries."""
        return self.limit is None or retry_count < self.limit

    def delay(self, retry_count: int, *, draw: float = 0.5) -> timedelta:
        """Return the delay before the next attempt.

        Args:
            retry_count: Retries made so far.
            draw: A random number in 0..1 drawn by the caller, for the jitter; 0.5 means none.
        """
        exponent = min(max(retry_count, 0), 32)
        return self.vary(min(self.base * 2.0**exponent, self.ceiling), draw)

    def vary(self, delay: timedelta, draw: float) -> timedelta:
        """Return *delay* with jitter, at most the ceiling; arguments as in `delay`."""
        factor = 1.0 + self.jitter * (2.0 * min(max(draw, 0.0), 1.0) - 1.0)
        return min(delay * factor, self.ceiling)

    def start(self) -> "RetryState":
        """Return the state of an action before its first failure."""
        return RetryState(policy=self)


@attrs.frozen(kw_only=True)
class RetryState:
    """Failures of one action since its last progress.

    Attributes:
        delay: Wait before the next attempt.
        retries: Retries without a requested wait; with one, if the policy counts it.
        requested: Retries after a requested wait.
        waited: Sum of the requested waits.
        has_progressed: Whether the last attempt made progress before it failed.
    """

    policy: RetryPolicy
    delay: timedelta = timedelta()
    retries: int = 0
    requested: int = 0
    waited: timedelta = timedelta()
    has_progressed: bool = False

    def progressed(self) -> "RetryState":
        """Return the state after progress: all counts start again."""
        return RetryState(policy=self.policy, has_progressed=True)

    def failed(
        self,
        *,
        requested: timedelta | None = None,
        elapsed: timedelta = timedelta(),
        draw: float = 0.5,
    ) -> "RetryState | None":
        """Return the state for the next attempt, or `None` if no further attempt is allowed.

        Args:
            requested: Wait that the other side asks for.
            elapsed: Time since the first attempt.
            draw: A random number in 0..1 drawn by the caller, for the jitter; 0.5 means none.
        """
        if self.policy.total is not None and elapsed > self.policy.total:
            return None
        if requested is None:
            return self._after_delay(draw)
        return self._after_requested(max(requested, timedelta()), draw)

    def _after_delay(self, draw: float) -> "RetryState | None":
        policy = self.policy
        if not policy.allows(self.retries):
            return None
        delay = policy.delay(self.retries, draw=draw)
        if self.has_progressed and policy.after_progress is not None:
            delay = policy.vary(policy.after_progress, draw)
        return attrs.evolve(self, delay=delay, retries=self.retries + 1, has_progressed=False)

    def _after_requested(self, wait: timedelta, draw: float) -> "RetryState | None":
        limits, waited = self.policy.requested, self.waited + wait
        is_counted = limits.limit is None
        if limits.limit is None:
            has_tried_enough = not self.policy.allows(self.retries)
        else:
            has_tried_enough = self.requested >= limits.limit
        if has_tried_enough or _exceeds(wait, limits.longest) or _exceeds(waited, limits.total):
            return None
        return attrs.evolve(
            self,
            delay=wait * (1.0 + limits.spread * min(max(draw, 0.0), 1.0)),
            retries=self.retries + is_counted,
            requested=self.requested + 1,
            waited=waited,
            has_progressed=False,
        )


def _exceeds(time: timedelta, limit: timedelta | None) -> bool:
    return limit is not None and time > limit
