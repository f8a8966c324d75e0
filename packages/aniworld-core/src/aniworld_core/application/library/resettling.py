"""Match one series again and store the result for some of its files only."""

from collections.abc import Collection, Mapping, Sequence

import attrs

from aniworld_core.application.library.scans.settling import settle
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library import FileState, FolderContents, LibraryFile


async def resettle(
    context: ScanContext,
    series: Series,
    contents: Sequence[FolderContents],
    records: Mapping[str, LibraryFile],
    paths: Collection[str],
) -> Mapping[str, LibraryFile]:
    """Match a series again; change only episodes that have or get one of some files.

    Files that are not there now are the subject of scans, which guard against losses.

    Args:
        context: Storage and configuration.
        series: The series as it is stored.
        contents: Its folders as they are now.
        records: What is stored about its files, and what has to be, by path.
        paths: Files whose episodes may change.

    Returns:
        The stored records by path.

    Raises:
        StorageUnavailableError: If it cannot be stored.
    """
    bad = {p: f.reason for p, f in records.items() if f.state is FileState.DAMAGED and f.reason}
    wanted = series.languages or context.config.value.languages.order
    settled = settle(series, contents, known=records, bad=bad, wanted=wanted)
    saved = {**records, **{file.path: file for file in settled.saved}}
    after = {(each.season, each.number): each for each in settled.after.episodes}
    episodes = tuple(
        new if old.file in paths or new.file in paths else old
        for old in series.episodes
        for new in (after[old.season, old.number],)
    )
    changed = attrs.evolve(series, episodes=episodes, updated_at=context.clock.now())
    await context.series.save(changed)
    await context.files.save(list(saved.values()))
    return saved
