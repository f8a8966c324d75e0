"""Limits on the number of catalogue requests within one operation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from aniworld_core.errors import RequestBudgetError


class RequestBudget:
    """Requests that one operation may make, by catalogue.

    Adapters call `spend_request` before every request to a site; cache hits are free. Catalogues
    without a limit are unlimited.
    """

    def __init__(self, allowance: Mapping[str, int]) -> None:
        self._left = dict(allowance)

    def left(self, provider: str) -> int | None:
        """Return the remaining requests; `None` without a limit."""
        return self._left.get(provider)

    def spend(self, provider: str) -> None:
        """Count one request.

        Raises:
            RequestBudgetError: If it is used up.
        """
        left = self._left.get(provider)
        if left is None:
            return
        if left <= 0:
            raise RequestBudgetError(provider)
        self._left[provider] = left - 1


_CURRENT: ContextVar[RequestBudget | None] = ContextVar("aniworld_request_budget", default=None)


@contextmanager
def within_budget(budget: RequestBudget) -> Iterator[RequestBudget]:
    """Share one budget among all requests inside, also those of tasks started there."""
    token = _CURRENT.set(budget)
    try:
        yield budget
    finally:
        _CURRENT.reset(token)


def spend_request(provider: str) -> None:
    """Count one request against the budget of the current operation, if it has one.

    Raises:
        RequestBudgetError: If it is used up.
    """
    budget = _CURRENT.get()
    if budget is not None:
        budget.spend(provider)
