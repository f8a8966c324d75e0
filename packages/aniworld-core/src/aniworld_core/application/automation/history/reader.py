"""Show the history with the present state of its changes."""

import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.application.downloads import JobView
from aniworld_core.domain.automation import HistoryEntry, HistoryQuery
from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import BulkJob
from aniworld_core.domain.library import ChangeEntry
from aniworld_core.errors import ChangeNotFoundError, JobNotFoundError
from aniworld_core.messages import MessageView, kind_field, values_field
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.ports.history import HistoryRepository
from aniworld_core.ports.jobs import JobRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class HistoryEntryView(MessageView):
    """Something that happened.

    Attributes:
        entry: Number of the entry.
        kind: `added`, `removed`, `queued`, `completed`, `upgraded`, `failed`, `bulk` or
            `changed`.
        by: `person`, `api_key`, `command`, `schedule` or `program`.
        by_name: Name of the account or API key; REST shows that of a key only to those who may
            list the keys.
        is_in_library: Whether the library has the series now.
        detail: The reason of a failure, or how an episode was obtained.
        id: Number of the change of the library, with which it can be undone; `null` for others,
            and for changes that are not in the journal any more.
        origin: What the change was made for, such as `rename`.
        status: Status of the change: `done`, `reverted`, `running` or `stuck`.
        reason: Why the change was rolled back or is stuck.
        undoes: The change that this one undoes.
        is_undone: Whether the change is undone at present.
        job: The bulk job at present; `null` for others, and for jobs that were deleted since.
    """

    entry: int
    kind: str
    at: str | None
    by: str
    by_name: str | None
    key: str | None
    is_in_library: bool
    title: str
    season: int | None
    episode: int | None
    detail: str | None
    file: str | None
    id: int | None
    origin: str | None
    status: str | None
    finished_at: str | None
    reason: str | None
    undoes: int | None
    is_undone: bool
    job: JobView | None
    detail_kind: str | None = kind_field("detail")
    detail_values: dict[str, object] = values_field("detail")
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(
        cls,
        entry: HistoryEntry,
        change: ChangeEntry | None,
        job: BulkJob | None,
        *,
        is_in_library: bool,
    ) -> "HistoryEntryView":
        """Return the view of an entry with its change or job, if it is still stored."""
        return cls(
            entry=entry.id,
            kind=entry.kind.value,
            at=wire_time(entry.at),
            by=entry.by.kind.value,
            by_name=entry.by.name or None,
            key=entry.key,
            is_in_library=is_in_library,
            title=entry.title,
            season=entry.season,
            episode=entry.number,
            detail=entry.detail or None,
            file=entry.file,
            id=None if change is None else change.id,
            origin=entry.change_origin,
            status=None if change is None else change.status.value,
            finished_at=None if change is None else wire_time(change.finished_at),
            reason=None if change is None else change.reason or None,
            undoes=None if change is None else change.undoes,
            is_undone=change is not None and change.is_undone,
            job=None if job is None else JobView.of(job),
        )


@attrs.define(eq=False, kw_only=True)
class HistoryReader:
    """Lists the history."""

    _history: HistoryRepository
    _journal: ChangeJournal
    _jobs: JobRepository
    _series: SeriesRepository

    async def find(self, query: HistoryQuery) -> Page[HistoryEntryView]:
        """Return the matching entries, newest first, and the number of all that match."""
        page = await self._history.find(query)
        known = await self._series.folders()
        views = [
            HistoryEntryView.of(
                entry,
                await self._change(entry),
                await self._job(entry),
                is_in_library=entry.key in known,
            )
            for entry in page.items
        ]
        return Page(tuple(views), page.total)

    async def _change(self, entry: HistoryEntry) -> ChangeEntry | None:
        if entry.change_id is None:
            return None
        try:
            return await self._journal.entry(entry.change_id)
        except ChangeNotFoundError:
            return None

    async def _job(self, entry: HistoryEntry) -> BulkJob | None:
        if entry.job_id is None:
            return None
        try:
            return await self._jobs.get(entry.job_id)
        except JobNotFoundError:
            return None
