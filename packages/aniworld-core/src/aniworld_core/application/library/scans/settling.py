"""Match one series with its files and work out what has to be stored."""

from collections.abc import Collection, Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    FileMatch,
    FileState,
    FolderContents,
    LibraryFile,
    fold_name,
    judged,
    match_episodes,
)
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class Settled:
    """What a scan has to store about one series.

    Attributes:
        before: The series as it was read.
        after: The series with its files.
        saved: New and changed records of its files.
        forgotten: Paths whose files are gone.
        lost: Paths of episodes that have no file any more.
        deleted: The episodes of those whose file is not on the disk, each with its path.
    """

    before: Series
    after: Series
    saved: tuple[LibraryFile, ...]
    forgotten: tuple[str, ...]
    lost: tuple[str, ...]
    deleted: tuple[tuple[EpisodeRef, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to store."""
        return not self.saved and not self.forgotten and self.before == self.after


def settle(
    series: Series,
    folders: Sequence[FolderContents],
    *,
    known: Mapping[str, LibraryFile],
    bad: Mapping[str, Message],
    wanted: Sequence[Language],
    moved: Mapping[str, LibraryFile] | None = None,
) -> Settled:
    """Match the files of a series.

    Args:
        series: The series as it was read.
        folders: All its folders with their files.
        known: Stored path → record of the last scan.
        bad: Damaged files with the reason.
        wanted: Languages of its policy, preferred first.
        moved: New path → former record of files that were renamed or moved.
    """
    before = {**known, **_at_new_places(moved or {}, folders)}
    result = match_episodes(series, folders, known=before, wanted=wanted, unusable=bad.keys())
    twins = _twins(result.files)
    after = _with_languages(result.applied_to(series), series, moved or {})
    records = judged(
        after,
        (_record(series, match, before.get(match.path), bad, twins) for match in result.files),
        wanted,
    )
    records += [
        ignored_record(series.key, contents.path_of(entry.path), entry.reason)
        for contents in folders
        for entry in contents.ignored
    ]
    paths = {record.path for record in records}
    held = zip(series.episodes, after.episodes, strict=True)
    lost = [(old, old.file or "") for old, new in held if old.downloaded and not new.downloaded]
    return Settled(
        before=series,
        after=after,
        saved=tuple(record for record in records if known.get(record.path) != record),
        forgotten=tuple(path for path in known if path not in paths),
        lost=tuple(file for _, file in lost),
        deleted=tuple((series.ref(old), file) for old, file in lost if file not in paths),
    )


def stray_records(
    contents: FolderContents,
    known: Mapping[str, LibraryFile],
    bad: Mapping[str, Message],
    doubt: Message | None,
) -> list[LibraryFile]:
    """Return the records of a folder that no series owns.

    Args:
        contents: The folder with its files.
        known: Stored path → record of the last scan.
        bad: Damaged files with the reason.
        doubt: Why it is not sure which series it belongs to, if it may belong to one.
    """
    records = []
    for file in contents.files:
        path = contents.path_of(file.path)
        state = FileState.UNSURE if doubt else FileState.EXTRA
        record = LibraryFile(
            path=path,
            size=file.size,
            modified_ns=file.modified_ns,
            state=FileState.DAMAGED if path in bad else state,
            reason=bad.get(path) or doubt or Message("file_of_no_series"),
        )
        records.append(_with_content(record, known.get(path)))
    records += [
        ignored_record(None, contents.path_of(entry.path), entry.reason)
        for entry in contents.ignored
    ]
    return records


def _record(
    series: Series,
    match: FileMatch,
    known: LibraryFile | None,
    bad: Mapping[str, Message],
    twins: Mapping[str, str],
) -> LibraryFile:
    state, reason = match.state, match.reason
    if match.path in bad and state is not FileState.IGNORED:
        state, reason = FileState.DAMAGED, bad[match.path]
    elif state is FileState.VERSION and match.path in twins:
        reason = Message("file_twin", other=twins[match.path])
    record = LibraryFile(
        path=match.path,
        size=match.found.size,
        modified_ns=match.found.modified_ns,
        state=state,
        series_key=series.key,
        season=match.season,
        numbers=match.numbers,
        reason=reason,
        linked=match.is_linked or (known is not None and known.linked and _is_same(match, known)),
    )
    return _with_content(record, known)


def _with_content(record: LibraryFile, known: LibraryFile | None) -> LibraryFile:
    """Keep what is known about the content of an unchanged file, and every pin."""
    if known is None:
        return record
    if known.pinned:
        # The catalogue may not list the episode at the moment; the pin still names it.
        record = attrs.evolve(record, pinned=True, season=known.season, numbers=known.numbers)
    if not known.is_same_content(record.size, record.modified_ns):
        return record
    return attrs.evolve(record, fingerprint=known.fingerprint, facts=known.facts)


def _is_same(match: FileMatch, known: LibraryFile) -> bool:
    return known.is_same_content(match.found.size, match.found.modified_ns)


def _at_new_places(
    moved: Mapping[str, LibraryFile], folders: Sequence[FolderContents]
) -> dict[str, LibraryFile]:
    """Return the former records of moved files with their new path, time and the link."""
    if not moved:
        return {}
    found = {contents.path_of(file.path): file for contents in folders for file in contents.files}
    return {
        path: attrs.evolve(
            record,
            path=path,
            size=found[path].size,
            modified_ns=found[path].modified_ns,
            linked=not record.pinned,
        )
        for path, record in moved.items()
        if path in found
    }


def _with_languages(after: Series, before: Series, moved: Mapping[str, LibraryFile]) -> Series:
    """Return a series whose moved files keep their language if their new name states none."""
    if not moved:
        return after
    languages = {e.file: e.file_language for e in before.episodes if e.file}
    episodes = []
    for episode in after.episodes:
        record = moved.get(episode.file or "")
        if record is not None and episode.file_language is None:
            language = languages.get(record.path)
            episodes.append(attrs.evolve(episode, file_language=language))
        else:
            episodes.append(episode)
    return attrs.evolve(after, episodes=tuple(episodes))


def ignored_record(key: SeriesKey | None, path: str, reason: Message) -> LibraryFile:
    """Return the record of an entry that was not followed."""
    return LibraryFile(
        path=path,
        size=0,
        modified_ns=0,
        state=FileState.IGNORED,
        series_key=key,
        reason=reason,
    )


def _twins(files: Collection[FileMatch]) -> dict[str, str]:
    """Return the files whose paths differ only in case or Unicode form, each with another one."""
    if all(match.state is not FileState.VERSION for match in files):
        return {}
    by_name: dict[str, list[str]] = {}
    for match in files:
        by_name.setdefault(fold_name(match.path), []).append(match.path)
    return {
        path: next(other for other in paths if other != path)
        for paths in by_name.values()
        if len(paths) > 1
        for path in paths
    }
