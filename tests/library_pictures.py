"""Take pictures of the pages about library files, and put them on one sheet.

    PYTHONPATH=tests python tests/library_pictures.py --sheet docs/library-pages.jpg

Needs Chromium and playwright. A server in this process has a library in which everything needs a
decision. Each state is taken in light and dark, German and English, at 1280 and 360 pixels.
"""

import argparse
import base64
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import anyio
import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileFacts, FileState, LibraryFile, LibraryLoss
from aniworld_core.domain.media import GER_SUB
from aniworld_core.messages import Message
from support.browser_stage import find_browser, open_browser, visiting
from support.http_library import FOLDER, KEY, open_library, other, titan
from support.http_stage import Server

#: Smallest content that a scan takes for a video, without its number.
_VIDEO: Final = b"\x1a\x45\xdf\xa3" + bytes(2000)
_SIZES: Final = {"wide": (1280, 900), "phone": (360, 780)}
#: Width in pixels of a picture on the sheet, by size.
_SHOWN: Final = {"wide": 330, "phone": 150}
_QUALITY: Final = 48


async def _attention(page: Any, server: Server, address: str) -> None:
    await page.set_viewport_size({**page.viewport_size, "height": 1900})
    await page.goto(f"{address}/attention")
    await page.locator("#deleted-card li").first.wait_for()


async def _folders(page: Any, server: Server, address: str) -> None:
    await page.goto(f"{address}/import")
    await page.locator("#folders-card li").first.wait_for()


async def _import(page: Any, server: Server, address: str) -> None:
    await page.goto(f"{address}/import")
    await page.locator("#foreign-folder").fill(str(server.stage.library.parent / "old"))
    await page.locator("#foreign-form button[type=submit]").click()
    await page.locator("#matches li, #matches tr").first.wait_for()
    await page.locator("#foreign-card").scroll_into_view_if_needed()


async def _rename(page: Any, server: Server, address: str) -> None:
    await page.goto(f"{address}/changes")
    await page.locator("#plan-rename").click()
    await page.locator("#rename-plan li, #rename-plan tr").first.wait_for()


async def _history(page: Any, server: Server, address: str) -> None:
    await page.goto(f"{address}/changes")
    await page.locator("#history-card li").first.wait_for()
    await page.locator("#history-card").scroll_into_view_if_needed()


async def _episode(page: Any, server: Server, address: str) -> None:
    await page.goto(f"{address}/anime/{KEY}")
    await page.locator("button[aria-label*='S01E01']").last.click()
    await page.locator("dialog[open]").wait_for()


_STATES: Final[Mapping[str, Callable[[Any, Server, str], Awaitable[None]]]] = {
    "attention": _attention,
    "folders": _folders,
    "import": _import,
    "rename": _rename,
    "history": _history,
    "episode": _episode,
}


async def _fill(server: Server) -> None:
    """Make a library in which everything needs a decision."""
    stage = server.stage
    for number, name in enumerate(
        (
            f"{FOLDER}/Season 01/Attack on Titan - S01E01.mkv",
            f"{FOLDER}/Season 01/Attack on Titan - S01E01 [720p].mkv",
            f"{FOLDER}/Season 01/Attack on Titan - S01E02.mkv",
            f"{FOLDER}/Season 02/titan.2x01.GERMAN.1080p.mkv",
            f"{FOLDER}/Attack on Titan III - 01.mkv",
            "Harbor Lights (2014) [tvdbid-81189]/Season 01/S01E01.mkv",
            "Alte Serien/Mob Psycho 100/Mob Psycho 100 - 01 [1080p].mkv",
            "../old/Harbor Tales/Harbor Tales - S01E01 - Pilot.mkv",
            "../old/Harbor Tales/Harbor Tales - 02v2 [1080p].mkv",
            "../old/Unknown Film (1999).mkv",
        )
    ):
        path = stage.library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_VIDEO + bytes([number]))
    await stage.app.scanner.scan(refresh=False)
    await stage.app.changes.rename()
    stage.clock.advance(timedelta(minutes=5))
    await stage.app.library_actions.delete_file(f"{FOLDER}/Season 02/{_renamed(server)}")
    _first(server, "S01E02").unlink()
    await stage.app.scanner.scan(refresh=False)
    await stage.app.config.replace({"naming": {"preset": "plex"}})
    await _note_problems(server)


def _first(server: Server, code: str) -> Path:
    return next(p for p in sorted(server.stage.library.rglob("*.mkv")) if code in p.name)


def _renamed(server: Server) -> str:
    return _first(server, "S02E01").name


async def _note_problems(server: Server) -> None:
    """Store what a scan of a broken disk and the inspection of files would find."""
    files = server.stage.storage.files
    first = _first(server, "S01E01").relative_to(server.stage.library).as_posix()
    facts = FileFacts(
        duration_seconds=1440.5,
        width=1920,
        height=1080,
        video_codec="h264",
        audio_codecs=("aac", "flac"),
        audio_languages=("deu", "jpn"),
        subtitle_languages=("deu",),
    )
    record = (await files.get([first]))[first]
    plain = LibraryFile(
        path="",
        size=734_003_200,
        modified_ns=1,
        state=FileState.DAMAGED,
        series_key=SeriesKey(KEY),
        season=3,
    )
    await files.save(
        [
            attrs.evolve(record, facts=facts, fingerprint="2bc00000-9f"),
            attrs.evolve(
                plain,
                path=f"{FOLDER}/Season 03/Attack on Titan - S03E01.mkv",
                numbers=(1,),
                reason=Message("file_cut_off", actual_bytes=20_000, expected_bytes=734_003_200),
            ),
            attrs.evolve(
                plain,
                path=f"{FOLDER}/Season 03/Attack on Titan - S03E02.mkv",
                state=FileState.SUSPECT,
                numbers=(2,),
                reason=Message("file_silent", track=1),
            ),
        ]
    )
    reason = Message("library_lost", lost=212, known=640)
    now = server.stage.clock.now()
    await files.save_losses(
        [LibraryLoss(path="/media/disk2", reason=reason, lost=212, known=640, noted_at=now)]
    )


async def take(folder: Path, browser_path: str) -> dict[str, bytes]:
    """Return a picture of each state in every variant, as PNG."""
    pictures: dict[str, bytes] = {}
    harbor = other("harbor-tales", "Harbor Tales", year=2011, folder=FolderName("Harbor Tales"))
    lights = other("harbor-lights", "Harbor Lights", year=2014, folder=FolderName("Harbor Lights"))
    stored = titan(languages=(GER_SUB,))
    async with (
        open_library(folder, stored, harbor, offered=[lights]) as server,
        open_browser(browser_path) as browser,
    ):
        await _fill(server)
        address = str(server.client.make_url("/")).rstrip("/")
        for size, theme, language in product(_SIZES, ("light", "dark"), ("de", "en")):
            width, height = _SIZES[size]
            options = {
                "viewport": {"width": width, "height": height},
                "color_scheme": theme,
                "locale": {"de": "de-DE", "en": "en-GB"}[language],
                "reduced_motion": "reduce",
            }
            async with visiting(browser, address, token=server.token, **options) as visit:
                for name, open_state in _STATES.items():
                    await visit.page.set_viewport_size({"width": width, "height": height})
                    await open_state(visit.page, server, address)
                    picture = await visit.page.screenshot()
                    pictures[f"{name} {size} {theme} {language}"] = picture
                if visit.complaints:
                    raise RuntimeError(str(visit.complaints))
    return pictures


def _cells(pictures: Mapping[str, bytes]) -> Iterator[str]:
    for state in dict.fromkeys(name.split()[0] for name in pictures):
        yield f"<h2>{state}</h2><div>"
        for name, picture in pictures.items():
            if name.startswith(f"{state} "):
                data = base64.b64encode(picture).decode("ascii")
                width = _SHOWN[name.split()[1]]
                yield f'<img src="data:image/png;base64,{data}" width="{width}" alt="{name}">'
        yield "</div>"


async def sheet(pictures: Mapping[str, bytes], target: Path, browser_path: str) -> None:
    """Write one sheet with all pictures, as JPEG.

    Args:
        pictures: Picture by its name: state, size, theme and language.
        target: File to write.
        browser_path: Chromium, which puts them together.
    """
    style = (
        "body{font:14px sans-serif;margin:8px;background:#888}h2{margin:8px 0 4px}"
        "div{display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start}"
        "img{max-height:560px;object-fit:cover;object-position:top}"
    )
    async with open_browser(browser_path) as browser:
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        await page.set_content(f"<style>{style}</style>{''.join(_cells(pictures))}")
        shot = await page.screenshot(full_page=True, type="jpeg", quality=_QUALITY)
        target.write_bytes(shot)


def main() -> None:
    """Take the pictures and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, required=True)
    parser.add_argument("--single", type=Path, help="folder for the single pictures")
    options = parser.parse_args()
    browser_path = find_browser()
    with tempfile.TemporaryDirectory() as folder:
        pictures = anyio.run(take, Path(folder), browser_path)
    if options.single is not None:
        options.single.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            (options.single / f"{name.replace(' ', '-')}.png").write_bytes(picture)
    anyio.run(sheet, pictures, options.sheet, browser_path)


if __name__ == "__main__":
    main()
