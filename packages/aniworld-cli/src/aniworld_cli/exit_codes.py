"""Exit codes: one table from error classes to numbers."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from aniworld_core.errors import (
    AniworldError,
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    SetupError,
    UnavailableError,
    UnusableError,
)

if TYPE_CHECKING:
    from aniworld_core.application.downloads import DrainReport

DONE: Final = 0
SOME_FAILED: Final = 1
WRONG_USE: Final = 2
UNAVAILABLE: Final = 6
PROVIDER_BROKEN: Final = 7
INTERRUPTED: Final = 130

#: Base class of an error -> exit code.
CODES: Final[Mapping[type[AniworldError], int]] = MappingProxyType(
    {
        InvalidInputError: WRONG_USE,
        NotFoundError: 3,
        ConflictError: 4,
        DeniedError: 5,
        UnavailableError: UNAVAILABLE,
        UnusableError: PROVIDER_BROKEN,
        SetupError: 8,
    }
)
#: What each exit code means, for the manual page.
MEANINGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        DONE: "done",
        SOME_FAILED: "some episodes failed",
        WRONG_USE: "wrong use",
        3: "not found",
        4: "conflict",
        5: "denied",
        UNAVAILABLE: "unavailable, try later",
        PROVIDER_BROKEN: "a provider is broken",
        8: "the set-up is wrong",
        INTERRUPTED: "interrupted",
    }
)
_BY_NAME: Final = {base.__name__: code for base, code in CODES.items()}


def code_of(error: AniworldError) -> int:
    """Return the exit code for an error that ended a command."""
    return next((code for base, code in CODES.items() if isinstance(error, base)), SOME_FAILED)


def code_of_category(category: str) -> int:
    """Return the exit code for the stored failure of an item, by the name of its error class."""
    return _BY_NAME.get(category, SOME_FAILED)


def code_of_several(errors: Sequence[AniworldError | None]) -> int:
    """Return the exit code for several operations; `None` is a success.

    0 if all succeeded. If all failed with the same exit code, that code; else 1.
    """
    codes = {DONE if error is None else code_of(error) for error in errors}
    return codes.pop() if len(codes) == 1 else SOME_FAILED if codes else DONE


def code_of_work(report: "DrainReport") -> int:
    """Return the exit code after working the queue.

    0 if everything was completed. If nothing was completed and everything failed or waits for the
    same kind of reason, the code of that reason. Otherwise 1 if an item failed, and 6 if items only
    wait.
    """
    failures = [item.failure for item in report.failed if item.failure is not None]
    reasons = {code_of_category(failure.category) for failure in failures}
    if report.waiting or report.obstacle:
        reasons.add(UNAVAILABLE)
    if report.failed and (report.completed or len(reasons) != 1):
        return SOME_FAILED
    return reasons.pop() if reasons else DONE
