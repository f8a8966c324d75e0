"""Contract suite of `CoverSource`."""

from typing import ClassVar

import anyio
import attrs
import pytest

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.errors import CoverNotFoundError
from aniworld_core.ports.covers import CoverSource
from aniworld_core.testing.waiting import PATIENCE

_NO_LINKS = ("", " ", "no link", "http://", "http://[", "javascript:alert(1)", "//x", "\x00")


class CoverSourceContract:
    """Subclass it, name the class `Test…`, give `covers`, an `address` and what is `there`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def covers(self) -> CoverSource:
        """Return the source under test; subclasses override it."""
        raise TypeError("override the `covers` fixture")

    @pytest.fixture
    async def address(self) -> CoverAddress:
        """Return an address with a picture; subclasses override it."""
        raise TypeError("override the `address` fixture")

    @pytest.fixture
    async def there(self) -> bytes:
        """Return the bytes of that picture; subclasses override it."""
        raise TypeError("override the `there` fixture")

    async def test_the_picture_is_given_as_it_is(
        self, covers: CoverSource, address: CoverAddress, there: bytes
    ) -> None:
        """The picture is returned unchanged, with its format and size."""
        cover = await covers.get(address)

        assert cover.data == there
        assert cover.width > 0
        assert cover.height > 0
        assert cover.tag

    async def test_it_is_the_same_each_time(
        self, covers: CoverSource, address: CoverAddress
    ) -> None:
        """A second call returns the same picture."""
        assert await covers.get(address) == await covers.get(address)

    async def test_many_at_once_get_the_same(
        self, covers: CoverSource, address: CoverAddress
    ) -> None:
        """Concurrent calls return the same picture."""
        found: list[Cover] = []

        async def ask() -> None:
            found.append(await covers.get(address))

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for _ in range(8):
                    tasks.start_soon(ask)

        assert len(found) == 8
        assert len({cover.tag for cover in found}) == 1

    async def test_a_missing_one_is_reported_each_time(
        self, covers: CoverSource, address: CoverAddress
    ) -> None:
        """A missing picture raises `CoverNotFoundError` on every call."""
        missing = attrs.evolve(address, url=f"{address.url}-missing")
        for _ in range(2):
            with pytest.raises(CoverNotFoundError):
                await covers.get(missing)

    @pytest.mark.parametrize("link", _NO_LINKS)
    async def test_what_is_no_link_has_no_picture(
        self, covers: CoverSource, address: CoverAddress, link: str
    ) -> None:
        """An invalid address raises `CoverNotFoundError`."""
        with pytest.raises(CoverNotFoundError):
            await covers.get(attrs.evolve(address, url=link))
