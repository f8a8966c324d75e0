"""Every error has the documented exit code."""

import pytest

from aniworld_cli.exit_codes import CODES, code_of, code_of_work
from aniworld_core import errors
from aniworld_core.application.downloads import DrainReport
from aniworld_core.domain.downloads import DownloadItem, Failure
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    DiskFullError,
    NeedsPersonError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.testing import at, make_claim, make_item

ALL_ERRORS = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, AniworldError) and each is not AniworldError
]


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda e: e.__name__)
def test_every_error_belongs_to_one_group(error: type[AniworldError]) -> None:
    """Every error class belongs to exactly one group."""
    assert len([base for base in CODES if issubclass(error, base)]) == 1


def test_groups_have_the_documented_numbers() -> None:
    """Each group has the documented exit code."""
    assert {base.__name__: code for base, code in CODES.items()} == {
        "InvalidInputError": 2,
        "NotFoundError": 3,
        "ConflictError": 4,
        "DeniedError": 5,
        "UnavailableError": 6,
        "UnusableError": 7,
        "SetupError": 8,
    }


def test_a_derived_error_has_the_number_of_its_group() -> None:
    """A subclass has the exit code of its group."""
    assert code_of(SeriesNotFoundError("naruto")) == 3
    assert code_of(AniworldError("something")) == 1


UNAVAILABLE = ProviderUnavailableError("demo", "it sleeps")
PERSON = NeedsPersonError("demo.example", "https://demo.example/check")
BROKEN = BadMediaError("it is a picture")


def _started(number: int) -> DownloadItem:
    return make_item(number).start(make_claim())


def _done(number: int) -> DownloadItem:
    return _started(number).complete(at(9), f"{number}.mp4", None)


def _failed(number: int, error: AniworldError) -> DownloadItem:
    return _started(number).fail(Failure.of(error), at(9))


def _waiting(number: int, error: AniworldError) -> DownloadItem:
    return _started(number).requeue(reason=Failure.of(error), not_before=at(90))


@pytest.mark.parametrize(
    ("completed", "failed", "waiting", "code"),
    [
        ([], [], [], 0),
        ([1], [], [], 0),
        ([1], [BROKEN], [], 1),
        ([], [BROKEN], [], 7),
        ([], [BROKEN, BROKEN], [], 7),
        ([], [UNAVAILABLE, PERSON], [], 6),
        ([], [BROKEN, UNAVAILABLE], [], 1),
        ([1], [], [UNAVAILABLE], 6),
        ([], [BROKEN], [UNAVAILABLE], 1),
        ([], [PERSON], [UNAVAILABLE], 6),
        ([1], [BROKEN], [UNAVAILABLE], 1),
    ],
)
def test_work_ends_with_the_number_of_its_outcome(
    completed: list[int],
    failed: list[AniworldError],
    waiting: list[AniworldError],
    code: int,
) -> None:
    """The exit code is 0 if all succeeded, 1 if some failed, else the common reason."""
    report = DrainReport(
        completed=tuple(_done(number) for number in completed),
        failed=tuple(_failed(10 + i, error) for i, error in enumerate(failed)),
        waiting=tuple(_waiting(20 + i, error) for i, error in enumerate(waiting)),
    )

    assert code_of_work(report) == code


def test_a_queue_that_waits_as_a_whole_is_unavailable() -> None:
    """A queue that waits for free space exits with 6."""
    report = DrainReport(completed=(), failed=(), waiting=(), obstacle=DiskFullError("/anime"))

    assert code_of_work(report) == 6
