"""Plan the NFO files and pictures of series."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.library.changes.sidecars.pictures import (
    PictureSpots,
    SeriesPictures,
    SeriesPlace,
)
from aniworld_core.application.library.changes.sidecars.request import (
    SidecarDraft,
    SidecarRequest,
    is_too_long,
)
from aniworld_core.application.library.changes.sidecars.thumbs import EpisodeThumbs
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library import (
    MAX_NFO_BYTES,
    ChangeOrigin,
    ChangePlan,
    FoundEntry,
    SidecarFacts,
    is_own_nfo,
    render_episode_nfo,
    render_season_nfo,
    render_series_nfo,
    safe_folder,
    sidecar_facts,
    video_suffix,
)
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.ports.series import SeriesRepository

_SERIES_NFO: Final = "tvshow.nfo"
_SEASON_NFO: Final = "season.nfo"


@attrs.define(eq=False, kw_only=True)
class SidecarPlanner:
    """Plans `tvshow.nfo`, `season.nfo`, the NFO of each episode file, and their pictures.

    Only files that are as this program wrote them are updated; a file of another program is
    refused, unless the request replaces it.
    """

    _series: SeriesRepository
    _records: LibraryFileRepository
    _metadata: MetadataRepository
    _files: FileOperations
    _spots: PictureSpots
    _pictures: SeriesPictures
    _thumbs: EpisodeThumbs

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
        draft = SidecarDraft(replaces_foreign=request.replaces_foreign)
        for series in chosen:
            await self._add(series, request, draft)
        return ChangePlan(
            origin=ChangeOrigin.SIDECARS,
            title=chosen[0].name if len(chosen) == 1 else "",
            changes=tuple(sorted(draft.changes, key=lambda change: change.target or change.source)),
            refusals=tuple(draft.refusals),
            unchanged=draft.unchanged,
        )

    async def _add(self, series: Series, request: SidecarRequest, draft: SidecarDraft) -> None:
        by_file: dict[str, list[Episode]] = {}
        for episode in series.episodes:
            if episode.downloaded and episode.file is not None:
                by_file.setdefault(episode.file, []).append(episode)
        if not by_file:
            return
        facts = await self._facts(series)
        folder = _series_folder(series, by_file)
        place = SeriesPlace(
            series=series,
            facts=facts,
            folder=folder,
            nfo=None if folder is None else f"{folder}/{_SERIES_NFO}",
            season_folders=tuple(_seasons(by_file, folder)),
            nfo_of={file: _beside(file) for file in by_file},
            episodes=by_file,
        )
        own: dict[str, Mapping[str, str]] = {}
        if not request.with_pictures:
            own |= await self._noted(place)
        else:
            if place.nfo is not None:
                own[place.nfo] = await self._pictures.plan(place, draft)
            own |= await self._thumbs.plan(place, draft)
        wanted = await self._nfo_files(place, own)
        found = await self._files.look(sorted(path for path in wanted if not is_too_long(path)))
        for path, content in wanted.items():
            if is_too_long(path):
                draft.refuse(path, Message("sidecar_name_too_long"))
            else:
                await self._add_nfo(path, content, found[path], draft)

    async def _facts(self, series: Series) -> SidecarFacts:
        entries = [stored.entry for stored in await self._metadata.of_series(series.key)]
        details = await self._metadata.details(series.key) if entries else {}
        return sidecar_facts(series, entries, details)

    async def _noted(self, place: SeriesPlace) -> dict[str, Mapping[str, str]]:
        """Return what the present NFO files note about pictures, so that they stay ours."""
        paths = [*place.nfo_of.values(), *filter(None, [place.nfo])]
        return {path: await self._spots.marks(path) for path in paths}

    async def _nfo_files(
        self, place: SeriesPlace, own: Mapping[str, Mapping[str, str]]
    ) -> dict[str, bytes]:
        """Return the content of every NFO file by path."""
        series, facts = place.series, place.facts
        records = await self._records.get(place.episodes)
        wanted = {
            place.nfo_of[file]: render_episode_nfo(
                series,
                episodes,
                records[file].facts if file in records else None,
                facts,
                own.get(place.nfo_of[file]),
            )
            for file, episodes in place.episodes.items()
        }
        for folder, season in place.season_folders:
            wanted[f"{folder}/{_SEASON_NFO}"] = render_season_nfo(season, facts)
        if place.nfo is not None:
            wanted[place.nfo] = render_series_nfo(series, own.get(place.nfo), facts)
        return wanted

    async def _add_nfo(
        self, path: str, content: bytes, entry: FoundEntry | None, draft: SidecarDraft
    ) -> None:
        if entry is None:
            draft.write(path, content)
            return
        present = await self._files.read(path, max_bytes=MAX_NFO_BYTES)
        if present == content:
            draft.unchanged += 1
        elif present is not None and (draft.replaces_foreign or is_own_nfo(present)):
            draft.replace(path, content, entry, self._files.bin_folder(path))
        else:
            reason = "is_no_sidecar" if present is None else "sidecar_of_somebody_else"
            draft.refuse(path, Message(reason))


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
            yield folder, next(iter(numbers))


def _beside(file: str) -> str:
    path = PurePosixPath(file)
    return str(path.with_name(path.name.removesuffix(video_suffix(path.name)) + ".nfo"))
