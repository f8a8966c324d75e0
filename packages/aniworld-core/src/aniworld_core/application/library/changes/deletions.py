"""Plan to move one file of the library, with what belongs to it, to the recycle bin."""

from contextlib import suppress
from pathlib import PurePosixPath

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    EpisodeFileChange,
    FileChange,
    HeldFile,
    companions_of,
)
from aniworld_core.errors import ChangeRefusedError, SeriesNotFoundError, UnsafePathError
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class DeletionPlanner:
    """Plans the deletion of a video with its subtitles, NFO file and thumbnail."""

    _series: SeriesRepository
    _records: LibraryFileRepository
    _files: FileOperations

    async def plan(self, path: str) -> ChangePlan:
        """Return the plan; its episodes are those that have no file afterwards.

        Args:
            path: Stored path of the file.

        Raises:
            UnsafePathError: If the last scan knows no such file.
            ChangeRefusedError: If it is gone, a link or a special file.
            LibraryUnavailableError: If the library cannot be read.
        """
        record = (await self._records.get([path])).get(path)
        if record is None:
            raise UnsafePathError(path, Message("no_library_file"))
        place = PurePosixPath(path)
        names = companions_of(await self._files.names(str(place.parent))).get(place.name, ())
        found = await self._files.look([path, *(str(place.with_name(name)) for name in names)])
        entry = found[path]
        if entry is None:
            raise ChangeRefusedError(path, Message("file_vanished"))
        if entry.stamp is None:
            raise ChangeRefusedError(
                path, Message("is_link" if entry.is_link else "not_a_regular_file")
            )
        series: Series | None = None
        if record.series_key is not None:
            with suppress(SeriesNotFoundError):  # removed; its files stayed
                series = await self._series.get(record.series_key)
        held = () if series is None else _held(series, path)
        codes = ", ".join(each.episode.code for each in held)
        return ChangePlan(
            origin=ChangeOrigin.REMOVAL,
            title=place.name if series is None else f"{series.name} {codes}".strip(),
            changes=tuple(
                FileChange(
                    action=ChangeAction.BIN,
                    source=each,
                    stamp=there.stamp,
                    bin=self._files.bin_folder(each),
                )
                for each, there in sorted(found.items())
                if there is not None and there.stamp is not None
            ),
            episodes=held,
        )


def _held(series: Series, path: str) -> tuple[EpisodeFileChange, ...]:
    return tuple(
        EpisodeFileChange(episode=series.ref(each), before=HeldFile.of(each), after=None)
        for each in series.episodes
        if each.downloaded and each.file == path
    )
