"""Journal of library changes in SQLite."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import ChangeId, EpisodeRef, FolderName
from aniworld_core.domain.library import (
    UNFINISHED,
    ChangeEntry,
    ChangeOrigin,
    ChangeStatus,
    EpisodeFileChange,
    FileStamp,
    HeldFile,
    JournalStep,
    LibraryChange,
    SeriesFolderChange,
    SeriesFolders,
    Step,
    StepKind,
    StepState,
    undone_changes,
)
from aniworld_core.domain.media import Language
from aniworld_core.errors import ChangeNotFoundError
from aniworld_core.messages import message_from_wire, message_to_wire
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import library_change as changes
from aniworld_sqlite._schema import library_change_step as steps

#: Not bound parameters: SQLite uses the partial index only for a literal condition.
_UNFINISHED: Final[sa.ColumnElement[bool]] = sa.literal_column(
    "status IN ('running', 'stuck')", sa.Boolean()
)
_NOTE: Final = (
    sa.update(steps)
    .where(steps.c.change_id == sa.bindparam("of"), steps.c.number == sa.bindparam("nth"))
    .values(
        state=sa.bindparam("new_state"),
        result_size=sa.bindparam("new_size"),
        result_modified_ns=sa.bindparam("new_modified_ns"),
    )
)


@attrs.define(eq=False)
class SqlChangeJournal(ChangeJournal):
    """Changes in the tables `library_change` and `library_change_step`."""

    _database: Transactions

    async def begin(self, change: LibraryChange) -> LibraryChange:
        def work(connection: sa.Connection) -> LibraryChange:
            row = sa.insert(changes).values(_change_values(change)).returning(changes.c.id)
            begun = attrs.evolve(change, id=ChangeId(connection.execute(row).scalar_one()))
            rows = [_step_values(begun.id, n, step) for n, step in enumerate(begun.steps)]
            if rows:
                connection.execute(sa.insert(steps), rows)
            return begun

        return await self._database.write(work)

    async def get(self, change_id: ChangeId) -> LibraryChange:
        found = await self._database.read(lambda c: _changes(c, changes.c.id == change_id))
        if not found:
            raise ChangeNotFoundError(change_id)
        return found[0]

    async def entry(self, change_id: ChangeId) -> ChangeEntry:
        chosen = sa.select(changes).where(changes.c.id == change_id)
        found = await self._database.read(lambda c: _entries(c, chosen))
        if not found:
            raise ChangeNotFoundError(change_id)
        return found[0]

    async def unfinished(self) -> Sequence[LibraryChange]:
        return tuple(await self._database.read(lambda c: _changes(c, _UNFINISHED)))

    async def find(self, *, limit: int | None = None, offset: int = 0) -> Page[ChangeEntry]:
        newest = sa.select(changes).order_by(changes.c.id.desc()).limit(limit).offset(offset)
        count = sa.select(sa.func.count()).select_from(changes)

        def work(connection: sa.Connection) -> Page[ChangeEntry]:
            total = connection.execute(count).scalar_one()
            return Page(tuple(_entries(connection, newest)), int(total))

        return await self._database.read(work)

    async def note_steps(
        self, change_id: ChangeId, steps: Mapping[int, tuple[StepState, FileStamp | None]]
    ) -> None:
        rows = [
            {
                "of": change_id,
                "nth": number,
                "new_state": state,
                "new_size": result and result.size,
                "new_modified_ns": result and result.modified_ns,
            }
            for number, (state, result) in steps.items()
        ]

        def work(connection: sa.Connection) -> None:
            _require(connection, change_id)
            if rows:
                connection.execute(_NOTE, rows)

        await self._database.write(work, durable=False)

    async def settle(
        self, change_id: ChangeId, status: ChangeStatus, *, at: datetime, reason: str = ""
    ) -> None:
        values: Values = {"status": status, "reason": {"reason": message_to_wire(reason)}}
        if status not in UNFINISHED:
            values["finished_at"] = at

        def work(connection: sa.Connection) -> None:
            _require(connection, change_id)
            update = sa.update(changes).where(changes.c.id == change_id)
            connection.execute(update.values(values))
            if status not in UNFINISHED:
                written = sa.update(steps).where(
                    steps.c.change_id == change_id, steps.c.content.is_not(None)
                )
                connection.execute(written.values(content=None))

        await self._database.write(work)

    async def prune(self, *, before: datetime | None, most: int) -> int:
        newest = sa.select(changes.c.id).order_by(changes.c.id.desc()).limit(most)
        old: sa.ColumnElement[bool] = changes.c.id.not_in(newest)
        if before is not None:
            old |= changes.c.finished_at < before
        delete = sa.delete(changes).where(old, changes.c.status.not_in(sorted(UNFINISHED)))
        return await self._database.write(lambda c: c.execute(delete).rowcount)


def _require(connection: sa.Connection, change_id: ChangeId) -> None:
    query = sa.select(changes.c.id).where(changes.c.id == change_id)
    if connection.execute(query).scalar_one_or_none() is None:
        raise ChangeNotFoundError(change_id)


def _changes(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> list[LibraryChange]:
    query = sa.select(changes).where(chosen).order_by(changes.c.id)
    return [_change(connection, row) for row in connection.execute(query).mappings().all()]


def _change(connection: sa.Connection, row: sa.RowMapping) -> LibraryChange:
    effects = row["effects"]
    query = sa.select(steps).where(steps.c.change_id == row["id"]).order_by(steps.c.number)
    return LibraryChange(
        id=row["id"],
        origin=ChangeOrigin(row["origin"]),
        title=row["title"],
        at=row["created_at"],
        steps=tuple(_step(each) for each in connection.execute(query).mappings()),
        episodes=tuple(_episode(each) for each in effects["episodes"]),
        folders=tuple(_folder_change(each) for each in effects.get("folders", ())),
        removed_series=effects["removed_series"],
        restored_series=effects["restored_series"],
        status=ChangeStatus(row["status"]),
        finished_at=row["finished_at"],
        reason=_reason(row),
        undoes=row["undoes"],
    )


def _entries(connection: sa.Connection, query: sa.Select[Any]) -> list[ChangeEntry]:
    undos = sa.select(changes.c.id, changes.c.undoes).where(
        sa.text("undoes IS NOT NULL"), changes.c.status == ChangeStatus.DONE
    )
    pairs = connection.execute(undos).all()
    undone = undone_changes({ChangeId(undo): ChangeId(of) for undo, of in pairs})
    return [
        ChangeEntry(
            id=row["id"],
            origin=ChangeOrigin(row["origin"]),
            title=row["title"],
            at=row["created_at"],
            status=ChangeStatus(row["status"]),
            finished_at=row["finished_at"],
            reason=_reason(row),
            undoes=row["undoes"],
            is_undone=row["id"] in undone,
        )
        for row in connection.execute(query).mappings()
    ]


def _reason(row: sa.RowMapping) -> str:
    return "" if row["reason"] is None else _text(row["reason"]["reason"])


def _text(value: object) -> str:
    """Return a text or message that `message_to_wire` wrote."""
    found: str = message_from_wire(value)
    return found


def _change_values(change: LibraryChange) -> Values:
    return {
        "origin": change.origin,
        "title": change.title,
        "status": change.status,
        "created_at": change.at,
        "finished_at": change.finished_at,
        "reason": {"reason": message_to_wire(change.reason)} if change.reason else None,
        "undoes": change.undoes,
        "effects": {
            "episodes": [_episode_values(each) for each in change.episodes],
            "folders": [_folder_values(each) for each in change.folders],
            "removed_series": change.removed_series,
            "restored_series": change.restored_series,
        },
    }


def _episode_values(change: EpisodeFileChange) -> list[object]:
    ref = change.episode
    return [ref.series_key, ref.season, ref.number, _held(change.before), _held(change.after)]


def _episode(values: list[Any]) -> EpisodeFileChange:
    key, season, number, before, after = values
    return EpisodeFileChange(
        episode=EpisodeRef(key, season, number), before=_held_file(before), after=_held_file(after)
    )


def _folder_values(change: SeriesFolderChange) -> list[object]:
    return [change.key, _folders_values(change.before), _folders_values(change.after)]


def _folder_change(values: list[Any]) -> SeriesFolderChange:
    key, before, after = values
    return SeriesFolderChange(key=key, before=_series_folders(before), after=_series_folders(after))


def _folders_values(folders: SeriesFolders | None) -> list[str] | None:
    return None if folders is None else [folders.folder, *folders.others]


def _series_folders(values: list[str] | None) -> SeriesFolders | None:
    if values is None:
        return None
    folder, *others = values
    return SeriesFolders(FolderName(folder), tuple(others))


def _held(file: HeldFile | None) -> list[str | None] | None:
    return None if file is None else [file.path, file.language.code if file.language else None]


def _held_file(values: list[str | None] | None) -> HeldFile | None:
    if values is None:
        return None
    path, code = values
    return HeldFile(str(path), Language(code) if code else None)


def _step_values(change_id: ChangeId, number: int, noted: JournalStep) -> Values:
    step, result = noted.step, noted.result
    return {
        "change_id": change_id,
        "number": number,
        "kind": step.kind,
        "source": step.source,
        "target": step.target,
        "size": step.stamp and step.stamp.size,
        "modified_ns": step.stamp and step.stamp.modified_ns,
        "content": step.content,
        "temporary": step.temporary,
        "undo_bin": step.undo_bin,
        "state": noted.state,
        "result_size": result and result.size,
        "result_modified_ns": result and result.modified_ns,
    }


def _step(row: sa.RowMapping) -> JournalStep:
    return JournalStep(
        step=Step(
            kind=StepKind(row["kind"]),
            source=row["source"],
            target=row["target"],
            stamp=_stamp(row["size"], row["modified_ns"]),
            content=row["content"],
            temporary=row["temporary"],
            undo_bin=row["undo_bin"],
        ),
        state=StepState(row["state"]),
        result=_stamp(row["result_size"], row["result_modified_ns"]),
    )


def _stamp(size: int | None, modified_ns: int | None) -> FileStamp | None:
    return None if size is None or modified_ns is None else FileStamp(size, modified_ns)
