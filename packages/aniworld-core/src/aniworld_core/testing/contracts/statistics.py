"""Contract suite of `StatisticsRepository`."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.automation import (
    LONGEST_NAME,
    MOST,
    DownloadFigures,
    DownloadResult,
    LibrarySize,
    total,
)
from aniworld_core.ports.statistics import StatisticsRepository

_HOUR = datetime(2026, 3, 2, 10, tzinfo=UTC)
_NEXT = _HOUR + timedelta(hours=1)
_BOUNDS = (_HOUR - timedelta(days=7), _NEXT, _NEXT, _HOUR + timedelta(days=7))
_DONE = DownloadResult(
    at=_HOUR + timedelta(minutes=59, microseconds=1),
    hoster="One",
    language="ger-dub",
    is_success=True,
    bytes=1000,
    seconds=2.5,
)
_FAILED = attrs.evolve(_DONE, is_success=False, hoster="Two", language="")
_SIZE = LibrarySize(day=date(2026, 3, 2), series=3, episodes=20, missing=4, bytes=5_000_000_000)


class StatisticsRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_nothing_is_counted_at_first(self, repository: StatisticsRepository) -> None:
        """Without results there are no sums."""
        await repository.count([])

        sums = await repository.sums(_BOUNDS)

        assert list(sums.parts) == [DownloadFigures()] * 3
        assert (sums.hosters, sums.languages) == ({}, {})
        assert await repository.first_hour() is None

    async def test_results_are_summed_by_part_hoster_and_language(
        self, repository: StatisticsRepository
    ) -> None:
        """Each of the three has the same sum; failures have no bytes."""
        upgrade = attrs.evolve(_DONE, is_upgrade=True, at=_HOUR, seconds=0)
        later = attrs.evolve(_DONE, at=_NEXT, language="jpn")
        await repository.count([_DONE, upgrade])
        await repository.count([later, _FAILED])

        sums = await repository.sums(_BOUNDS)

        assert list(sums.parts) == [
            DownloadFigures(
                completed=2, upgraded=1, failed=1, bytes=2000, timed_bytes=1000, seconds=2.5
            ),
            DownloadFigures(),
            later.figures(),
        ]
        assert sums.hosters["Two"] == DownloadFigures(failed=1)
        assert set(sums.languages) == {"ger-dub", "jpn", ""}
        assert total(sums.parts) == total(sums.hosters.values()) == total(sums.languages.values())
        assert await repository.first_hour() == _HOUR

    async def test_a_period_begins_with_its_first_and_ends_before_its_last_hour(
        self, repository: StatisticsRepository
    ) -> None:
        """Hours outside the period are left out of all sums."""
        hour = timedelta(hours=1)
        await repository.count([attrs.evolve(_DONE, at=_HOUR + hour * n) for n in (-1, 0, 1, 2)])

        sums = await repository.sums([_HOUR, _HOUR + hour, _HOUR + 2 * hour])

        assert list(sums.parts) == [_DONE.figures()] * 2
        assert sums.hosters["One"].completed == 2

    @pytest.mark.parametrize(
        "name", ["<script>alert(1)</script>", "a'b\"c\\", "\x00\n", "名" * 500, "Z" * LONGEST_NAME]
    )
    async def test_names_are_text_of_limited_length(
        self, repository: StatisticsRepository, name: str
    ) -> None:
        """The name of a hoster is stored as text without NUL, cut to its longest length."""
        await repository.count([attrs.evolve(_DONE, hoster=name, language=name)])

        sums = await repository.sums(_BOUNDS)

        stored = name.replace("\0", "")[:LONGEST_NAME]
        assert list(sums.hosters) == list(sums.languages) == [stored]

    async def test_huge_numbers_stay_numbers(self, repository: StatisticsRepository) -> None:
        """Sums stop at the largest number; negative amounts count as none."""
        huge = attrs.evolve(_DONE, bytes=2**70)
        negative = attrs.evolve(_DONE, bytes=-5, seconds=-3, at=_NEXT)
        await repository.count([huge, huge, huge, negative])

        sums = await repository.sums(_BOUNDS)

        assert sums.parts[0].bytes == MOST
        assert sums.hosters["One"].bytes == MOST
        last = sums.parts[-1]
        assert (last.completed, last.bytes, last.seconds) == (1, 0, 0)

    async def test_a_day_has_one_size(self, repository: StatisticsRepository) -> None:
        """The newest size of a day replaces the former; days are returned in order."""
        later = attrs.evolve(_SIZE, day=date(2026, 3, 9), bytes=MOST)
        await repository.save_size(later)
        await repository.save_size(attrs.evolve(_SIZE, bytes=1))
        await repository.save_size(_SIZE)

        assert list(await repository.sizes(date(2026, 3, 2), date(2026, 3, 9))) == [_SIZE, later]
        assert list(await repository.sizes(date(2026, 3, 3), date(2026, 3, 8))) == []
