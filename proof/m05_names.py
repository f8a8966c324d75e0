"""M5: hostile names stay inside the library, in the sanitizer and on a real disk."""

import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.library import safe_component
from aniworld_core.errors import AniworldError
from proof.figure import Control, Edit, Figure, Run
from providers.faults.films import mp4
from providers.faults.server import FileFault, open_fault_server
from support.hostile_names import assert_harmless, hostile_names
from support.server_process import folder_page
from support.whole_way import open_with

_MOST_SECONDS: Final = 0.01
_FILM_BYTES: Final = 100_000


async def _prove(run: Run) -> None:
    """Make names safe, then download episodes of series with such names."""
    slowest = 0.0
    for raw in hostile_names(run.pick(control=200, gate=10_000, full=10_000), run.seed):
        name, seconds = safe_component(raw), _seconds(raw)
        if seconds >= _MOST_SECONDS:  # of the thread, and yet a busy machine has outliers
            seconds = min(_seconds(raw) for _ in range(3))
        slowest = max(slowest, seconds)
        problem = "" if seconds < _MOST_SECONDS else f"took {seconds:.3f} s"
        try:
            assert_harmless(name)
        except AssertionError as error:
            problem = f"became {name!r}: {error}"
        run.check(ok=not problem, failure=f"{raw!r} {problem}")
    run.measured["slowest_ms"] = round(slowest * 1000, 2)
    count = run.pick(control=0, gate=24, full=444)
    if count:
        await _download(run, hostile_names(count, run.seed + 1))


def _seconds(raw: str) -> float:
    began = time.thread_time()
    safe_component(raw)
    return time.thread_time() - began


async def _download(run: Run, names: list[str]) -> None:
    """Serve folders and episodes with such names, and download them all."""
    before = _outside(run.folder)
    async with open_fault_server() as server:
        shown = [name.encode("utf-8", "replace").decode().replace("\0", "") for name in names]
        links = [f"{quote(f'Show {n} {name}', safe='')}/" for n, name in enumerate(shown)]
        server.routes["/"] = folder_page(*links)
        for link, name in zip(links, shown, strict=True):
            film = quote(f"{name} - S01E01 {name}.mp4", safe="")
            server.routes[f"/{link}"] = folder_page(film)
            server.routes[f"/{link}{film}"] = FileFault(body=mp4(_FILM_BYTES))
        section = ProviderConfig(
            servers=(ServerConfig(name="attic", base_url=f"http://{server.address}/"),)
        )
        async with open_with(run.folder, "index", section) as app:
            for link, name in zip(links, shown, strict=True):
                problem = await _fetched(app, server.url(f"/{link}"))
                run.check(ok=not problem, failure=f"{name!r}: {problem}")
    new = _outside(run.folder) - before
    run.check(ok=not new, failure=f"written outside of the library: {sorted(new)}", cases=0)
    films = 0
    for path in (run.folder / "library").rglob("*"):
        films += path.suffix == ".mp4"
        try:
            assert_harmless(path.name.removeprefix("."), 255)
        except AssertionError as error:
            run.check(ok=False, failure=f"{path.name!r} is in the library: {error}", cases=0)
    run.measured["downloaded"] = films


async def _fetched(app: Application, link: str) -> str:
    """Download the series behind a link; return what went wrong that is not a typed error."""
    try:
        series = await app.catalogue.add(link)
        await app.queue.enqueue(series.key)
        await app.worker.drain()
    except AniworldError:
        return ""  # refused, which keeps the promise
    except Exception as error:  # anything else is what this looks for
        return repr(error)
    return ""


def _outside(folder: Path) -> set[str]:
    """Return every path near a folder that is neither in its library nor in its data folder."""
    inside = (folder / "library", folder / "data")
    return {
        str(path)
        for path in folder.parent.parent.glob("proof-M5*/**/*")
        if not any(path == each or each in path.parents for each in inside)
    }


_SAFE: Final = "packages/aniworld-core/src/aniworld_core/domain/library/safe_names.py"

FIGURE: Final = Figure(
    name="M5",
    title="hostile names: nothing outside the library",
    prove=_prove,
    controls=(
        Control("a sanitizer that keeps slashes", (Edit(_SAFE, '"/": "-", "\\\\": "-",', ""),)),
    ),
)
