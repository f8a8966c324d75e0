"""Plan the pictures of a series, its seasons and its episodes."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.catalogue import Covers
from aniworld_core.application.library.changes.sidecars.request import SidecarDraft, is_too_long
from aniworld_core.domain.catalogue import Cover, Episode, ImageKind, Series
from aniworld_core.domain.library import (
    BANNER,
    FANART,
    MAX_NFO_BYTES,
    POSTER,
    PictureNames,
    SidecarFacts,
    own_pictures,
    season_folder_names,
    season_poster_names,
)
from aniworld_core.errors import AniworldError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations

#: Formats that Jellyfin, Plex and Kodi all show.
_SUFFIXES: Final = {ImageKind.JPEG: ".jpg", ImageKind.PNG: ".png", ImageKind.WEBP: ".webp"}
#: A picture so many times wider than high is a banner, otherwise a background.
_BANNER: Final = 3
#: Largest picture that is compared with a new one.
_MAX_PICTURE_BYTES: Final = 32 << 20


@attrs.frozen(kw_only=True)
class SeriesPlace:
    """A series with its files and folders.

    Attributes:
        folder: Folder of the sidecars of the series; `None` if it has none of its own.
        nfo: Path of `tvshow.nfo`; `None` without that folder.
        season_folders: Folders that hold one season only, with the season.
        nfo_of: Path of the NFO of each file.
        episodes: Episodes of each file.
    """

    series: Series
    facts: SidecarFacts
    folder: str | None
    nfo: str | None
    season_folders: tuple[tuple[str, int], ...]
    nfo_of: Mapping[str, str]
    episodes: Mapping[str, Sequence[Episode]]


@attrs.define(eq=False, kw_only=True)
class PictureSpots:
    """Fetches pictures, and plans each under its name."""

    _files: FileOperations

    async def fetched(
        self, path: str, fetch: Callable[[], Awaitable[Cover]], draft: SidecarDraft
    ) -> Cover | None:
        """Return a picture; if there is none, *path* is refused with the reason."""
        try:
            picture = await fetch()
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            draft.refuse(path, error.message)
            return None
        if picture.kind not in _SUFFIXES:
            draft.refuse(path, Message("picture_format", format=picture.kind.name))
            return None
        return picture

    async def taken(self, folder: str, names: PictureNames) -> Sequence[str]:
        """Return the paths of the files that media servers take for a picture."""
        present = await self._files.names(folder)
        return [f"{folder}/{name}" for name in present if names.is_taken_by(name)]

    async def put(
        self,
        stem: str,
        picture: Cover,
        draft: SidecarDraft,
        *,
        taken: Sequence[str],
        foreign: Sequence[str],
    ) -> tuple[str, str] | None:
        """Plan a picture.

        Args:
            stem: Its path without suffix.
            picture: The picture, in a format of a sidecar.
            draft: The plan.
            taken: Files that media servers take for it.
            foreign: Those of them that this program did not write.

        Returns:
            Suffix and SHA-256 if the file is ours afterwards.
        """
        suffix = _SUFFIXES[picture.kind]
        path = f"{stem}{suffix}"
        if is_too_long(path):
            draft.refuse(path, Message("sidecar_name_too_long"))
            return None
        if foreign and not draft.replaces_foreign:
            draft.unchanged += 1
            return None
        digest = hashlib.sha256(picture.data).hexdigest()
        found = await self._files.look([path, *taken])
        if any(entry is not None and entry.stamp is None for entry in found.values()):
            draft.refuse(path, Message("is_no_sidecar"))
            return None
        entry = found[path]
        if entry is not None and await self.digest(path) == digest:
            draft.unchanged += 1
        elif not draft.takes(path, len(picture.data)):
            return None
        elif entry is None:
            draft.write(path, picture.data)
        else:
            draft.replace(path, picture.data, entry, self._files.bin_folder(path))
        for other in taken:
            if other != path and (old := found[other]) is not None:
                draft.remove(other, old, self._files.bin_folder(other))
        return suffix, digest

    async def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a picture; `None` if there is none."""
        content = await self._files.read(path, max_bytes=_MAX_PICTURE_BYTES)
        return None if content is None else hashlib.sha256(content).hexdigest()

    async def marks(self, nfo: str) -> dict[str, str]:
        """Return the pictures that an own NFO file names."""
        return own_pictures(await self._files.read(nfo, max_bytes=MAX_NFO_BYTES) or b"")


@attrs.define(eq=False, kw_only=True)
class SeriesPictures:
    """Plans poster, wide picture and season posters of a series."""

    _spots: PictureSpots
    _covers: Covers

    async def plan(self, place: SeriesPlace, draft: SidecarDraft) -> dict[str, str]:
        """Plan the pictures; return those that are ours then, with their SHA-256."""
        folder = place.folder
        if folder is None or place.nfo is None:
            return {}
        own = {
            name: digest
            for name, digest in (await self._spots.marks(place.nfo)).items()
            if await self._spots.digest(f"{folder}/{name}") == digest
        }
        key = place.series.key
        if place.series.cover_url is not None:
            poster = await self._spots.fetched(
                f"{folder}/{POSTER.stem}", lambda: self._covers.of_series(key), draft
            )
            await self._add(POSTER, poster, folder, own, draft)
        if (link := place.facts.wide) is not None:
            wide = await self._spots.fetched(
                f"{folder}/{FANART.stem}", lambda: self._covers.linked(key, link), draft
            )
            is_banner = wide is not None and wide.width >= _BANNER * wide.height
            await self._add(BANNER if is_banner else FANART, wide, folder, own, draft)
        for season in sorted({e.season for each in place.episodes.values() for e in each}):
            await self._add_season(season, place, folder, own, draft)
        return own

    async def _add_season(
        self,
        season: int,
        place: SeriesPlace,
        folder: str,
        own: dict[str, str],
        draft: SidecarDraft,
    ) -> None:
        link = place.facts.posters.get(season)
        if link is None:
            return
        names = season_poster_names(season)
        poster = await self._spots.fetched(
            f"{folder}/{names.stem}", lambda: self._covers.linked(place.series.key, link), draft
        )
        inside = [
            path
            for season_folder, number in place.season_folders
            if number == season
            for path in await self._spots.taken(season_folder, season_folder_names(season))
        ]
        await self._add(names, poster, folder, own, draft, elsewhere=inside)

    async def _add(
        self,
        names: PictureNames,
        picture: Cover | None,
        folder: str,
        own: dict[str, str],
        draft: SidecarDraft,
        *,
        elsewhere: Sequence[str] = (),
    ) -> None:
        """Plan one picture, and note it in *own*."""
        if picture is None:
            return
        present = await self._spots.taken(folder, names)
        foreign = [path for path in present if PurePosixPath(path).name not in own]
        put = await self._spots.put(
            f"{folder}/{names.stem}",
            picture,
            draft,
            taken=[*present, *elsewhere],
            foreign=[*foreign, *elsewhere],
        )
        if put is None:
            return
        for path in present:
            own.pop(PurePosixPath(path).name, None)
        suffix, digest = put
        own[f"{names.stem}{suffix}"] = digest


def numbers_of(episodes: Sequence[Episode]) -> Iterator[tuple[int, int]]:
    """Yield season and number of every episode in a file."""
    for episode in episodes:
        for number in range(episode.number, (episode.last_number or episode.number) + 1):
            yield episode.season, number
