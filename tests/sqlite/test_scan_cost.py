"""What a scan asks of the database, in statements instead of seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.identity import FolderName
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeCovers, FakeInspector, FakeLoader
from aniworld_sqlite import SqliteStorage, open_storage

pytestmark = pytest.mark.anyio

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


@contextmanager
def _counted(storage: SqliteStorage) -> Iterator[list[str]]:
    """Record the statements about series, episodes, files and folders of the library."""
    lines = (storage._database._main, storage._database._reader)
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if any(name in statement for name in ("anime_series", "episodes", "library_")):
            statements.append(statement)

    engines = [line.connection.engine for line in lines if line.connection is not None]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


async def _statements(folder: Path, series: int) -> tuple[int, int]:
    """Return the number of statements of a first scan and of one without changes."""
    library = folder / "library"
    settings = Settings(data_dir=folder / "data", anime_directory=library)
    async with open_storage(f"sqlite:///{folder}/a.db") as storage:
        for number in range(series):
            name = f"Show {number}"
            await storage.series.add(
                make_series(
                    f"s{number}", name=name, folder=FolderName(name), episodes=[make_episode(1)]
                )
            )
            place = library / name
            place.mkdir(parents=True)
            (place / f"{name} - S01E01.mp4").write_bytes(MP4)
            (place / "NCOP 1.mp4").write_bytes(MP4)
        async with open_application(
            settings,
            storage=storage,
            loaders=[FakeLoader()],
            resolvers=(),
            fetchers=(),
            metadata_sources=(),
            inspector=FakeInspector(),
            covers=FakeCovers(),
        ) as app:
            found: list[int] = []
            for _ in range(2):
                with _counted(storage) as statements:
                    report = await app.scanner.scan(refresh=False)
                found.append(len(statements))
    assert (report.series, report.files, report.missing) == (series, series, 0)
    return found[0], found[1]


async def test_the_statements_of_a_batch_do_not_grow_with_its_series(tmp_path: Path) -> None:
    """A scan of 40 series asks the database as often as one of 4, the first time and again."""
    few, many = tmp_path / "few", tmp_path / "many"
    for folder in (few, many):
        await anyio.Path(folder).mkdir()

    assert await _statements(many, 40) == await _statements(few, 4)
