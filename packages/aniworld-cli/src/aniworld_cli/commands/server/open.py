"""`aniworld open`."""

import re
import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated, Final

from anyio import to_thread
from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.server_lock import noted_address
from aniworld_core.bootstrap.settings import read_variables
from aniworld_core.domain.identity import (
    EpisodeSelection,
    format_episode_code,
    parse_episode_code,
    parse_episode_selection,
)
from aniworld_core.errors import NotFoundError, UsageError
from aniworld_core.messages import Message

if TYPE_CHECKING:
    from aniworld_core.bootstrap.use_cases import Application
    from aniworld_core.domain.identity import SeriesKey

#: Variables of graphical sessions. Without one, `webbrowser` would start a browser for text in the
#: terminal and wait for its end.
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


_LINE_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


async def open_pages(
    key: KeyText | None = None,
    episode: str | None = None,
    /,
    *,
    playlist: bool = False,
    print_only: Annotated[bool, Parameter(name="--print")] = False,
    session: CurrentSession,
) -> int:
    """Open the pages of the running server in the browser, and print their address.

    Args:
        key: Key of the series whose page is opened, or the start of only one; the library without.
        episode: Play this episode, such as S01E02. With --playlist also a season, such as S01.
        playlist: Print the files as a playlist (M3U) for a player instead; needs no server:
            aniworld open KEY S01 --playlist | mpv --playlist=-
        print_only: Print the address only.
        session: The run of the command.
    """
    if playlist:
        return await _print_playlist(key, episode, session)
    data_dir, output = session.settings().data_dir, session.output
    address = noted_address(data_dir)
    if not address:
        none = NotFoundError(Message("no_server_runs", path=str(data_dir)))
        none.hint = Message("no_server_runs.hint")
        raise none
    if key is not None:
        async with session.bookkeeping() as app:
            found = await app.catalogue.key_of(key)
            if episode is None:
                address += f"anime/{found}"
            else:
                code = format_episode_code(*parse_episode_code(episode))
                await app.playback.find(found, code)
                address += f"watch/{found}/{code}"
    is_opened = not print_only and await to_thread.run_sync(_open, address)
    if output.is_json:
        output.data({"address": address, "opened": is_opened})
    else:
        output.line(address)
    if not is_opened and not print_only:
        output.talk("no browser could be opened; open the address yourself")
    return DONE


async def _print_playlist(key: str | None, episode: str | None, session: CurrentSession) -> int:
    if key is None:
        raise UsageError(Message("playlist_of_series"))
    selections = [] if episode is None else [parse_episode_selection(episode)]
    async with session.bookkeeping() as app:
        entries = await _entries(app, await app.catalogue.key_of(key), selections)
    if session.output.is_json:
        session.output.data(entries)
        return DONE
    session.output.line("#EXTM3U")
    for each in entries:
        seconds = each["duration_seconds"]
        length = round(seconds) if isinstance(seconds, float) else -1
        session.output.line(f"#EXTINF:{length},{_LINE_BREAKS.sub(' ', str(each['title']))}")
        session.output.line(str(each["path"]))
    return DONE


async def _entries(
    app: "Application", key: "SeriesKey", selections: list[EpisodeSelection]
) -> list[dict[str, object]]:
    series, episodes = await app.playback.choose(key, selections)
    durations = await app.playback.durations(episodes)
    return [
        {
            "code": series.ref(each).code,
            "title": f"{series.name} – {series.ref(each).code}",
            "path": str(app.library.absolute(each.file or "")),
            "duration_seconds": seconds,
        }
        for each, seconds in zip(episodes, durations, strict=True)
    ]


def _open(address: str) -> bool:
    if sys.platform == "linux" and not any(read_variables(_DISPLAYS, dotenv=None).values()):
        return False
    try:
        return webbrowser.open(address)
    except (OSError, webbrowser.Error):
        return False
