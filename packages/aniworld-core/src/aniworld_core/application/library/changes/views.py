"""Documented JSON shapes of plans and of the history of changes."""

from collections.abc import Mapping

import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.application.library.changes.imports import (
    ImportDraft,
    ImportGroup,
    ImportMatch,
)
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library import (
    ChangeEntry,
    ChangePlan,
    FileChange,
    LibraryChange,
    Refusal,
    shown_changes,
)
from aniworld_core.messages import MessageView, kind_field, values_field


@attrs.frozen(kw_only=True)
class FileChangeView:
    """What happens to one file; `target` is null for a file that goes to the recycle bin."""

    action: str
    source: str | None
    target: str | None

    @classmethod
    def of(cls, change: FileChange) -> "FileChangeView":
        """Return the view of a change."""
        return cls(
            action=change.action.value, source=change.source or None, target=change.target or None
        )


@attrs.frozen(kw_only=True)
class RefusalView(MessageView):
    """A file that stays as it is, with the reason; `target` is null if it has no new name."""

    path: str
    target: str | None
    reason: str
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusalView":
        """Return the view of a refusal."""
        return cls(path=refusal.path, target=refusal.target or None, reason=refusal.reason)


@attrs.frozen(kw_only=True)
class ChangePlanView:
    """A plan.

    Attributes:
        digest: Names exactly this plan; it is needed to apply it.
        unchanged: Number of files that already have the right name.
    """

    digest: str
    origin: str
    title: str
    changes: tuple[FileChangeView, ...]
    refusals: tuple[RefusalView, ...]
    unchanged: int

    @classmethod
    def of(cls, plan: ChangePlan) -> "ChangePlanView":
        """Return the view of a plan."""
        return cls(
            digest=plan.digest,
            origin=plan.origin.value,
            title=plan.title,
            changes=tuple(FileChangeView.of(change) for change in plan.changes),
            refusals=tuple(RefusalView.of(refusal) for refusal in plan.refusals),
            unchanged=plan.unchanged,
        )


@attrs.frozen(kw_only=True)
class ImportSeriesView:
    """A series that files of an import may belong to."""

    key: str
    name: str
    year: int | None

    @classmethod
    def of(cls, series: Series) -> "ImportSeriesView":
        """Return the view of a series."""
        return cls(key=series.key, name=series.name, year=series.year)


@attrs.frozen(kw_only=True)
class ImportGroupView(MessageView):
    """A folder of an import.

    Attributes:
        folder: Path relative to the imported folder; `.` for the folder itself.
        title: Title that its name gives.
        ids: Ids in its name, by database.
        series: Its series; null if no series of the library fits.
        confidence: `sure`, `likely` or `unsure`.
        candidates: Series of the library that may be meant.
        reason: Why the series is not sure.
        files: Number of its videos.
    """

    folder: str
    title: str
    year: int | None
    ids: Mapping[str, str]
    series: ImportSeriesView | None
    confidence: str
    candidates: tuple[ImportSeriesView, ...]
    reason: str | None
    files: int
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, group: ImportGroup) -> "ImportGroupView":
        """Return the view of a group."""
        return cls(
            folder=group.folder,
            title=group.title,
            year=group.year,
            ids=group.ids,
            series=None if group.series is None else ImportSeriesView.of(group.series),
            confidence=group.confidence.value,
            candidates=tuple(map(ImportSeriesView.of, group.candidates)),
            reason=group.reason,
            files=group.files,
        )


@attrs.frozen(kw_only=True)
class ImportMatchView(MessageView):
    """The series and episodes that a video of an import was matched to.

    Attributes:
        path: Path relative to the imported folder.
        group: Folder of its group.
        key: Its series; null if it has none.
        episodes: Codes of its episodes.
        confidence: `sure`, `likely` or `unsure`.
        reason: Why it is not imported; null if it is.
        skipped: Whether a correction leaves it out.
        corrected: Whether a correction chose its series or episodes.
    """

    path: str
    group: str
    key: str | None
    episodes: tuple[str, ...]
    confidence: str
    reason: str | None
    skipped: bool
    corrected: bool
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, match: ImportMatch) -> "ImportMatchView":
        """Return the view of a match."""
        return cls(
            path=match.path,
            group=match.group,
            key=match.series,
            episodes=match.codes,
            confidence=match.confidence.value,
            reason=match.reason,
            skipped=match.is_skipped,
            corrected=match.is_corrected,
        )


@attrs.frozen(kw_only=True)
class ImportDraftView(ChangePlanView):
    """A plan of an import, with the series and episodes of its videos."""

    groups: tuple[ImportGroupView, ...]
    matches: tuple[ImportMatchView, ...]

    @classmethod
    def of_draft(cls, draft: ImportDraft) -> "ImportDraftView":
        """Return the view of a draft."""
        plan = ChangePlanView.of(draft.plan)
        return cls(
            **attrs.asdict(plan, recurse=False),
            groups=tuple(map(ImportGroupView.of, draft.groups)),
            matches=tuple(map(ImportMatchView.of, draft.matches)),
        )


@attrs.frozen(kw_only=True)
class ChangeEntryView(MessageView):
    """A change in the history.

    Attributes:
        status: `done`, `reverted`, `running`, or `stuck` if it is incomplete.
        reason: Why it was rolled back, is stuck or undoes only a part.
        undoes: The change that this one undoes.
        is_undone: Whether it is undone at present.
    """

    id: int
    origin: str
    title: str
    status: str
    at: str | None
    finished_at: str | None
    reason: str | None
    undoes: int | None
    is_undone: bool
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, entry: ChangeEntry) -> "ChangeEntryView":
        """Return the view of an entry."""
        return cls(
            id=entry.id,
            origin=entry.origin.value,
            title=entry.title,
            status=entry.status.value,
            at=wire_time(entry.at),
            finished_at=wire_time(entry.finished_at),
            reason=entry.reason or None,
            undoes=entry.undoes,
            is_undone=entry.is_undone,
        )


@attrs.frozen(kw_only=True)
class ChangeView(MessageView):
    """A change with what happened to each file.

    Attributes:
        reason: Why it was rolled back, is stuck or undoes only a part.
    """

    id: int
    origin: str
    title: str
    status: str
    at: str | None
    undoes: int | None
    changes: tuple[FileChangeView, ...]
    reason: str | None = None
    reason_kind: str | None = kind_field("reason")
    reason_values: dict[str, object] = values_field("reason")

    @classmethod
    def of(cls, change: LibraryChange) -> "ChangeView":
        """Return the view of a change."""
        shown = shown_changes([noted.step for noted in change.steps])
        return cls(
            id=change.id,
            origin=change.origin.value,
            title=change.title,
            status=change.status.value,
            at=wire_time(change.at),
            undoes=change.undoes,
            changes=tuple(FileChangeView.of(each) for each in shown),
            reason=change.reason or None,
        )


@attrs.frozen(kw_only=True)
class AppliedPlanView:
    """An applied plan and its entry in the history; null if there was nothing to change."""

    plan: ChangePlanView
    change: ChangeView | None

    @classmethod
    def of(cls, plan: ChangePlan, change: LibraryChange | None) -> "AppliedPlanView":
        """Return the view of a plan and its change."""
        return cls(
            plan=ChangePlanView.of(plan), change=None if change is None else ChangeView.of(change)
        )
