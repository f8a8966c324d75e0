"""Contract suite of `VersionRepository`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.catalogue import VersionSeen
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.ports.versions import VersionRepository
from aniworld_core.testing.factories import at

_DUB = VersionSeen(
    key=SeriesKey("one"), season=1, number=2, language=Language("ger-dub"), at=at(1.000001)
)
_SUB = attrs.evolve(_DUB, language=Language("ger-sub"), is_first=True)


class VersionRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_versions_are_kept_in_order(self, repository: VersionRepository) -> None:
        """Stored versions are returned unchanged, ordered by series, episode and language."""
        later = attrs.evolve(_DUB, number=10)
        other = attrs.evolve(_DUB, key=SeriesKey("two"), season=0)
        assert list(await repository.find()) == []

        await repository.add([other, later])
        await repository.add([_SUB, _DUB])
        await repository.add([])

        assert list(await repository.find()) == [_DUB, _SUB, later, other]

    async def test_the_first_time_stays(self, repository: VersionRepository) -> None:
        """A version that disappears and comes back keeps the time of its first appearance."""
        await repository.add([_SUB])

        await repository.add([attrs.evolve(_SUB, at=at(9), is_first=False), _DUB])

        assert list(await repository.find()) == [_DUB, _SUB]
