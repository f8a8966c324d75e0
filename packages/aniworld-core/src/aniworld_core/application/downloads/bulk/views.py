"""Documented JSON shape of bulk jobs; REST and the WebSocket share it."""

import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.downloads import BulkJob
from aniworld_core.messages import MessageView, kind_field, values_field


@attrs.frozen(kw_only=True)
class JobView(MessageView):
    """A bulk job and how far it is.

    Attributes:
        kind: `download`, `edit` or `remove`.
        status: `waiting`, `running`, `done`, `cancelled`, `undoing` or `undone`.
        by: `person`, `api_key`, `command`, `schedule` or `program`.
        by_name: Name of the account or API key; REST shows that of a key only to those who may
            list the keys.
        series: Number of series to change, or to change back.
        done: Finished series.
        changed: Series whose change is in force.
        failed: Series that could not be changed, or not be changed back.
        kept: Series that were not undone, because they have been changed since.
        episodes: Queued episodes.
        reason: Why the first series failed.
        is_undoable: Whether it can be undone now.
        monitored: The new value; null if it is not changed. The same holds for the following.
        languages: Wanted languages in order; empty for the global order.
        quality: Wanted quality; empty for the global one.
        parent: Folder that has the folders of the series; empty for the library folder.
        seasons: `all`, `latest`, `none`, `films` or `no_films`.
        files: Whether folders are moved to the recycle bin.
    """

    id: int
    kind: str
    status: str
    at: str | None
    finished_at: str | None
    by: str
    by_name: str | None
    series: int
    done: int
    percent: float
    changed: int
    failed: int
    kept: int
    episodes: int
    reason: str | None
    is_undoable: bool
    monitored: bool | None
    languages: tuple[str, ...] | None
    quality: str | None
    parent: str | None
    seasons: str | None
    files: bool
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, job: BulkJob) -> "JobView":
        """Return the view of a job."""
        action = job.action
        languages = action.languages
        return cls(
            id=job.id,
            kind=action.kind.value,
            status=job.status.value,
            at=wire_time(job.at),
            finished_at=wire_time(job.finished_at),
            by=job.actor[0],
            by_name=job.actor[1] or None,
            series=job.total,
            done=job.done,
            percent=round(100 * job.done / job.total, 1) if job.total else 100.0,
            changed=job.changed,
            failed=job.failed,
            kept=job.kept,
            episodes=job.episodes,
            reason=job.reason or None,
            is_undoable=job.is_undoable,
            monitored=action.monitored,
            languages=None if languages is None else tuple(each.code for each in languages),
            quality=None if action.quality is None else str(action.quality),
            parent=action.parent,
            seasons=None if action.seasons is None else action.seasons.value,
            files=action.files,
        )
