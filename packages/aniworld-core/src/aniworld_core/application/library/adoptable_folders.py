"""List folders that belong to no series, with series that they may belong to."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import anyio
import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.domain.catalogue import Series, SeriesMatch
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    FolderContents,
    FolderIndex,
    FolderMarks,
    PlacedFolder,
    fold_name,
    marked_paths,
    place_folders,
    read_folder_name,
    same_title,
    split_title,
    stored_path,
)
from aniworld_core.errors import AniworldError, FolderNotFoundError, LibraryUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Folders for which the catalogues are searched at the same time.
_SEARCHES: Final = 4
_PROPOSALS: Final = 8


class Confidence(StrEnum):
    """How well a proposed series fits a folder."""

    #: Title and year are the same, or the title is and no other series of the catalogue has it.
    SURE = "sure"
    #: The title is the same and no year contradicts, but several series have it.
    LIKELY = "likely"
    #: A person must decide.
    UNSURE = "unsure"


@attrs.frozen(kw_only=True)
class Proposal:
    """A series that a folder may belong to.

    Attributes:
        key: Key of the stored series, or of the series in its catalogue.
        link: Link to add it by; empty for a stored series.
        in_library: Whether the series is stored.
        reason: Why it is not sure.
    """

    key: SeriesKey
    name: str
    confidence: Confidence
    provider: str = ""
    link: str = ""
    year: int | None = None
    in_library: bool = False
    reason: Message | None = None


@attrs.frozen(kw_only=True)
class AdoptableFolder:
    """A folder that belongs to no series.

    Attributes:
        folder: Its stored path.
        files: Number of videos in it.
        title: Title that its name or its NFO gives.
        year: Year of the same.
        ids: Ids of the same: name of the database -> id.
        has_nfo: Whether a `tvshow.nfo` or a file of the former program says something.
        proposals: Series that it may belong to, best first.
        failures: Catalogues that could not be searched, with the reason.
    """

    folder: str
    files: int
    title: str
    year: int | None
    ids: Mapping[str, str]
    has_nfo: bool = False
    proposals: tuple[Proposal, ...] = ()
    failures: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def sure(self) -> Proposal | None:
        """Return the proposal of the first catalogue that is sure; `None` if it has several."""
        found = [p for p in self.proposals if p.confidence is Confidence.SURE]
        same = [p for p in found if p.provider == found[0].provider]
        return same[0] if len(same) == 1 else None


@attrs.define(eq=False, kw_only=True)
class AdoptableFolders:
    """Finds folders of no series and proposes series for them."""

    _series: SeriesRepository
    _library: MediaLibrary
    _catalogue: Catalogue

    async def find(
        self, *, search: bool = False, folder: str | None = None
    ) -> list[AdoptableFolder]:
        """Return the folders that no series owns, with proposed series.

        Args:
            search: Also search the catalogues by title; one that fails is named per folder.
            folder: Only this folder.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the library cannot be read.
            FolderNotFoundError: If the one folder does not exist or has an owner.
        """
        stored = {series.key: series for series in await self._series.heads()}
        parts, marks = await self._ownerless(stored.values())
        found = [_adoptable(part, marks.get(part.contents.path), stored) for part in parts]
        if folder is not None:
            found = [each for each in found if fold_name(each.folder) == fold_name(folder)]
            if not found:
                raise FolderNotFoundError(folder)
        if search:
            found = await self._searched(found)
        return sorted(found, key=lambda each: fold_name(each.folder))

    async def _ownerless(
        self, stored: Iterable[Series]
    ) -> tuple[Sequence[PlacedFolder], Mapping[str, FolderMarks]]:
        index = FolderIndex.of(stored)
        roots = await self._library.roots()
        for root in roots:
            if root.problem and not root.name:
                raise LibraryUnavailableError(root.path, root.problem)
        paths = [
            path
            for root in roots
            for path in (stored_path(root.name, folder) for folder in root.folders if folder)
            if index.stored(path) is None
        ]
        contents: list[FolderContents] = []
        contents += await self._library.read_folders(paths)
        marks = await self._library.folder_marks([p for c in contents for p in marked_paths(c)])
        placed = place_folders(index, contents, marks)
        parts = [p for p in (*placed.unsure, *placed.strangers) if p.contents.folder]
        return [part for part in parts if part.contents.files], marks

    async def _searched(self, folders: Sequence[AdoptableFolder]) -> list[AdoptableFolder]:
        """Return the folders with proposals of the catalogues."""
        limiter, order = anyio.CapacityLimiter(_SEARCHES), list(Confidence)
        found: dict[str, AdoptableFolder] = {}

        async def search(one: AdoptableFolder) -> None:
            failures: dict[str, str] = {}
            hits: Sequence[SeriesMatch] = ()

            def note(catalogue: str, error: AniworldError) -> None:
                failures[catalogue] = error.message

            async with limiter:
                try:
                    hits = await self._catalogue.search(one.title, on_failure=note)
                except AniworldError as error:
                    logger.warning("no catalogue could be searched for %s: %s", one.folder, error)
            known = {proposal.key for proposal in one.proposals}
            offered = [_proposal(one, hit, hits) for hit in hits if hit.key not in known]
            ranked = sorted(offered, key=lambda each: order.index(each.confidence))
            proposals = (*one.proposals, *ranked)[:_PROPOSALS]
            found[one.folder] = attrs.evolve(one, proposals=proposals, failures=failures)

        async with anyio.create_task_group() as tasks:
            for one in folders:
                if one.title:
                    tasks.start_soon(search, one)
        return [found.get(one.folder, one) for one in folders]


def _adoptable(
    part: PlacedFolder, marks: FolderMarks | None, stored: Mapping[SeriesKey, Series]
) -> AdoptableFolder:
    name = read_folder_name(part.contents.folder.rpartition("/")[2])
    marks = marks or FolderMarks()
    return AdoptableFolder(
        folder=part.contents.path,
        files=len(part.contents.files),
        title=next(iter(marks.titles), "") or name.title,
        year=marks.year or name.year,
        ids={**name.ids, **marks.ids},
        has_nfo=bool(marks),
        proposals=tuple(
            Proposal(
                key=key,
                name=stored[key].name,
                confidence=Confidence.UNSURE,
                provider=stored[key].provider,
                year=stored[key].year,
                in_library=True,
                reason=part.owner.reason,
            )
            for key in part.owner.candidates
        ),
    )


def _proposal(folder: AdoptableFolder, hit: SeriesMatch, hits: Sequence[SeriesMatch]) -> Proposal:
    _, year = split_title(hit.name, hit.year)
    confidence = Confidence.UNSURE
    if _fits(folder, hit):
        others = [h for h in hits if h.provider == hit.provider and h != hit and _fits(folder, h)]
        is_dated = year is not None and year == folder.year
        confidence = Confidence.SURE if is_dated or not others else Confidence.LIKELY
    return Proposal(
        key=hit.key,
        name=hit.name,
        confidence=confidence,
        provider=hit.provider,
        link=hit.link,
        year=year,
    )


def _fits(folder: AdoptableFolder, hit: SeriesMatch) -> bool:
    """Return whether the title is the same and no year contradicts."""
    title, year = split_title(hit.name, hit.year)
    return same_title(title, folder.title) and (year is None or folder.year in (None, year))
