"""Files, folders, deletions and losses of the library in SQLite.

Files are written and read through plain statements and tuples: a first scan stores 100,000.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    DeletedFile,
    FileFacts,
    FileState,
    LibraryFile,
    LibraryFolder,
    LibraryLoss,
)
from aniworld_core.messages import message_from_wire
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_sqlite._dialects import (
    Transactions,
    TupleStatement,
    json_part,
    json_rows,
    position,
    replace,
    replacing,
)
from aniworld_sqlite._repositories.rows import listed
from aniworld_sqlite._schema import library_deletion, library_file, library_folder, library_loss

#: Replace whole rows; compiled once, because a scan stores many rows as plain tuples.
_SAVE: Final = TupleStatement(
    tuple(library_file.c.keys()), lambda dialect: replacing(dialect, library_file)
)
#: The character after the slash: all paths below a folder are between both.
_AFTER_SLASH: Final = chr(ord("/") + 1)


@attrs.define(eq=False)
class SqlLibraryFileRepository(LibraryFileRepository):
    """Files in the tables `library_file` and `library_folder`, what is gone in two others."""

    _database: Transactions

    async def get(self, paths: Collection[str]) -> Mapping[str, LibraryFile]:
        found = await self._select(library_file.c.path.in_(listed(paths)))
        return {file.path: file for file in found}

    async def of_series(self, key: SeriesKey) -> Sequence[LibraryFile]:
        return await self._select(library_file.c.series_key == key)

    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[LibraryFile]]:
        found: dict[SeriesKey, list[LibraryFile]] = {}
        for file in await self._select(library_file.c.series_key.in_(listed(keys))):
            if file.series_key is not None:
                found.setdefault(file.series_key, []).append(file)
        return found

    async def below(self, folders: Collection[str]) -> Sequence[LibraryFile]:
        def read(connection: sa.Connection) -> tuple[LibraryFile, ...]:
            rows = _rows_below(connection, library_file.c, folders)
            # Folders may contain each other.
            by_path = {row.path: row for row in rows}
            return tuple(_file_of(by_path[path]) for path in sorted(by_path))

        return await self._database.read(read)

    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        columns = (library_file.c.path, library_file.c.size, library_file.c.modified_ns)
        rows = await self._database.read(lambda c: _rows_below(c, columns, folders))
        return {path: (size, modified_ns) for path, size, modified_ns in rows}

    async def find(
        self,
        states: Collection[FileState],
        *,
        series: SeriesKey | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Page[LibraryFile]:
        of_series = sa.true() if series is None else library_file.c.series_key == series
        chosen = sa.and_(library_file.c.state.in_(list(states)), of_series)
        query = _ordered(chosen).limit(limit).offset(offset)
        count = sa.select(sa.func.count()).select_from(library_file).where(chosen)

        def read(connection: sa.Connection) -> Page[LibraryFile]:
            rows = connection.execute(query).all()
            return Page(tuple(map(_file_of, rows)), int(connection.execute(count).scalar_one()))

        return await self._database.read(read)

    async def paths(self, states: Collection[FileState]) -> Sequence[str]:
        path = library_file.c.path
        query = sa.select(path).where(library_file.c.state.in_(list(states))).order_by(path)
        return await self._database.read(lambda c: c.execute(query).scalars().all())

    async def with_reason(self, kind: str) -> Sequence[LibraryFile]:
        stored = json_part(library_file.c.reason, "$.kind")
        return await self._select(library_file.c.state != "present", stored == kind)

    async def by_fingerprint(
        self, fingerprints: Collection[str]
    ) -> Mapping[str, Sequence[LibraryFile]]:
        column = library_file.c.fingerprint
        found: dict[str, list[LibraryFile]] = {}
        for file in await self._select(column != "", column.in_(listed(fingerprints))):
            found.setdefault(file.fingerprint, []).append(file)
        return found

    async def uninspected(
        self, *, with_sound: bool, after: str = "", limit: int
    ) -> Sequence[LibraryFile]:
        columns = library_file.c
        facts = sa.cast(columns.facts, sa.Text)
        gaps = [columns.fingerprint == "", facts.is_(None)]
        if with_sound:
            gaps.append(json_part(columns.facts, "$.sound").is_(None))
        query = _ordered(
            columns.path > after, columns.state.not_in(["damaged", "ignored"]), sa.or_(*gaps)
        ).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_file_of, rows))

    async def counts(self) -> Mapping[FileState, int]:
        # The index of the other states and the size of the table spare reading every file.
        state, number = library_file.c.state, sa.func.count()
        others = sa.select(state, number).where(sa.text("state != 'present'")).group_by(state)
        whole = sa.select(number).select_from(library_file)

        def read(connection: sa.Connection) -> dict[FileState, int]:
            found = {FileState(name): count for name, count in connection.execute(others)}
            total = int(connection.execute(whole).scalar_one())
            return found | {FileState.PRESENT: total - sum(found.values())}

        return dict.fromkeys(FileState, 0) | await self._database.read(read)

    async def sizes(self, keys: Collection[SeriesKey] | None = None) -> Mapping[SeriesKey, int]:
        key, size = library_file.c.series_key, sa.func.sum(library_file.c.size)
        chosen = key.is_not(None) if keys is None else key.in_(listed(keys))
        query = sa.select(key, size).where(chosen, library_file.c.size > 0).group_by(key)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {SeriesKey(owner): int(total) for owner, total in rows}

    async def sizes_of_roots(self, roots: Collection[str]) -> Mapping[str, int]:
        def read(connection: sa.Connection) -> dict[str, int]:
            path, total = library_file.c.path, sa.func.coalesce(sa.func.sum(library_file.c.size), 0)
            found = {}
            for root in roots:
                # "0" follows "/": the range is every path that begins with the root.
                first, last = f"{root}/", f"{root}0"
                below = sa.and_(path >= first, path < last)
                inside = below if root else sa.not_(below)
                found[root] = int(connection.execute(sa.select(total).where(inside)).scalar_one())
            return found

        return await self._database.read(read)

    async def save(self, files: Collection[LibraryFile]) -> None:
        if files:
            rows = [_values(file) for file in files]
            await self._database.write(lambda c: _SAVE.execute(c, rows))

    async def forget(self, paths: Collection[str]) -> None:
        if paths:
            delete = sa.delete(library_file).where(library_file.c.path.in_(listed(paths)))
            await self._database.write(lambda c: c.execute(delete))

    async def folders(self) -> Sequence[LibraryFolder]:
        query = sa.select(library_folder).order_by(library_folder.c.path)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(LibraryFolder(*row) for row in rows)

    async def save_folders(
        self, folders: Collection[LibraryFolder], *, gone: Collection[str] = ()
    ) -> None:
        delete = sa.delete(library_folder).where(library_folder.c.path.in_(listed(gone)))

        def write(connection: sa.Connection) -> None:
            if gone:
                connection.execute(delete)
            if folders:
                replace(connection, library_folder, [folder._asdict() for folder in folders])

        if folders or gone:
            await self._database.write(write)

    async def deleted(self) -> Sequence[DeletedFile]:
        query = sa.select(library_deletion).order_by(*library_deletion.primary_key.columns)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(
            DeletedFile(
                episode=EpisodeRef(SeriesKey(row.series_key), row.season, row.number),
                path=row.path,
                noted_at=row.noted_at,
            )
            for row in rows
        )

    async def note_deleted(self, files: Collection[DeletedFile]) -> None:
        rows = [
            {
                **_place(file.episode),
                "path": file.path,
                "noted_at": file.noted_at,
            }
            for file in files
        ]
        if rows:
            await self._database.write(lambda c: replace(c, library_deletion, rows))

    async def forget_deleted(self, episodes: Collection[EpisodeRef]) -> None:
        places = [
            sa.and_(*(library_deletion.c[name] == value for name, value in _place(each).items()))
            for each in episodes
        ]

        def write(connection: sa.Connection) -> None:
            for place in places:
                connection.execute(sa.delete(library_deletion).where(place))

        if places:
            await self._database.write(write)

    async def losses(self) -> Sequence[LibraryLoss]:
        query = sa.select(library_loss).order_by(library_loss.c.path)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(
            LibraryLoss(**{**row, "reason": message_from_wire(row["reason"])}) for row in rows
        )

    async def save_losses(self, losses: Collection[LibraryLoss]) -> None:
        rows = [
            {**attrs.asdict(loss, recurse=False), "reason": loss.reason.to_wire()}
            for loss in losses
        ]

        def write(connection: sa.Connection) -> None:
            connection.execute(sa.delete(library_loss))
            if rows:
                connection.execute(sa.insert(library_loss), rows)

        await self._database.write(write)

    async def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[LibraryFile, ...]:
        query = _ordered(*conditions)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_file_of, rows))


def _place(episode: EpisodeRef) -> dict[str, Any]:
    return {
        "series_key": episode.series_key,
        "season": episode.season,
        "number": episode.number,
    }


def _rows_below(
    connection: sa.Connection, columns: Iterable[sa.ColumnElement[Any]], folders: Collection[str]
) -> list[Any]:
    """Return columns of the files in these folders, twice if a folder contains another one."""
    path = library_file.c.path
    start = json_rows(filter(None, folders)).c.value
    chosen = sa.select(*columns)
    inside = chosen.where(path > start + "/", path < start + _AFTER_SLASH)
    rows = [*connection.execute(inside)]
    if "" in folders:
        rows += connection.execute(chosen.where(position(path, "/") == 0))
    return rows


def _ordered(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(library_file).where(*conditions).order_by(library_file.c.path)


def _values(file: LibraryFile) -> tuple[object, ...]:
    """Make the row of a file, in the order of the columns."""
    return (
        file.path,
        file.size,
        file.modified_ns,
        file.state.value,
        file.series_key,
        file.season,
        ",".join(map(str, file.numbers)),
        None if file.reason is None else json.dumps(file.reason.to_wire(), ensure_ascii=False),
        file.fingerprint,
        file.pinned,
        None if file.facts is None else json.dumps(attrs.asdict(file.facts), ensure_ascii=False),
        file.linked,
    )


def _file_of(row: Any) -> LibraryFile:
    """Read a row in the order of the columns."""
    path, size, modified_ns, state, key, season, numbers, *rest = row
    reason, fingerprint, pinned, facts, linked = rest
    return LibraryFile(
        path=path,
        size=size,
        modified_ns=modified_ns,
        state=FileState(state),
        series_key=key,
        season=season,
        numbers=tuple(map(int, numbers.split(","))) if numbers else (),
        reason=message_from_wire(reason),
        fingerprint=fingerprint,
        pinned=pinned,
        facts=None if facts is None else _facts_of(facts),
        linked=linked,
    )


def _facts_of(stored: dict[str, Any]) -> FileFacts:
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    return FileFacts(**(stored | lists))
