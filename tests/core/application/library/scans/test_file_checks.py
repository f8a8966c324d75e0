"""Damaged and unreadable files of a scan."""

from collections.abc import Iterable, Mapping

import attrs
import pytest

from aniworld_core.application.library.scans.file_checks import FileChecks
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FileState, FolderContents, FoundFile, LibraryFile
from aniworld_core.messages import Message, kind_of
from aniworld_core.testing.fakes import FakeClock
from aniworld_core.testing.memory.library import FakeLibrary

pytestmark = pytest.mark.anyio

PATH = "Alpha/01.mkv"
FOUND = FoundFile("01.mkv", 10, 5)
KNOWN = LibraryFile(
    path=PATH,
    size=10,
    modified_ns=5,
    state=FileState.DAMAGED,
    reason=Message("file_is_zeros"),
)


class _Library(FakeLibrary):
    """A library whose checks find given reasons, and record what was checked."""

    reasons: Mapping[str, str]
    checked: list[str]

    async def check(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the reasons of the paths."""
        self.checked = list(paths)
        return {path: self.reasons[path] for path in self.checked if path in self.reasons}


async def _check(
    found: FoundFile, known: LibraryFile | None, *, is_full: bool = False, reason: str = ""
) -> tuple[list[str], dict[str, str | None], dict[str, str | None]]:
    library = _Library()
    library.reasons = {PATH: reason} if reason else {}
    checks = FileChecks(library=library, clock=FakeClock(), is_full=is_full)
    contents = FolderContents(folder=FolderName("Alpha"), stamp="s", files=(found,))
    result = await checks.check([contents], {} if known is None else {PATH: known})
    bad, unreadable = (
        {path: kind_of(reason) for path, reason in each.items()}
        for each in (result.bad, result.unreadable)
    )
    return library.checked, bad, unreadable


@pytest.mark.parametrize(
    ("known", "bad"),
    [
        (KNOWN, {PATH: "file_is_zeros"}),
        (attrs.evolve(KNOWN, state=FileState.UNSURE), {}),
        (attrs.evolve(KNOWN, state=FileState.PRESENT, reason=None), {}),
    ],
)
async def test_an_unchanged_file_is_not_read_again(
    known: LibraryFile, bad: dict[str, str | None]
) -> None:
    """The damage that was found before stays; other reasons are no damage."""
    assert await _check(FOUND, known) == ([], bad, {})


@pytest.mark.parametrize(
    ("found", "known", "is_full"),
    [
        (FOUND, None, False),
        (FoundFile("01.mkv", 11, 5), KNOWN, False),
        (FoundFile("01.mkv", 10, 6), KNOWN, False),
        (FOUND, KNOWN, True),
    ],
)
async def test_new_and_changed_files_are_read(
    found: FoundFile, known: LibraryFile | None, is_full: bool
) -> None:
    """So are all files in a full scan; a file that is sound now is not damaged any more."""
    assert await _check(found, known, is_full=is_full) == ([PATH], {}, {})


@pytest.mark.parametrize(
    ("reason", "is_damage"),
    [(Message("file_is_page"), True), (Message("permission_denied"), False), ("odd", False)],
)
async def test_only_reasons_about_the_content_are_damage(reason: str, is_damage: bool) -> None:
    """A file that cannot be read now may be sound."""
    _, bad, unreadable = await _check(FOUND, None, reason=reason)

    assert ([*bad], [*unreadable]) == (([PATH], []) if is_damage else ([], [PATH]))


async def test_an_empty_file_is_damaged_without_being_read() -> None:
    """Its size says enough."""
    assert await _check(FoundFile("01.mkv", 0, 5), None) == ([], {PATH: "file_empty"}, {})
