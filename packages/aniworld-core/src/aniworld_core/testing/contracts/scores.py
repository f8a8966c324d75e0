"""Contract suite of `ScoreRepository`."""

from functools import partial
from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.ports.scores import ScoreRepository
from aniworld_core.testing.factories import at


class ScoreRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_save_keeps_the_score(self, repository: ScoreRepository) -> None:
        """A stored score is returned unchanged, new or with every field set."""
        fresh = SourceScore(place=Place("archive", "größer"))
        full = SourceScore(
            place=Place("site", "hoster", "ger-dub"),
            tries=7,
            successes=3,
            rate=1234567.125,
            last_failure="source_gone",
            last_failed_at=at(1.000001),
            last_succeeded_at=at(2),
        )
        await repository.save(full)
        await repository.save(fresh)

        assert [fresh, full] == list(await repository.find())

    async def test_save_replaces_that_of_the_place(self, repository: ScoreRepository) -> None:
        """Saving replaces only the score of the same provider, hoster and language."""
        places = [Place("p", "h"), Place("p", "h", "ger-dub"), Place("p", "i"), Place("q", "h")]
        for place in places:
            await repository.save(SourceScore(place=place))

        await repository.save(SourceScore(place=places[1], tries=2))

        assert [(score.place, score.tries) for score in await repository.find()] == [
            (places[0], 0),
            (places[1], 2),
            (places[2], 0),
            (places[3], 0),
        ]

    async def test_results_change_the_score_of_the_place(self, repository: ScoreRepository) -> None:
        """Successes and failures change a score, new or stored, as the domain says."""
        place, other = Place("p", "h", "ger-dub"), Place("p", "h")
        await repository.add_success(place, rate=1e6, at=at(1))
        await repository.add_failure(place, kind="gone", at=at(2))
        await repository.add_failure(other, kind="gone", at=at(3))

        expected = SourceScore(place=place).succeeded(1e6, at(1)).failed("gone", at(2))
        assert list(await repository.find()) == [
            SourceScore(place=other).failed("gone", at(3)),
            expected,
        ]

    async def test_no_result_is_lost(self, repository: ScoreRepository) -> None:
        """Results of transfers that end at the same time are all counted."""
        place, count = Place("p", "h"), 20
        async with anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(partial(repository.add_success, place, rate=0.0, at=at(number)))

        (score,) = await repository.find()
        assert (score.tries, score.successes) == (count, count)

    async def test_clear_forgets_everything(self, repository: ScoreRepository) -> None:
        """`clear` deletes all scores and returns their number."""
        for hoster in ("a", "b"):
            await repository.save(SourceScore(place=Place("p", hoster)))

        assert await repository.clear() == 2

        assert list(await repository.find()) == []
        assert await repository.clear() == 0
