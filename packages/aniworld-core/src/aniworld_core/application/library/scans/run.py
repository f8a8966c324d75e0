"""One scan: read the folders, match their series, store the results."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import anyio.lowlevel
import anyio.to_thread
import attrs

from aniworld_core.application.library.scans.file_checks import (
    CheckedFiles,
    FileChecks,
    closed_places,
    is_closed_link,
    known_file,
    known_paths,
    left_alone,
    with_unreadable,
    without_growing,
)
from aniworld_core.application.library.scans.folder_map import entries_of_roots, top_of
from aniworld_core.application.library.scans.loss_guard import lost_by_root, root_of
from aniworld_core.application.library.scans.moved_files import MovedFiles, as_links, with_links
from aniworld_core.application.library.scans.placing import FolderPlacing
from aniworld_core.application.library.scans.settling import (
    Settled,
    ignored_record,
    settle,
    stray_records,
)
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.application.library.scans.surveying import Surveyed, in_turns
from aniworld_core.application.library.scans.writes import ScanWrites
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.library import (
    FileState,
    FolderContents,
    LibraryFile,
    LibraryFolder,
    LibraryRoot,
    PlacedFolder,
    stored_path,
)

T = TypeVar("T")

#: Series that are matched and stored together.
BATCH: Final = 250
#: Series whose files are read together.
_LOOKED_UP: Final = 1000


@attrs.frozen(kw_only=True)
class HeldBack:
    """A result that makes episodes missing; stored once the loss is not suspicious."""

    settled: Settled
    folders: tuple[LibraryFolder, ...]


@attrs.define(eq=False, kw_only=True)
class ScanRun:
    """Matches the series of changed folders and stores the results in batches.

    Attributes:
        surveyed: The folders of this scan.
        held: Results that make episodes missing.
        unreadable: Stored path → reason, of places that cannot be read.
        closed: Unreadable folder → number of known files in it.
        deleted: Episodes whose files are gone from the disk on purpose, each with the path.
        lost: Files of episodes that became missing, by root.
    """

    _context: ScanContext
    _checks: FileChecks
    _placing: FolderPlacing
    _folders: Mapping[SeriesKey, FolderName]
    surveyed: Surveyed
    writes: ScanWrites
    held: list[HeldBack] = attrs.field(factory=list, init=False)
    unreadable: dict[str, str] = attrs.field(factory=dict, init=False)
    closed: Counter[str] = attrs.field(factory=Counter, init=False)
    deleted: list[tuple[EpisodeRef, str]] = attrs.field(factory=list, init=False)
    lost: Counter[str] = attrs.field(factory=Counter, init=False)
    _owned: defaultdict[SeriesKey, list[FolderContents]] = attrs.field(
        factory=lambda: defaultdict(list), init=False
    )
    #: New path → former record of files that were renamed or moved.
    _moved: Mapping[str, LibraryFile] = attrs.field(factory=dict, init=False)
    #: Folders that several series share.
    _shared: dict[str, set[SeriesKey]] = attrs.field(factory=dict, init=False)

    async def begin(self) -> set[SeriesKey]:
        """Place the changed folders, store those without series; return the series to match."""
        surveyed = self.surveyed
        for contents in surveyed.changed.values():
            for place, reason in contents.unreadable:
                self.unreadable[contents.path_of(place)] = reason
        placed: list[PlacedFolder] = []
        for batch in batches(list(surveyed.changed.values()), BATCH):
            placed += await self._placing.place(batch)
            await anyio.lowlevel.checkpoint()
        moves = MovedFiles(self._context, surveyed)
        self._moved = await moves.find()
        links = await moves.linked(placed) if surveyed.map.owners else {}
        links = {p: k for p, k in (links | as_links(self._moved)).items() if k in self._folders}
        placed = with_links(placed, links)
        strays: list[PlacedFolder] = []
        stamped: defaultdict[str, set[SeriesKey]] = defaultdict(set)
        for part in placed:
            if part.owner.key is None:
                strays.append(part)
            else:
                self._owned[part.owner.key].append(part.contents)
                stamped[top_of(f"{part.contents.path}/x", surveyed.roots)].add(part.owner.key)
        await self._store_strays(strays)
        await self._store_entries_of_roots()
        keys = set(self._owned) | surveyed.map.keys_of((*surveyed.changed, *surveyed.gone))
        keys |= {each.series_key for each in self._moved.values() if each.series_key is not None}
        keys |= await self._keys_of_loose_files()
        if self.surveyed.is_whole:
            keys |= await self._keys_of_lost_folders(keys)
        self._shared = {top: owners for top, owners in stamped.items() if len(owners) > 1}
        return keys & self._folders.keys()

    async def settle(self, series: Sequence[Series]) -> None:
        """Match series with all their folders, and collect what has to be stored."""
        known = await self._context.files.of_many([each.key for each in series])
        records = {key: {file.path: file for file in files} for key, files in known.items()}
        await self._read_other_folders(series, records)
        ready = {each.key: self._folders_of(each, records.get(each.key, {})) for each in series}
        checked = await self._checks.check(
            (contents for folders in ready.values() for contents in folders),
            {path: file for files in records.values() for path, file in files.items()},
        )
        self.unreadable |= checked.unreadable
        # Matching takes long: in a worker thread, the event loop keeps its turns.
        results = await anyio.to_thread.run_sync(self._matched, series, ready, records, checked)
        for settled in results:
            self._collect(settled, ready[settled.after.key])

    def _matched(
        self,
        series: Sequence[Series],
        ready: Mapping[SeriesKey, Sequence[FolderContents]],
        records: Mapping[SeriesKey, Mapping[str, LibraryFile]],
        checked: CheckedFiles,
    ) -> list[Settled]:
        order = self._context.config.value.languages.order
        moved: defaultdict[SeriesKey | None, dict[str, LibraryFile]] = defaultdict(dict)
        for path, record in self._moved.items():
            moved[record.series_key][path] = record
        found: list[Settled] = []
        for each in series:
            before = records.get(each.key, {})
            bad = checked.bad
            if checked.unreadable:
                bad = bad | {p: r for p, r in checked.unreadable.items() if p not in before}
            found.append(
                settle(
                    each,
                    ready[each.key],
                    known=before,
                    bad=bad,
                    wanted=each.languages or order,
                    moved=moved.get(each.key),
                )
            )
        return found

    def finish(self, guarded: Collection[str]) -> None:
        """Collect the results that were held back, except those with losses in guarded roots."""
        kept: set[SeriesKey] = set()
        for each in self.held:
            if lost_by_root(each.settled.lost, self.surveyed.roots).keys() & set(guarded):
                kept.add(each.settled.after.key)
            else:
                self.writes.add(each.settled, each.folders)
                self.deleted += each.settled.deleted
        folders = self.surveyed.map
        gone = [path for path in self.surveyed.gone if not folders.keys_of([path]) & kept]
        changed = self.surveyed.changed
        self.writes.add_folders(
            [
                LibraryFolder(top, None, changed[top].stamp)
                for top, owners in self._shared.items()
                if top in changed and not owners & kept and not changed[top].unreadable
            ],
            gone=folders.with_parts(gone),
        )

    def _collect(self, settled: Settled, folders: Sequence[FolderContents]) -> None:
        stamped = [self._stamp(settled.after.key, contents) for contents in folders]
        stored = tuple(folder for folder in stamped if folder is not None)
        if settled.lost:
            self.lost += lost_by_root(settled.lost, self.surveyed.roots)
            self.held.append(HeldBack(settled=settled, folders=stored))
        else:
            self.writes.add(settled, stored)

    def _stamp(self, key: SeriesKey, contents: FolderContents) -> LibraryFolder | None:
        top = self.surveyed.changed.get(contents.path)
        if top is None:
            is_part = top_of(f"{contents.path}/x", self.surveyed.roots) != contents.path
            return LibraryFolder(contents.path, key, "") if is_part else None
        is_whole = not contents.unreadable and bool(contents.stamp)
        return LibraryFolder(contents.path, key, contents.stamp if is_whole else "")

    async def _read_other_folders(
        self, series: Sequence[Series], records: Mapping[SeriesKey, Mapping[str, LibraryFile]]
    ) -> None:
        """Read the unchanged folders of these series: all files of a series are matched at once.

        A folder that the survey read is read again if it lacks a known file: that may have been
        renamed, moved or downloaded since.
        """
        roots = self.surveyed.roots
        closed = {root.name for root in roots if root.problem}
        wanted: set[str] = set()
        stale: set[str] = set()
        for each in series:
            paths = known_paths((e.file for e in each.episodes), records.get(each.key, {}).values())
            tops = {top_of(path, roots) for path in paths}
            wanted |= {top for top in tops if root_of(f"{top}/", roots) not in closed}
            owned = self._owned.get(each.key, ())
            read = {part.path_of(file.path) for part in owned for file in part.files}
            stale |= {top_of(path, roots) for path in paths if path not in read}
        stale &= wanted
        wanted -= {*self.surveyed.changed, *self.surveyed.gone} - stale
        if not wanted:
            return
        for each in series:
            owned = self._owned.get(each.key, [])
            owned[:] = [part for part in owned if top_of(f"{part.path}/x", roots) not in stale]
        keys = {each.key for each in series}
        found = await self._context.library.read_folders(wanted)
        placed = await self._placing.place(found)
        links = {
            file.path: key
            for key, files in records.items()
            for file in files.values()
            if file.linked or file.pinned
        }
        for part in with_links(placed, links):
            if part.owner.key in keys and part.contents not in self._owned[part.owner.key]:
                self._owned[part.owner.key].append(part.contents)

    def _folders_of(
        self, series: Series, records: Mapping[str, LibraryFile]
    ) -> list[FolderContents]:
        """Return the folders of a series, with what cannot be read as the last scan left it."""
        known = known_paths((e.file for e in series.episodes), records.values())
        found: list[FolderContents] = []
        for contents in self._owned.pop(series.key, ()):
            whole = with_unreadable(contents, known, records)
            for place, reason in closed_places(contents):
                self._note_closed(contents.path_of(place), reason, known)
            found.append(without_growing(whole, self.surveyed.growing, records))
        for root in self.surveyed.roots:
            if root.problem:
                found += left_alone(root, known, records, self.surveyed.roots)
            found += self._behind_links(root, known, records)
        return found

    def _note_closed(self, path: str, reason: str, known: Iterable[str]) -> list[str]:
        """Note a place that cannot be read if it holds known files; return these."""
        inside = [each for each in known if each == path or each.startswith(f"{path}/")]
        if inside:
            self.closed[path] += len(inside)
            self.unreadable.setdefault(path, reason)
        return inside

    def _behind_links(
        self, root: LibraryRoot, known: Sequence[str], records: Mapping[str, LibraryFile]
    ) -> Iterator[FolderContents]:
        """Yield the known files in folders that are links now whose targets were not read."""
        for entry in root.ignored:
            if not is_closed_link(entry.reason):
                continue
            path = stored_path(root.name, entry.path)
            inside = self._note_closed(path, entry.reason, known)
            if inside:
                files = [
                    known_file(each, each.removeprefix(f"{path}/"), records) for each in inside
                ]
                folder = FolderName(entry.path)
                yield FolderContents(
                    folder=folder, root=root.name, stamp="", files=tuple(sorted(files))
                )

    async def _store_strays(self, strays: Sequence[PlacedFolder]) -> None:
        for batch in batches(strays, BATCH):
            paths = {part.contents.path for part in batch}
            known = {file.path: file for file in await self._context.files.below(paths)}
            checked = await self._checks.check((part.contents for part in batch), known)
            self.unreadable |= checked.unreadable
            bad = checked.bad | checked.unreadable
            records: list[LibraryFile] = []
            for part in batch:
                contents = without_growing(part.contents, self.surveyed.growing, known)
                records += stray_records(contents, known, bad, part.owner.reason)
                if contents.path in self.surveyed.changed:
                    stamp = "" if contents.unreadable else contents.stamp
                    self.writes.add_folders([LibraryFolder(contents.path, None, stamp)])
            found = {record.path for record in records}
            gone = [p for p, f in known.items() if f.series_key is None and p not in found]
            closed = tuple(f"{place}/" for place in self.unreadable)
            self.writes.add_records(
                (record for record in records if known.get(record.path) != record),
                (path for path in gone if not path.startswith(closed)),
            )
        gone = self.surveyed.map.with_parts(self.surveyed.gone)
        if gone:
            left = await self._context.files.below(gone)
            # The entries of a root stay when its last file is gone.
            kept = entries_of_roots(self.surveyed.roots)
            self.writes.add_records(
                (), (f.path for f in left if f.series_key is None and f.path not in kept)
            )

    async def _store_entries_of_roots(self) -> None:
        """Store the entries directly in the roots that no scan reads."""
        entries = entries_of_roots(self.surveyed.roots)
        known = await self._context.files.get(entries)
        records = [ignored_record(None, path, reason) for path, reason in entries.items()]
        roots = {root.name for root in self.surveyed.roots if not root.problem}
        stored = await self._context.files.paths([FileState.IGNORED])
        gone = (path for path in stored if path not in entries and path.rpartition("/")[0] in roots)
        self.writes.add_records((r for r in records if known.get(r.path) != r), gone)

    async def _keys_of_lost_folders(self, due: Collection[SeriesKey]) -> set[SeriesKey]:
        """Return the series with files in folders that were removed before a scan stored them.

        Series without any stored folder are all looked at, the others take turns.
        """
        owners = self.surveyed.map.owners
        unseen = self._folders.keys() - owners - self._owned.keys()
        others = sorted((self._folders.keys() & owners) - set(due))
        chosen = [*sorted(unseen), *in_turns(others, self._context.clock)]
        found: set[SeriesKey] = set()
        for batch in batches(chosen, _LOOKED_UP):
            files = await self._context.series.files_of([SeriesKey(key) for key in batch])
            found |= {
                key
                for key, paths in files.items()
                if key in unseen or any(map(self._is_lost, paths))
            }
        return found

    def _is_lost(self, path: str) -> bool:
        """Return whether the folder of a file in a readable root was not found."""
        roots = self.surveyed.roots
        closed = any(root.problem and root.name == root_of(path, roots) for root in roots)
        return not closed and top_of(path, roots) not in self.surveyed.seen

    async def _keys_of_loose_files(self) -> set[SeriesKey]:
        """Return the series that had files directly in a changed root."""
        roots = {root.name for root in self.surveyed.roots}
        changed = roots & {*self.surveyed.changed, *self.surveyed.gone}
        found = await self._context.files.below(changed) if changed else ()
        return {
            file.series_key
            for file in found
            if file.series_key is not None and top_of(file.path, self.surveyed.roots) in changed
        }


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in parts of a size."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def batches_with_ends(items: Sequence[T], size: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Yield the items in parts of a size, each with the number of items up to its end."""
    done = 0
    for batch in batches(items, size):
        done += len(batch)
        yield done, batch
