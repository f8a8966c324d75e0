"""Use of aniworld_core by another program, with the installed adapters."""

from pathlib import Path

import anyio
import pytest

from aniworld_core import (
    Application,
    DownloadCompleted,
    DownloadProgressed,
    Settings,
    open_application,
)
from aniworld_core.ports import Storage
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


def _settings(folder: Path) -> Settings:
    library = folder / "library"
    library.mkdir(parents=True)
    # All adapters are installed ones; only the embedded catalogue is enabled.
    return Settings(data_dir=folder / "data", anime_directory=library, loaders=("demo",))


async def _first_film(app: Application) -> list[object]:
    """Run the example of the documentation."""
    seen: list[object] = []
    hits = await app.catalogue.search("nachtbus")
    series = await app.catalogue.add(hits[0].link)
    report = await app.scanner.scan()
    assert report.missing == 1
    items = await app.queue.enqueue(series.key, missing=True)
    async with app.bus.subscribe(DownloadProgressed, DownloadCompleted) as events:
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(app.worker.drain)
                async for event in events:
                    seen.append(event)
                    if isinstance(event, DownloadCompleted):
                        break
    assert [i.id for i in items] == [e.item.id for e in seen if isinstance(e, DownloadCompleted)]
    return seen


@pytest.mark.parametrize("storage", [None, MemoryStorage()], ids=["installed", "in memory"])
async def test_the_example_runs_as_written(tmp_path: Path, storage: Storage | None) -> None:
    """The documented example works with a database file and with a database in memory."""
    settings = _settings(tmp_path)
    async with open_application(settings, storage=storage) as app:
        seen = await _first_film(app)
        rescan = await app.scanner.scan()

    assert any(isinstance(event, DownloadProgressed) for event in seen)
    assert (rescan.missing, rescan.files, rescan.extra, dict(rescan.unreadable)) == (0, 1, (), {})
    assert (settings.data_dir / "aniworld.db").exists() is (storage is None)


async def test_two_applications_do_not_meet(tmp_path: Path) -> None:
    """Two applications in one process share no series, items or events."""
    async with (
        open_application(_settings(tmp_path / "one")) as one,
        open_application(_settings(tmp_path / "two")) as two,
        two.bus.subscribe(DownloadCompleted) as elsewhere,
    ):
        await _first_film(one)

        assert (await two.catalogue.list()).total == 0
        assert (await two.queue.snapshot()).completed == ()
        assert not list((tmp_path / "two" / "library").iterdir())
        with anyio.move_on_after(0.05):
            pytest.fail(f"an event crossed over: {await anext(elsewhere)}")
