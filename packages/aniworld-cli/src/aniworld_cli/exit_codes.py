"""What the command answers to the shell: one table from groups of errors to numbers."""

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
_BY_NAME: Final = {base.__name__: code for base, code in CODES.items()}


def code_of(error: AniworldError) -> int:
    """The exit code of an error that ended a command."""
    return next((code for base, code in CODES.items() if isinstance(error, base)), SOME_FAILED)


def code_of_category(category: str) -> int:
    """The exit code of a failure kept with an item, by the name of its group of errors."""
    return _BY_NAME.get(category, SOME_FAILED)


def code_of_several(errors: Sequence[AniworldError | None]) -> int:
    """The exit code of several things done one after the other; `None` is a success.

    All done is 0. When all failed for the same kind of reason it is that reason's own, else 1.
    """
    codes = {DONE if error is None else code_of(error) for error in errors}
    return codes.pop() if len(codes) == 1 else SOME_FAILED if codes else DONE


def code_of_work(report: "DrainReport") -> int:
    """The exit code after working the queue.

    All done is 0. When nothing was completed and everything failed or waits for the same kind
    of reason, the code is that reason's own. Other failures are 1; waits alone are 6.
    """
    failures = [item.failure for item in report.failed if item.failure is not None]
    reasons = {code_of_category(failure.category) for failure in failures}
    if report.waiting or report.obstacle:
        reasons.add(UNAVAILABLE)
    if report.failed and (report.completed or len(reasons) != 1):
        return SOME_FAILED
    return reasons.pop() if reasons else DONE
