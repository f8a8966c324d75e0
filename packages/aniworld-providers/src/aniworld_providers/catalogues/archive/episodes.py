"""Number the episodes of an item by the names of its files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

import attrs

from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_core.domain.library import (
    NameKind,
    NameRule,
    ParsedName,
    is_ignored_name,
    parse_file_name,
    season_of_folder,
)
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.archive.item import ArchiveFile, ArchiveItem, ArchiveSubtitle
from aniworld_providers.catalogues.archive.subtitles import subtitles_by_stem

#: Containers of originals that are used directly; for others a derivative is used.
_PLAYABLE = frozenset({"mp4", "m4v", "mkv", "webm", "mov", "avi", "mpeg", "mpg", "ogv", "ts"})
_H264 = re.compile(r"h\.?264", re.IGNORECASE)
_DIGITS = re.compile(r"(\d+)", re.ASCII)
#: Most steps from a derivative to its original.
_GENERATIONS = 8


@attrs.frozen(kw_only=True)
class ArchiveEpisode:
    """One episode with its files, preferred first.

    Attributes:
        languages: Audio languages by file names and item; empty if unknown.
    """

    season: int
    number: int
    last_number: int | None = None
    title: str = ""
    languages: frozenset[Language] = frozenset()
    files: tuple[ArchiveFile, ...]

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


@attrs.frozen
class _Video:
    """An original, the file to fetch for it, and its parsed name."""

    original: str
    file: ArchiveFile
    read: ParsedName = ParsedName()


def number_episodes(item: ArchiveItem) -> tuple[ArchiveEpisode, ...]:
    """Return the episodes of an item, ordered.

    Season and number come from the file name, otherwise from its folder, otherwise from the
    natural order of the names in season 1. A single video is a film: season 0, episode 1.
    """
    texts = subtitles_by_stem(item.files)
    videos = [_with_subtitles(video, texts) for video in _videos(item.files)]
    if len(videos) == 1:
        # The item's title is already the title of the film.
        return (_episode(item, 0, 1, videos, title=_title_of(videos[0], item)),)
    placed: defaultdict[tuple[int, int], list[_Video]] = defaultdict(list)
    unnumbered: list[tuple[int, _Video]] = []
    for video in _without_extras([_with_name(video, item.title) for video in videos]):
        read = video.read
        season = _season(read, video.original.split("/")[:-1])
        if read.episodes and read.episodes[-1] <= MAX_EPISODE:
            placed[season, read.episodes[0]].append(video)
        else:
            unnumbered.append((season, video))
    free = {season: count(1) for season, _ in unnumbered}
    for season, video in unnumbered:
        number = next(n for n in free[season] if (season, n) not in placed)
        placed[season, number].append(video)
    return tuple(
        _episode(item, season, number, placed[season, number], title="")
        for season, number in sorted(placed)
    )


def _with_name(video: _Video, title: str) -> _Video:
    return attrs.evolve(video, read=parse_file_name(video.original, titles=(title,)))


def _without_extras(videos: Sequence[_Video]) -> Sequence[_Video]:
    """Leave out bonus clips, unless there is nothing else."""
    return [video for video in videos if video.read.kind is not NameKind.EXTRA] or videos


def _with_subtitles(video: _Video, texts: Mapping[str, Sequence[ArchiveSubtitle]]) -> _Video:
    stems = dict.fromkeys(name.rpartition(".")[0] for name in (video.original, video.file.name))
    own = dict.fromkeys(text for stem in stems for text in texts.get(stem, ()))
    return attrs.evolve(video, file=attrs.evolve(video.file, texts=tuple(own))) if own else video


def has_only_private_videos(item: ArchiveItem) -> bool:
    """Return whether all videos of an item are private."""
    return not _videos(item.files) and bool(
        _videos(attrs.evolve(file, private=False) for file in item.files)
    )


def _season(read: ParsedName, folders: Sequence[str]) -> int:
    if read.season is not None:
        return read.season
    if read.is_special:
        return 0
    named = (season_of_folder(folder) for folder in reversed(folders))
    return next((season for season in named if season is not None), 1)


def _videos(files: Iterable[ArchiveFile]) -> list[_Video]:
    """Return one file for every original that is, or was converted to, a video."""
    by_name = {file.name: file for file in files}
    groups: defaultdict[str, list[ArchiveFile]] = defaultdict(list)
    for file in by_name.values():
        if not file.private and file.size != 0:
            groups[_root(file, by_name)].append(file)
    chosen = [(root, _best(root, group)) for root, group in groups.items()]
    videos = [_Video(root, file) for root, file in chosen if file is not None]
    shown = [v for v in videos if not is_ignored_name(v.original.rpartition("/")[2])]
    return sorted(shown or videos, key=lambda video: _natural(video.original))


def _root(file: ArchiveFile, by_name: Mapping[str, ArchiveFile]) -> str:
    name = file.name
    for _ in range(_GENERATIONS):
        parent = by_name[name].parent if name in by_name else ""
        if not parent:
            break
        name = parent
    return name


def _best(root: str, group: Sequence[ArchiveFile]) -> ArchiveFile | None:
    """Return the original if its container is playable, otherwise the largest H.264 derivative."""
    playable = [file for file in group if _suffix(file.name) in _PLAYABLE]
    for file in playable:
        if file.name == root:
            return file
    derived = [file for file in playable if _H264.search(file.format)] or playable
    return max(derived, key=lambda file: (file.size or 0, file.name), default=None)


def _episode(
    item: ArchiveItem, season: int, number: int, videos: Sequence[_Video], *, title: str
) -> ArchiveEpisode:
    read = videos[0].read
    last = read.episodes[-1] if len(read.episodes) > 1 else None
    named = frozenset(v.read.language for v in videos if v.read.language)
    return ArchiveEpisode(
        season=season,
        number=number,
        last_number=last if last and last > number else None,
        title=title or _title_of(videos[0], item),
        languages=named or item.languages,
        files=tuple(video.file for video in videos),
    )


def _title_of(video: _Video, item: ArchiveItem) -> str:
    """Return the title of a file or the one in its name; empty if it equals the item's title."""
    if video.read.rule is not NameRule.NONE:
        guess = video.read.episode_title
    else:
        stem = video.original.rpartition("/")[2].rpartition(".")[0]
        guess = " ".join(stem.replace("_", " ").split())
    title = " ".join(video.file.title.split()) or guess
    return title if title.casefold() != item.title.casefold() else ""


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts `9` before `10`."""
    pieces = _DIGITS.split(name.casefold())
    return [(0, int(p), "") if p.isdigit() and p.isascii() else (1, 0, p) for p in pieces if p]
