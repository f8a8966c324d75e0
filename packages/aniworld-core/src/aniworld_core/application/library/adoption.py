"""Give folders that belong to no series to series."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.application.catalogue import ExistingFiles, SeriesAddition
from aniworld_core.application.library.adoptable_folders import AdoptableFolders
from aniworld_core.application.library.changes import LibraryChanges
from aniworld_core.application.library.existing_folders import ExistingFolders, counts, merged_ids
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import (
    ChangeOrigin,
    ChangePlan,
    EpisodeFileChange,
    FolderIndex,
    HeldFile,
    LibraryChange,
    SeriesFolderChange,
    SeriesFolders,
    fold_name,
)
from aniworld_core.errors import (
    AniworldError,
    FolderNotFoundError,
    FolderTakenError,
    SeriesNotFoundError,
)
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Folders for which the catalogues are searched at the same time.
_SEARCHES: Final = 4
_PROPOSALS: Final = 8


@attrs.frozen(kw_only=True)
class Adopted:
    """Result of adopting a folder.

    Attributes:
        created: Whether the series was added for it.
        existing: What is in all folders of the series now.
    """

    folder: str
    series: Series
    created: bool
    existing: ExistingFiles


@attrs.frozen(kw_only=True)
class AdoptionChoice:
    """A folder and the series that it is given to.

    Attributes:
        folder: Stored path of the folder.
        series: Key of a stored series, or link or key of a series in a catalogue.
        provider: Catalogue to ask for a key.
    """

    folder: str
    series: str
    provider: str | None = None


@attrs.frozen(kw_only=True)
class AdoptionReport:
    """Result of adopting several folders.

    Attributes:
        adopted: Adopted folders.
        failures: Folder -> why it was not adopted.
        change: The entry in the history that undoes all of them; `None` if nothing changed.
    """

    adopted: tuple[Adopted, ...]
    failures: Mapping[str, AniworldError]
    change: LibraryChange | None = None


@attrs.define(eq=False, kw_only=True)
class Adoption:
    """Gives folders to series.

    Adopting is one change in the history: undo gives series their former folders back, and
    removes series that were added for it.
    """

    _series: SeriesRepository
    _library: MediaLibrary
    _existing: ExistingFolders
    _folders: AdoptableFolders
    _additions: SeriesAddition
    _changes: LibraryChanges

    async def adopt(self, folder: str, link_or_key: str, *, provider: str | None = None) -> Adopted:
        """Give a folder to a series; a series that is not stored yet is added.

        The folder becomes the folder of a series that has no files yet, otherwise a further one.
        No file is moved or renamed.

        Args:
            folder: Stored path of the folder.
            link_or_key: Key of a stored series, or link or key of a series in a catalogue.
            provider: Catalogue to ask for a key.

        Raises:
            FolderNotFoundError: If there is no such folder.
            FolderTakenError: If it belongs to a series.
            LibraryUnavailableError: If the library cannot be read.
            AniworldError: If the series cannot be added.
        """
        choice = AdoptionChoice(folder=folder, series=link_or_key, provider=provider)
        report = await self.adopt_all([choice])
        for error in report.failures.values():
            raise error
        return report.adopted[0]

    async def adopt_all(self, choices: Sequence[AdoptionChoice]) -> AdoptionReport:
        """Adopt several folders as one change; one that fails does not stop the others.

        Raises:
            AniworldError: What `LibraryChanges.apply` raises.
        """
        drafts: dict[SeriesKey, _Draft] = {}
        adopted: list[Adopted] = []
        failures: dict[str, AniworldError] = {}
        for choice in choices:
            try:
                adopted.append(await self._adopt(choice, drafts))
            except AniworldError as error:
                failures[choice.folder] = error
        change = None
        if drafts:
            title = adopted[0].series.name if len(drafts) == 1 else ""
            await self._series.save_many([(d.before, d.with_ids) for d in drafts.values()])
            change = await self._changes.apply(_plan(title, drafts.values()))
        return AdoptionReport(adopted=tuple(adopted), failures=failures, change=change)

    async def _adopt(self, choice: AdoptionChoice, drafts: dict[SeriesKey, "_Draft"]) -> Adopted:
        """Add a series if necessary, and note what it gets; nothing else is stored yet."""
        read = await self._library.read_folders([choice.folder])
        if not read:
            raise FolderNotFoundError(choice.folder)
        path = read[0].path
        heads = [
            drafts[head.key].after if head.key in drafts else head
            for head in await self._series.heads()
        ]
        owner = FolderIndex.of(heads).stored(path)
        if owner is not None:
            raise FolderTakenError(path, owner)
        stored, before, created = await self._stored(choice, drafts)
        has_files = any(episode.downloaded for episode in stored.episodes)
        marks = await self._library.folder_marks([path])
        changed = attrs.evolve(
            stored,
            folder=stored.folder if has_files else FolderName(path),
            external_ids=merged_ids(stored, path, marks.get(path)),
        )
        if changed.folder != path and path not in changed.other_folders:
            changed = attrs.evolve(changed, other_folders=(*changed.other_folders, path))
        folders = dict.fromkeys([changed.folder, *changed.other_folders])
        contents = await self._library.read_folders(list(folders))
        settled, files = await self._existing.with_files(changed, contents)
        drafts[settled.key] = _Draft(before, settled, is_new=created)
        return Adopted(
            folder=path,
            series=settled,
            created=created,
            existing=counts([each.path for each in contents], files),
        )

    async def _stored(
        self, choice: AdoptionChoice, drafts: Mapping[SeriesKey, "_Draft"]
    ) -> tuple[Series, Series, bool]:
        """Return a series with its earlier adoptions, as it is stored, and whether it is new."""
        key = SeriesKey(choice.series)
        if key in drafts:
            return drafts[key].after, drafts[key].before, drafts[key].is_new
        try:
            stored = await self._series.get(key)
        except SeriesNotFoundError:
            addition = await self._additions.add(choice.series, provider=choice.provider)
            stored = addition.series
            if stored.key in drafts:
                draft = drafts[stored.key]
                return draft.after, draft.before, draft.is_new
            return stored, stored, addition.created
        return stored, stored, False

    async def adopt_sure(self, choices: Sequence[AdoptionChoice] = ()) -> AdoptionReport:
        """Search the catalogues and adopt every folder with one series that is sure.

        Args:
            choices: Folders that are adopted as well, each with its own series.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the library cannot be read.
        """
        folders = await self._folders.find(search=True)
        chosen = {fold_name(choice.folder) for choice in choices}
        sure = [
            AdoptionChoice(folder=folder.folder, series=sure.link or sure.key)
            for folder in folders
            if (sure := folder.sure) is not None and fold_name(folder.folder) not in chosen
        ]
        return await self.adopt_all([*choices, *sure])


@attrs.frozen
class _Draft:
    """A series that gets folders.

    Attributes:
        before: As it is stored.
        after: With the folders and the episodes in them.
        is_new: Whether it was added for a folder.
    """

    before: Series
    after: Series
    is_new: bool

    @property
    def with_ids(self) -> Series:
        """The stored series with the ids of its folders, which undo does not remove."""
        return attrs.evolve(self.before, external_ids=self.after.external_ids)


def _plan(title: str, drafts: Collection[_Draft]) -> ChangePlan:
    return ChangePlan(
        origin=ChangeOrigin.ADOPTION,
        title=title,
        folders=tuple(
            SeriesFolderChange(
                key=draft.after.key,
                before=None if draft.is_new else _folders(draft.before),
                after=_folders(draft.after),
            )
            for draft in drafts
        ),
        episodes=tuple(
            EpisodeFileChange(
                episode=draft.after.ref(after),
                before=HeldFile.of(before),
                after=HeldFile.of(after),
            )
            for draft in drafts
            for before, after in zip(draft.before.episodes, draft.after.episodes, strict=True)
            if HeldFile.of(before) != HeldFile.of(after)
        ),
    )


def _folders(series: Series) -> SeriesFolders:
    return SeriesFolders(series.folder, series.other_folders)
