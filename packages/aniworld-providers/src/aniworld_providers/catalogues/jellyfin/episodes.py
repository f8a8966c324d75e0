"""Number the items of a series as episodes with their files."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import attrs

from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_core.domain.library import season_of_folder
from aniworld_core.domain.media import Language, normalise_tag
from aniworld_core.domain.subtitles import TextTrack, flags_in
from aniworld_core.errors import InvalidLanguageError
from aniworld_providers.catalogues.jellyfin.answers import Item, seconds, text, whole
from aniworld_providers.catalogues.jellyfin.links import item_id_of

#: ISO 639 codes without a language: silent, multiple, uncoded, undetermined.
_NO_LANGUAGE = frozenset({"zxx", "mul", "mis", "und"})  # codespell:ignore mis
#: Codecs of bitmap subtitles.
_PICTURES = frozenset(
    {"pgssub", "hdmv_pgs_subtitle", "dvdsub", "dvd_subtitle", "dvbsub", "dvb_subtitle", "sub"}
)
#: Most tracks of one kind.
_TRACKS = 40
#: Most episodes in one file.
_LONGEST = 50


@attrs.frozen(kw_only=True)
class JellyfinText:
    """A subtitle file beside a video file.

    Attributes:
        index: Its number among the tracks.
        suffix: Format to request; servers convert any text format to it.
    """

    index: int
    suffix: str
    track: TextTrack


@attrs.frozen(kw_only=True)
class JellyfinFile:
    """One version of an episode.

    Attributes:
        id: Item to download.
        languages: Languages of its tracks; empty if they state none.
        texts: Subtitle files beside it.
    """

    id: str
    languages: frozenset[Language] = frozenset()
    size: int | None = None
    height: int | None = None
    duration: float | None = None
    texts: tuple[JellyfinText, ...] = ()


@attrs.frozen(kw_only=True)
class JellyfinEpisode:
    """One episode with its versions, in the order of the server.

    Attributes:
        is_free: Whether the user may download its files, as far as the server states it.
    """

    season: int
    number: int
    last_number: int | None = None
    title: str = ""
    files: tuple[JellyfinFile, ...]
    is_free: bool = True

    @property
    def languages(self) -> frozenset[Language]:
        """The languages of all versions."""
        return frozenset().union(*(file.languages for file in self.files))

    def listed(self) -> Episode:
        """Return the episode as a value of the core."""
        is_german = any(language.audio == "deu" for language in self.languages)
        title = self.title or None
        return Episode(
            season=self.season,
            number=self.number,
            last_number=self.last_number,
            titles=Titles(de=title) if is_german else Titles(en=title),
            languages=self.languages or None,
        )


def lacks_season(items: Iterable[Item]) -> bool:
    """Return whether the list of seasons is needed, because an episode states no season."""
    return any(whole(item.get("ParentIndexNumber")) is None for item in items)


def read_seasons(items: Iterable[Item]) -> Mapping[str, int]:
    """Return the season numbers by id; without a number the name of the season counts."""
    found = {}
    for item in items:
        number = whole(item.get("IndexNumber"))
        if number is None:
            number = season_of_folder(text(item.get("Name")))
        if number is not None:
            found[item_id_of(item.get("Id"))] = number
    return found


def number_episodes(
    items: Sequence[Item], seasons: Mapping[str, int]
) -> tuple[JellyfinEpisode, ...]:
    """Return the existing episodes, ordered.

    Missing episodes (`Virtual`) and items without a number are left out. Two items with the same
    number are two versions of one episode. Episodes without a known season become season 1,
    unless that exists.
    """
    placed: dict[tuple[int, int], JellyfinEpisode] = {}
    homeless: list[JellyfinEpisode] = []
    for item in items:
        season = _season(item, seasons)
        episode = _episode(item, 1 if season is None else season)
        if episode is None:
            continue
        if season is None:
            homeless.append(episode)
        else:
            _place(placed, episode)
    if all(season != 1 for season, _ in placed):
        for episode in homeless:
            _place(placed, episode)
    return tuple(placed[place] for place in sorted(placed))


def _place(placed: dict[tuple[int, int], JellyfinEpisode], episode: JellyfinEpisode) -> None:
    place = episode.season, episode.number
    known = placed.get(place)
    if known is not None:
        episode = attrs.evolve(
            known,
            files=known.files + episode.files,
            title=known.title or episode.title,
            is_free=known.is_free or episode.is_free,
        )
    placed[place] = episode


def _season(item: Item, seasons: Mapping[str, int]) -> int | None:
    number = whole(item.get("ParentIndexNumber"))
    if number is None:
        number = seasons.get(item_id_of(item.get("SeasonId")))
    return number


def _episode(item: Item, season: int) -> JellyfinEpisode | None:
    item_id, number = item_id_of(item.get("Id")), whole(item.get("IndexNumber"))
    if not item_id or number is None or max(number, season) > MAX_EPISODE:
        return None
    if item.get("LocationType") == "Virtual" or item.get("Type") not in {"Episode", None}:
        return None
    sources = item.get("MediaSources")
    if isinstance(sources, list) and sources:
        files = tuple(filter(None, (_file(source, item, item_id) for source in sources)))
    else:
        files = (_described(item, item, item_id),)
    last = whole(item.get("IndexNumberEnd")) or number
    return JellyfinEpisode(
        season=season,
        number=number,
        last_number=last if number < last <= min(number + _LONGEST, MAX_EPISODE) else None,
        title=text(item.get("Name")),
        files=files,
        is_free=item.get("CanDownload") is not False,
    )


def _file(source: object, item: Item, item_id: str) -> JellyfinFile | None:
    """Return one version; `None` if it is not a file on the server's disk."""
    if not isinstance(source, dict) or source.get("Protocol", "File") != "File":
        return None
    # Further versions are items of their own, with their own downloads.
    return _described(source, item, item_id_of(source.get("Id")) or item_id)


def _described(source: Item, item: Item, file_id: str) -> JellyfinFile:
    streams = source.get("MediaStreams")
    tracks = [t for t in streams if isinstance(t, dict)] if isinstance(streams, list) else []
    heights = (whole(t.get("Height")) for t in tracks if t.get("Type") == "Video")
    return JellyfinFile(
        id=file_id,
        languages=_languages(tracks),
        size=whole(source.get("Size")) or None,
        height=next(filter(None, heights), None),
        duration=seconds(source.get("RunTimeTicks")) or seconds(item.get("RunTimeTicks")),
        texts=tuple(filter(None, map(_text, tracks)))[:_TRACKS],
    )


def _text(track: Item) -> JellyfinText | None:
    """Return a subtitle file beside the video; `None` for bitmap subtitles."""
    index, codec = whole(track.get("Index")), text(track.get("Codec")).lower()
    is_beside = track.get("Type") == "Subtitle" and track.get("IsExternal") is True
    is_text = track.get("IsTextSubtitleStream") is not False and codec not in _PICTURES
    if not is_beside or not is_text or index is None:
        return None
    forced, hearing_impaired = flags_in(text(track.get("Title")))
    return JellyfinText(
        index=index,
        suffix="ass" if codec in {"ass", "ssa"} else "srt",
        track=TextTrack(
            language=next(iter(_tags([track])), None),
            forced=forced or track.get("IsForced") is True,
            hearing_impaired=hearing_impaired or track.get("IsHearingImpaired") is True,
        ),
    )


def _languages(tracks: Sequence[Item]) -> frozenset[Language]:
    """Return every combination of audio and subtitles that the file offers."""
    spoken = _tags(t for t in tracks if t.get("Type") == "Audio")
    # Forced subtitles cover signs only. External subtitles count if they are text.
    shown = _tags(
        t
        for t in tracks
        if t.get("Type") == "Subtitle" and not t.get("IsForced") and _comes_along(t)
    )
    choices: list[tuple[str, str | None]] = [(audio, None) for audio in spoken]
    choices += [(audio, subs) for audio, subs in product(spoken, shown) if audio != subs]
    found = set()
    for audio, subtitles in choices:
        try:
            found.add(Language.of_tracks(audio, subtitles))
        except InvalidLanguageError:
            continue
    return frozenset(found)


def _comes_along(track: Item) -> bool:
    return not track.get("IsExternal") or _text(track) is not None


def _tags(tracks: Iterable[Item]) -> Sequence[str]:
    found = []
    for track in tracks:
        tag = normalise_tag(text(track.get("Language")).replace("_", "-"))
        if tag is not None and tag not in _NO_LANGUAGE and tag not in found:
            found.append(tag)
    return found[:_TRACKS]
