"""Open two databases to copy the tables of one into the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from aniworld_core.application.configuration import StorageMove
from aniworld_core.bootstrap.plugins import load_adapter, scheme_of
from aniworld_core.bootstrap.server_lock import is_served
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import StorageNotMovedError
from aniworld_core.messages import Message

if TYPE_CHECKING:
    from aniworld_core.ports.tables import ReaderFactory, WriterFactory


@asynccontextmanager
async def open_storage_move(
    settings: Settings, source: str, target: str
) -> AsyncIterator[StorageMove]:
    """Open the database *source* for reading and the empty database *target* for writing.

    Args:
        settings: Settings with the data folder, whose server may use the source.
        source: URL of a database.
        target: URL of another database.

    Raises:
        SettingsError: If a URL is wrong or its database cannot be used.
        AdapterNotFoundError: If no installed distribution reads or fills such a database.
        StorageNotMovedError: If a program uses one of them, the target has data, or the source has
            another schema.
        StorageUnavailableError: If one cannot be opened now.
    """
    read = cast("ReaderFactory", load_adapter("aniworld.table_reader", scheme_of(source)))
    write = cast("WriterFactory", load_adapter("aniworld.table_writer", scheme_of(target)))
    async with read(source) as reader:
        folders = {reader.folder}
        if source == settings.storage_url:
            folders.add(settings.data_dir)
        if any(folder is not None and is_served(folder) for folder in folders):
            raise StorageNotMovedError(reader.place, "", Message("move_in_use"))
        async with write(target) as writer:
            yield StorageMove(source=reader, target=writer)
