"""Contract suite of `MediaServer`."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import pytest

from aniworld_core.errors import MediaServerFailedError
from aniworld_core.ports.media_server import ChangedFolder, MediaServer


class MediaServerContract:
    """Subclass it, name the class `Test…`, and give the fixtures below.

    One library of the server is in the folder `/data/anime`.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def server(self) -> MediaServer:
        """Return the adapter under test; subclasses override it."""
        raise TypeError("override the `server` fixture")

    @pytest.fixture
    async def denied(self) -> MediaServer:
        """Return an adapter of the same server with wrong credentials; subclasses override it."""
        raise TypeError("override the `denied` fixture")

    @pytest.fixture
    def refreshed(self) -> Callable[[], Sequence[str]]:
        """Return a function that returns the paths of all refreshes so far.

        Subclasses override it. Paths are given without a separator at their end.
        """
        raise TypeError("override the `refreshed` fixture")

    async def test_it_says_what_the_server_is(
        self, server: MediaServer, refreshed: Callable[[], Sequence[str]]
    ) -> None:
        """`check` returns product and folders, and refreshes nothing."""
        facts = await server.check()

        assert any(letter.isdigit() for letter in facts.product)
        assert "/data/anime" in [folder.rstrip("/") for folder in facts.folders]
        assert list(refreshed()) == []

    async def test_only_the_changed_folders_are_refreshed(
        self, server: MediaServer, refreshed: Callable[[], Sequence[str]]
    ) -> None:
        """Each folder is passed once, whatever its name contains."""
        names = ("Größe & Sohn", "50% #1?", 'A "B" [C]', "進撃の巨人")
        folders = [ChangedFolder(path=f"/data/anime/{name}") for name in names]

        await server.refresh(folders)

        assert sorted(refreshed()) == sorted(each.path for each in folders)

    async def test_nothing_is_sent_without_folders(
        self, server: MediaServer, refreshed: Callable[[], Sequence[str]]
    ) -> None:
        """An empty list refreshes nothing."""
        await server.refresh([])

        assert list(refreshed()) == []

    async def test_a_refresh_can_be_repeated(
        self, server: MediaServer, refreshed: Callable[[], Sequence[str]]
    ) -> None:
        """The same folder can be passed again, also after files left it."""
        folder = ChangedFolder(path="/data/anime/Alpha", has_removals=True)

        await server.refresh([folder])
        await server.refresh([folder])

        assert set(refreshed()) == {"/data/anime/Alpha"}

    async def test_wrong_credentials_are_reported(
        self, denied: MediaServer, refreshed: Callable[[], Sequence[str]]
    ) -> None:
        """Both methods fail, and no retry is useful before somebody corrects the credentials."""
        for call in (denied.check(), denied.refresh([ChangedFolder(path="/data/anime/Alpha")])):
            with pytest.raises(MediaServerFailedError) as failed:
                await call
            assert failed.value.is_final
        assert list(refreshed()) == []
