"""How often catalogues may be asked in the course of one piece of work."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from aniworld_core.errors import RequestBudgetError


class RequestBudget:
    """Requests that one piece of work may make, by catalogue.

    Adapters call `spend_request` before every request that leaves the machine; what a cache
    answers costs nothing. Catalogues without an allowance are not limited.
    """

    def __init__(self, allowance: Mapping[str, int]) -> None:
        self._left = dict(allowance)

    def left(self, provider: str) -> int | None:
        """How many requests are left; `None` if they are not counted."""
        return self._left.get(provider)

    def spend(self, provider: str) -> None:
        """Take one request out of the budget.

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
    """Let everything that is asked inside, also by tasks started there, share one budget."""
    token = _CURRENT.set(budget)
    try:
        yield budget
    finally:
        _CURRENT.reset(token)


def spend_request(provider: str) -> None:
    """Take one request out of the budget of the work under way, if it has one.

    Raises:
        RequestBudgetError: If it is used up.
    """
    budget = _CURRENT.get()
    if budget is not None:
        budget.spend(provider)
