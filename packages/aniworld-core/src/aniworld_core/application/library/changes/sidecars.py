"""Plan NFO files and pictures beside the files of the library."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.catalogue import Covers
from aniworld_core.domain.catalogue import Cover, Episode, ImageKind, Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    MAX_NFO_BYTES,
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    FileChange,
    FoundEntry,
    Refusal,
    fold_name,
    is_own_nfo,
    own_pictures,
    render_episode_nfo,
    render_season_nfo,
    render_series_nfo,
    safe_folder,
    video_suffix,
)
from aniworld_core.errors import AniworldError, CoverNotFoundError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository

_SERIES_NFO: Final = "tvshow.nfo"
_SEASON_NFO: Final = "season.nfo"
#: Formats that Jellyfin, Plex and Kodi all show.
_SUFFIXES: Final = {ImageKind.JPEG: ".jpg", ImageKind.PNG: ".png", ImageKind.WEBP: ".webp"}
_PICTURE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")
#: Names under which media servers look for each picture of a series.
_STEMS: Final = {
    "poster": ("poster", "folder", "cover"),
    "fanart": ("fanart", "backdrop", "background", "art"),
    "banner": ("banner",),
}
#: A picture so many times wider than high is a banner, otherwise a background.
_BANNER: Final = 3
#: Largest picture that is compared with a new one.
_MAX_PICTURE_BYTES: Final = 32 << 20


@attrs.frozen(kw_only=True)
class SidecarRequest:
    """Which sidecars to write.

    Attributes:
        keys: The series; all when empty.
        replaces_foreign: Whether files of another program or person are replaced; the old ones go
            to the recycle bin.
        with_pictures: Whether poster and wide picture are written, too.
    """

    keys: tuple[SeriesKey, ...] = ()
    replaces_foreign: bool = False
    with_pictures: bool = True


@attrs.define(eq=False, kw_only=True)
class SidecarPlanner:
    """Plans `tvshow.nfo`, `season.nfo`, the NFO of each episode file, poster and wide picture.

    Only files that are as this program wrote them are updated; a file of another program is
    refused, unless the request replaces it.
    """

    _series: SeriesRepository
    _records: LibraryFileRepository
    _files: FileOperations
    _covers: Covers

    async def plan(self, request: SidecarRequest) -> ChangePlan:
        """Return the plan for the requested series that have files.

        Raises:
            SeriesNotFoundError: If there is no such series.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the library cannot be read.
        """
        if request.keys:
            chosen = [await self._series.get(key) for key in dict.fromkeys(request.keys)]
        else:
            chosen = list(await self._series.find())
        draft = _Draft()
        for series in chosen:
            await self._add(series, request, draft)
        return ChangePlan(
            origin=ChangeOrigin.SIDECARS,
            title=chosen[0].name if len(chosen) == 1 else "",
            changes=tuple(sorted(draft.changes, key=lambda change: change.target)),
            refusals=tuple(draft.refusals),
            unchanged=draft.unchanged,
        )

    async def _add(self, series: Series, request: SidecarRequest, draft: "_Draft") -> None:
        by_file: dict[str, list[Episode]] = {}
        for episode in series.episodes:
            if episode.downloaded and episode.file is not None:
                by_file.setdefault(episode.file, []).append(episode)
        if not by_file:
            return
        folder = _series_folder(series, by_file)
        pictures = dict[str, str]()
        if folder is not None and request.with_pictures:
            pictures = await self._add_pictures(series, folder, request, draft)
        records = await self._records.get(by_file)
        wanted = {
            _beside(file): render_episode_nfo(
                series, episodes, records[file].facts if file in records else None
            )
            for file, episodes in by_file.items()
        }
        wanted |= {path: render_season_nfo(season) for path, season in _seasons(by_file, folder)}
        if folder is not None:
            wanted[f"{folder}/{_SERIES_NFO}"] = render_series_nfo(series, pictures)
        found = await self._files.look(sorted(wanted))
        for path, content in wanted.items():
            await self._add_nfo(path, content, found[path], request, draft)

    async def _add_nfo(
        self,
        path: str,
        content: bytes,
        entry: FoundEntry | None,
        request: SidecarRequest,
        draft: "_Draft",
    ) -> None:
        if entry is None:
            draft.write(path, content)
            return
        present = await self._files.read(path, max_bytes=MAX_NFO_BYTES)
        if present == content:
            draft.unchanged += 1
        elif present is not None and (request.replaces_foreign or is_own_nfo(present)):
            draft.replace(path, content, entry, self._files.bin_folder(path))
        else:
            reason = "is_no_sidecar" if present is None else "sidecar_of_somebody_else"
            draft.refusals.append(Refusal(path=path, reason=Message(reason)))

    async def _add_pictures(
        self, series: Series, folder: str, request: SidecarRequest, draft: "_Draft"
    ) -> dict[str, str]:
        """Plan poster and wide picture; return the pictures of the folder that are ours then."""
        nfo = await self._files.read(f"{folder}/{_SERIES_NFO}", max_bytes=MAX_NFO_BYTES)
        own = {
            name: digest
            for name, digest in own_pictures(nfo or b"").items()
            if await self._digest(f"{folder}/{name}") == digest
        }
        poster = await self._picture(self._covers.of_series, series, f"{folder}/poster", draft)
        if poster is not None:
            own |= await self._add_picture("poster", poster, folder, own, request, draft)
        wide = await self._picture(self._covers.wide_of_series, series, f"{folder}/fanart", draft)
        if wide is not None:
            role = "banner" if wide.width >= _BANNER * wide.height else "fanart"
            own |= await self._add_picture(role, wide, folder, own, request, draft)
        return own

    async def _picture(
        self,
        fetch: Callable[[SeriesKey], Awaitable[Cover]],
        series: Series,
        path: str,
        draft: "_Draft",
    ) -> Cover | None:
        """Return a picture; an error of its site is a refusal of *path*."""
        try:
            return await fetch(series.key)
        except CoverNotFoundError:
            return None
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            draft.refusals.append(Refusal(path=path, reason=error.message))
            return None

    async def _add_picture(
        self,
        role: str,
        picture: Cover,
        folder: str,
        own: Mapping[str, str],
        request: SidecarRequest,
        draft: "_Draft",
    ) -> dict[str, str]:
        """Plan one picture; return its name with its digest if it is ours afterwards."""
        names = {f"{stem}{suffix}" for stem in _STEMS[role] for suffix in _PICTURE_SUFFIXES}
        present = [n for n in await self._files.names(folder) if fold_name(n) in names]
        foreign = [other for other in present if other not in own]
        if picture.kind not in _SUFFIXES or (foreign and not request.replaces_foreign):
            draft.unchanged += bool(present)
            return {}
        digest = hashlib.sha256(picture.data).hexdigest()
        name = f"{role}{_SUFFIXES[picture.kind]}"
        path = f"{folder}/{name}"
        entry = (await self._files.look([path]))[path]
        if entry is None:
            draft.write(path, picture.data)
        elif await self._digest(path) == digest:
            draft.unchanged += 1
        else:
            draft.replace(path, picture.data, entry, self._files.bin_folder(path))
        return {name: digest}

    async def _digest(self, path: str) -> str | None:
        content = await self._files.read(path, max_bytes=_MAX_PICTURE_BYTES)
        return None if content is None else hashlib.sha256(content).hexdigest()


@attrs.define(eq=False)
class _Draft:
    """A plan in the making."""

    changes: list[FileChange] = attrs.field(factory=list)
    refusals: list[Refusal] = attrs.field(factory=list)
    unchanged: int = 0

    def write(self, path: str, content: bytes) -> None:
        self.changes.append(FileChange(action=ChangeAction.WRITE, target=path, content=content))

    def replace(self, path: str, content: bytes, entry: FoundEntry, bin_folder: str) -> None:
        self.changes.append(
            FileChange(
                action=ChangeAction.WRITE,
                target=path,
                content=content,
                replaces=entry.stamp,
                bin=bin_folder,
            )
        )


def _series_folder(series: Series, by_file: Mapping[str, Sequence[Episode]]) -> str | None:
    """Return the folder for `tvshow.nfo`: the main one of the series, if it has files."""
    own = PurePosixPath(safe_folder(series.folder))
    has_files = any(PurePosixPath(file).is_relative_to(own) for file in by_file)
    return str(own) if has_files and own != PurePosixPath() else None


def _seasons(
    by_file: Mapping[str, Sequence[Episode]], series_folder: str | None
) -> Iterator[tuple[str, int]]:
    """Yield path and season of each folder below the series that holds one season only."""
    seasons: dict[str, set[int]] = {}
    for file, episodes in by_file.items():
        folder = str(PurePosixPath(file).parent)
        seasons.setdefault(folder, set()).update(episode.season for episode in episodes)
    for folder, numbers in seasons.items():
        if len(numbers) == 1 and series_folder is not None and folder != series_folder:
            yield f"{folder}/{_SEASON_NFO}", next(iter(numbers))


def _beside(file: str) -> str:
    path = PurePosixPath(file)
    return str(path.with_name(path.name.removesuffix(video_suffix(path.name)) + ".nfo"))
