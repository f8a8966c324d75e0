"""Play episodes: what a page needs, playlists for players, and the files behind signed links."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final

import anyio.to_thread
from aiohttp import web
from msgspec import Meta

from aniworld_core.application.catalogue import wire_time
from aniworld_core.application.library import FileFactsView, Playable, stem_of
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import (
    SeriesKey,
    format_episode_code,
    parse_episode_code,
    parse_episode_selection,
)
from aniworld_core.domain.media import Language
from aniworld_core.errors import FileMissingError
from aniworld_http.keys import APPLICATION, SETTINGS
from aniworld_http.operations import Answer, Budget, Operation, Policy
from aniworld_http.rendering import MEDIA_SENDER, Receiver, media_type_of, to_webvtt
from aniworld_http.schemas import json_response, read_query
from aniworld_http.schemas.library.files import (
    EpisodeCode,
    NeighbourView,
    PlaybackView,
    PlaylistQuery,
    SubtitleView,
)
from aniworld_http.schemas.paging import SeriesKeyText
from aniworld_http.security.callers import CALLERS, require_caller
from aniworld_http.security.media_links import (
    MEDIA_LINKS,
    PAGE_LIFETIME,
    PLAYLIST_LIFETIME,
)
from aniworld_http.security.origin import own_origin

#: Responses hold links that open a file, and paths hold such links. A player sends many requests.
_MEDIA: Final = Policy(is_secret=True, takes_media_link=True, budget=Budget.NONE)
_WITH_LINKS: Final = Policy(is_secret=True)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,3}", re.ASCII)
_LINE_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


async def show_playback(request: web.Request) -> web.Response:
    """Return what a page needs to play an episode."""
    app = request.app[APPLICATION]
    key = SeriesKey(request.match_info["key"])
    code = format_episode_code(*parse_episode_code(request.match_info["code"]))
    found = await app.playback.find(key, code)
    links = request.app[MEDIA_LINKS]
    caller = await require_caller(request)
    signed = links.sign(caller.id, key, code, PAGE_LIFETIME)
    wanted = _wanted(request, found.series)
    view = PlaybackView(
        key=key,
        name=found.series.name,
        code=code,
        season=found.episode.season,
        title=found.episode.titles.preferred(wanted, found.episode.number),
        file=found.file,
        size=found.record.size if found.record else None,
        media_type=media_type_of(found.file),
        facts=FileFactsView.of(found.record.facts) if found.record and found.record.facts else None,
        link=_address(signed, code, found.file),
        subtitles=_subtitles(found, signed),
        previous=_neighbour(found.series, found.previous, wanted),
        next=_neighbour(found.series, found.next, wanted),
        expires_at=wire_time(links.expiry(PAGE_LIFETIME)) or "",
    )
    return json_response(view)


async def send_playlist(request: web.Request) -> web.Response:
    """Return a playlist that a media player opens."""
    app = request.app[APPLICATION]
    key = SeriesKey(request.match_info["key"])
    chosen = read_query(request, PlaylistQuery).episodes
    selections = [] if chosen is None else [parse_episode_selection(chosen)]
    series, episodes = await app.playback.choose(key, selections)
    durations = await app.playback.durations(episodes)
    caller = await require_caller(request)
    name = f"{key}-{chosen.upper()}.m3u" if chosen else f"{key}.m3u"
    return web.Response(
        text=_playlist(request, caller.id, series, episodes, durations),
        content_type="audio/x-mpegurl",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def send_media(request: web.Request) -> web.StreamResponse:
    """Send the file of an episode, or a range of it."""
    link = request.app[MEDIA_LINKS].read(request.match_info["link"])
    path, file = await request.app[APPLICATION].playback.open(link.key, link.code)
    caller = await require_caller(request)
    receiver = Receiver(user=caller.user, is_active=partial(request.app[CALLERS].is_active, caller))
    return await request.app[MEDIA_SENDER].send(request, file, media_type_of(path), receiver)


async def send_subtitle(request: web.Request) -> web.Response:
    """Send a subtitle as WebVTT."""
    link = request.app[MEDIA_LINKS].read(request.match_info["link"])
    number = request.match_info["number"]
    if not _NUMBER.fullmatch(number):
        raise FileMissingError(number)
    playback = request.app[APPLICATION].playback
    name, content = await playback.read_subtitle(link.key, link.code, int(number))
    text = await anyio.to_thread.run_sync(to_webvtt, name, content)
    return web.Response(text=text, content_type="text/vtt", charset="utf-8")


def _playlist(
    request: web.Request,
    caller_id: str,
    series: Series,
    episodes: Sequence[Episode],
    durations: Sequence[float | None],
) -> str:
    links, wanted = request.app[MEDIA_LINKS], _wanted(request, series)
    base = own_origin(request) + request.app[SETTINGS].base_path.rstrip("/")
    lines = ["#EXTM3U"]
    for episode, seconds in zip(episodes, durations, strict=True):
        code = series.ref(episode).code
        title = f"{series.name} – {code} – {episode.titles.preferred(wanted, episode.number)}"
        signed = links.sign(caller_id, series.key, code, PLAYLIST_LIFETIME)
        lines += [
            f"#EXTINF:{-1 if seconds is None else round(seconds)},{_LINE_BREAKS.sub(' ', title)}",
            base + _address(signed, code, episode.file or ""),
        ]
    return "\n".join([*lines, ""])


def _address(signed: str, code: str, file: str) -> str:
    """Return the address of a file; its name tells players the episode and the container."""
    suffix = file.rpartition("/")[2].rpartition(".")[2].lower()
    name = f"{code}.{suffix}" if suffix.isascii() and suffix.isalnum() else code
    return f"/api/playback/media/{signed}/{name}"


def _subtitles(found: Playable, signed: str) -> tuple[SubtitleView, ...]:
    stem = stem_of(found.file)
    labels = [n.removeprefix(stem).rpartition(".")[0].strip(" .-_") for n in found.subtitles]
    return tuple(
        SubtitleView(
            label=label,
            language=label.partition(".")[0] if _LANGUAGE.match(label.partition(".")[0]) else None,
            link=f"/api/playback/media/{signed}/subtitles/{number}",
        )
        for number, label in enumerate(labels)
    )


def _neighbour(
    series: Series, episode: Episode | None, wanted: Language | None
) -> NeighbourView | None:
    if episode is None:
        return None
    title = episode.titles.preferred(wanted, episode.number)
    return NeighbourView(code=series.ref(episode).code, title=title)


def _wanted(request: web.Request, series: Series) -> Language | None:
    """Return the language of the titles to show."""
    app = request.app[APPLICATION]
    order = series.languages or app.current_config.value.languages.order
    return order[0] if order else None


_LINK: Final = Annotated[str, Meta(min_length=1, max_length=1024, pattern=r"^[A-Za-z0-9_.-]+$")]
_KEY: Final = {"key": SeriesKeyText}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/playback/episodes/{key}/{code}",
        handler=show_playback,
        id="getPlayback",
        policy=_WITH_LINKS,
        summary="Return what a page needs to play an episode that is in the library",
        description=(
            "Files are played as they are; nothing is converted. Text subtitles beside the file "
            "(SRT, ASS, SSA, WebVTT) are offered as WebVTT, those inside the file are not."
        ),
        path_types={**_KEY, "code": EpisodeCode},
        answers={200: Answer(description="Facts and signed links", content=PlaybackView)},
        problems=(404, 409, 422, 503),
    ),
    Operation(
        method="GET",
        path="/api/playback/playlists/{key}",
        handler=send_playlist,
        id="getPlaylist",
        policy=_WITH_LINKS,
        summary="Return a playlist of episodes for a media player",
        description=(
            f"Its links work for {PLAYLIST_LIFETIME.total_seconds() / 3600:.0f} hours without "
            "other credentials, until the session or API key that requested it ends."
        ),
        query=PlaylistQuery,
        path_types=_KEY,
        answers={200: Answer(description="An extended M3U in UTF-8", media="audio/x-mpegurl")},
        problems=(404,),
    ),
    Operation(
        method="GET",
        path="/api/playback/media/{link}/{name}",
        handler=send_media,
        id="getMedia",
        policy=_MEDIA,
        summary="Send the file of an episode behind a signed link",
        description="One byte range, `If-Range` and other preconditions are supported.",
        path_types={"link": _LINK},
        answers={
            200: Answer(description="The file", media="video/*"),
            206: Answer(
                description="The requested range",
                media="video/*",
                headers={"Content-Range": "Position of the range"},
            ),
            304: Answer(description="The file is unchanged"),
            412: Answer(description="The file is another one than the precondition names"),
            416: Answer(description="The file is shorter than the beginning of the range"),
        },
        problems=(404, 409, 422, 503),
    ),
    Operation(
        method="GET",
        path="/api/playback/media/{link}/subtitles/{number}",
        handler=send_subtitle,
        id="getSubtitle",
        policy=_MEDIA,
        summary="Send a subtitle beside the file of an episode as WebVTT",
        path_types={"link": _LINK, "number": Annotated[int, Meta(ge=0, le=999)]},
        answers={200: Answer(description="The subtitle", media="text/vtt")},
        problems=(404, 409, 422, 503),
    ),
)
