"""Tables of the newest revision.

Names follow the documented database where it defines one: `serie_id` is the series key,
`created_at` is the time a series was added. Times are stored as UTC without a zone, in a text form
that sorts.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from aniworld_core.domain.catalogue import SeasonPart
from aniworld_core.messages import message_from_wire, message_to_wire


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware time, stored as naive UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to naive UTC; raise TypeError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time with the zone UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class TextList(sa.TypeDecorator[tuple[str, ...]]):
    """A tuple of texts, stored as a JSON array."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Return the array as JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return the texts of the JSON array."""
        return None if value is None else tuple(json.loads(value))


class MessageList(TextList):
    """A tuple of texts; messages keep their kinds and values."""

    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Return the array as JSON; a message is an object in it."""
        if value is None:
            return None
        return json.dumps([message_to_wire(each) for each in value], ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return the texts and messages of the JSON array."""
        return None if value is None else tuple(map(message_from_wire, json.loads(value)))


class NumberList(sa.TypeDecorator[tuple[int, ...]]):
    """A tuple of integers, kept as a JSON array."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:
        """Write the array."""
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:
        """Read the array."""
        return None if value is None else tuple(json.loads(value))


class PartList(sa.TypeDecorator[tuple[SeasonPart, ...]]):
    """A tuple of season parts, stored as a JSON array of arrays."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[SeasonPart, ...] | None, dialect: Dialect
    ) -> str | None:
        """Return the array as JSON."""
        if value is None:
            return None
        rows = [[p.ordinal, p.season, p.before, p.count, p.year, p.titles] for p in value]
        return json.dumps(rows, ensure_ascii=False)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[SeasonPart, ...] | None:
        """Return the parts of the JSON array."""
        if value is None:
            return None
        return tuple(
            SeasonPart(
                ordinal=ordinal,
                season=season,
                before=before,
                count=count,
                year=year,
                titles=tuple(titles),
            )
            for ordinal, season, before, count, year, titles in json.loads(value)
        )


class JsonObject(sa.TypeDecorator[dict[str, Any]]):
    """A JSON object, stored as text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Return the object as JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Return the parsed object."""
        return None if value is None else dict(json.loads(value))


#: Texts sort by code points in both databases.
Text: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: SQLite stores 64 bits in every INTEGER column.
Integer: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Key of the condition of a partial index on PostgreSQL, in its `info`: with `postgresql_where`
#: SQLAlchemy would import that dialect in every process.
POSTGRESQL_WHERE: Final = "postgresql_where"

metadata = sa.MetaData()

anime_series = sa.Table(
    "anime_series",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("key", Text, nullable=False, unique=True),
    sa.Column("name", Text, nullable=False),
    # The casefolded name: SQLite ignores case only for ASCII letters.
    sa.Column("name_folded", Text, nullable=False),
    sa.Column("site", Text, nullable=False),
    sa.Column("provider", Text, nullable=False),
    sa.Column("provider_ref", Text, nullable=False),
    sa.Column("catalogue_key", Text),
    sa.Column("folder", Text, nullable=False),
    sa.Column("link", Text, nullable=False),
    sa.Column("description", Text, nullable=False),
    sa.Column("year", Integer),
    sa.Column("end_year", Integer),
    sa.Column("genres", TextList, nullable=False),
    sa.Column("alternative_titles", TextList, nullable=False),
    sa.Column("cover_url", Text),
    sa.Column("monitored", sa.Boolean, nullable=False),
    sa.Column("languages", TextList),
    sa.Column("quality", Text),
    sa.Column("created_at", UtcTime),
    sa.Column("updated_at", UtcTime),
    sa.Column("deleted_at", UtcTime),
    # Seasons whose new episodes are not wanted, as a JSON array of numbers.
    sa.Column("unwanted_seasons", NumberList, nullable=False, server_default="[]"),
    sa.Column("other_folders", TextList, nullable=False, server_default="[]"),
    sa.Column("external_ids", TextList, nullable=False, server_default="[]"),
    sa.Column("parts", PartList, nullable=False, server_default="[]"),
    # Filters and numbering of a series that is a list.
    sa.Column("list_rules", JsonObject),
    # Made by `sort_name` and `search_text` for lists of series.
    sa.Column("name_sorted", Text, nullable=False, server_default=""),
    sa.Column("search_text", Text, nullable=False, server_default=""),
)

#: Series of the library by name, and by the day on which they were added.
sa.Index(
    "ix_anime_series_name",
    anime_series.c.name_sorted,
    anime_series.c.key,
    sqlite_where=sa.text("deleted_at IS NULL"),
    info={POSTGRESQL_WHERE: "deleted_at IS NULL"},
)
sa.Index(
    "ix_anime_series_added",
    anime_series.c.created_at.desc(),
    anime_series.c.key,
    sqlite_where=sa.text("deleted_at IS NULL"),
    info={POSTGRESQL_WHERE: "deleted_at IS NULL"},
)

episodes = sa.Table(
    "episodes",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column(
        "series_id",
        Integer,
        sa.ForeignKey("anime_series.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("season", Integer, nullable=False),
    sa.Column("episode_number", Integer, nullable=False),
    sa.Column("last_number", Integer),
    # For people who read the table; the program uses the two titles.
    sa.Column("title", Text),
    sa.Column("title_de", Text),
    sa.Column("title_en", Text),
    sa.Column("languages", TextList),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("is_downloaded", sa.Boolean, nullable=False),
    sa.Column("file_path", Text),
    sa.Column("file_language", Text),
    sa.Column("created_at", UtcTime),
    sa.Column("updated_at", UtcTime),
    sa.Column("wanted", sa.Boolean, nullable=False, server_default=sa.true()),
    # Why an episode that is not available cannot be downloaded: a message.
    sa.Column("unavailable", JsonObject),
    sa.Column("link", Text),
    # Id of the entry of a list that the episode is; otherwise empty.
    sa.Column("catalogue_id", Text, nullable=False, server_default=""),
    sa.UniqueConstraint("series_id", "season", "episode_number"),
)

#: Missing episodes; most episodes are in the library.
sa.Index(
    "ix_episodes_missing",
    episodes.c.series_id,
    sqlite_where=sa.text("available = 1 AND wanted = 1 AND is_downloaded = 0"),
    info={POSTGRESQL_WHERE: "available AND wanted AND NOT is_downloaded"},
)

download_queue_item = sa.Table(
    "download_queue_item",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("series_id", Integer, sa.ForeignKey("anime_series.id", ondelete="SET NULL")),
    sa.Column("serie_id", Text, nullable=False),
    # Name of the series when the item was queued; for people who read the table.
    sa.Column("serie_folder", Text),
    sa.Column("serie_name", Text),
    sa.Column("season", Integer, nullable=False),
    sa.Column("episode", Integer, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("priority", Integer, nullable=False),
    sa.Column("place", Integer, nullable=False),
    sa.Column("not_before", UtcTime),
    sa.Column("languages", TextList),
    sa.Column("quality", Text),
    sa.Column("claim_worker", Text),
    sa.Column("claim_at", UtcTime),
    sa.Column("claim_expires_at", UtcTime),
    sa.Column("progress_percent", sa.Float, nullable=False),
    sa.Column("downloaded_bytes", Integer, nullable=False),
    sa.Column("total_bytes", Integer),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("fraction", sa.Float),
    sa.Column("phase", Text, nullable=False),
    sa.Column("error", Text),
    sa.Column("error_kind", Text),
    sa.Column("error_category", Text),
    sa.Column("error_retryable", sa.Boolean),
    sa.Column("error_link", Text),
    sa.Column("retry_count", Integer, nullable=False),
    sa.Column("language", Text),
    sa.Column("provider", Text, nullable=False),
    sa.Column("hoster", Text, nullable=False),
    sa.Column("file_path", Text),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("completed_at", UtcTime),
    sa.Column("revision", Integer, nullable=False),
    sa.Column("replaces", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error_values", JsonObject),
    # Whether the status is open, so that the unique index need not list the statuses.
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.false()),
    # Whether the item is pending and has no waiting time.
    sa.Column("is_ready", sa.Boolean, nullable=False, server_default=sa.false()),
    # Earliest time of the next claim. Claiming after that time makes the item claimable.
    sa.Column("waits_until", UtcTime),
    sa.Column("notices", MessageList, nullable=False, server_default="[]"),
    sa.Column("reason", JsonObject),
)

_item = download_queue_item.c
_CLAIM_ORDER = (_item.priority.desc(), _item.place, _item.added_at, _item.id)

#: Items of each status in claim order.
sa.Index("ix_download_queue_item_order", _item.status, *_CLAIM_ORDER)
#: Items of each status by completion time, newest first.
sa.Index("ix_download_queue_item_newest", _item.status, _item.completed_at.desc(), _item.id.desc())
#: Items of each status of one series in claim order.
sa.Index("ix_download_queue_item_series", _item.serie_id, _item.status, *_CLAIM_ORDER)
#: Items that can be claimed, in claim order.
sa.Index(
    "ix_download_queue_item_ready",
    *_CLAIM_ORDER,
    sqlite_where=sa.text("is_ready = 1"),
    info={POSTGRESQL_WHERE: "is_ready"},
)
#: Pending items that are not yet claimable, by the time at which they become claimable.
sa.Index(
    "ix_download_queue_item_waiting",
    _item.waits_until,
    sqlite_where=sa.text("waits_until IS NOT NULL"),
    info={POSTGRESQL_WHERE: "waits_until IS NOT NULL"},
)
#: At most one open item per episode.
sa.Index(
    "uq_download_queue_item_open_episode",
    _item.serie_id,
    _item.season,
    _item.episode,
    unique=True,
    sqlite_where=sa.text("is_open = 1"),
    info={POSTGRESQL_WHERE: "is_open"},
)

#: Number and total size of the items of each status; triggers update it.
queue_total = sa.Table(
    "queue_total",
    metadata,
    sa.Column("status", Text, primary_key=True),
    sa.Column("items", Integer, nullable=False),
    sa.Column("downloaded_bytes", Integer, nullable=False),
)

#: The last 1,000 added, changed and removed items; triggers write it.
queue_change = sa.Table(
    "queue_change",
    metadata,
    sa.Column("sequence", Integer, primary_key=True),
    sa.Column("item_id", Text, nullable=False),
    # NULL if the item is new.
    sa.Column("status_before", Text),
)

user_session = sa.Table(
    "user_session",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("user", Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
)

user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("folded_name", Text, nullable=False, unique=True),
    sa.Column("role", Text, nullable=False),
    sa.Column("password_hash", Text),
    sa.Column("language", Text),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("revision", Integer, nullable=False),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("scope", Text, nullable=False),
    sa.Column("digest", Text, nullable=False, unique=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_used_at", UtcTime),
    sa.Column("user", Text, nullable=False, server_default="master"),
)

#: One row, inserted by the first run of the schedule.
schedule_state = sa.Table(
    "schedule_state",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("last_run", UtcTime),
    sa.Column("last_result", Text, nullable=False),
    sa.Column("holder", Text, nullable=False),
    sa.Column("held_until", UtcTime),
    sa.Column("last_result_message", JsonObject),
    sa.CheckConstraint("id = 1", name="only_row"),
)

#: One row, inserted when the queue is first stopped or paused.
queue_control = sa.Table(
    "queue_control",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("is_stopped", sa.Boolean, nullable=False),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.CheckConstraint("id = 1", name="only_control"),
)

#: When a person last had a catalogue asked again; the empty name means all.
tried_again = sa.Table(
    "tried_again",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

#: One row, inserted by the first scan.
scan_note = sa.Table(
    "scan_note",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("process", Text, nullable=False),
    sa.Column("scan_id", Text, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("noted_at", UtcTime, nullable=False),
    sa.Column("done", Integer, nullable=False),
    sa.Column("total", Integer, nullable=False),
    sa.Column("key", Text),
    sa.Column("folder", Text),
    sa.Column("series", Integer, nullable=False),
    sa.Column("files", Integer, nullable=False),
    sa.Column("missing", Integer, nullable=False),
    sa.Column("error", Text),
    sa.Column("error_kind", Text),
    sa.Column("error_category", Text),
    sa.Column("error_retryable", sa.Boolean),
    sa.Column("error_link", Text),
    sa.Column("error_values", JsonObject),
    sa.CheckConstraint("id = 1", name="only_note"),
)

source_score = sa.Table(
    "source_score",
    metadata,
    sa.Column("provider", Text, primary_key=True),
    sa.Column("hoster", Text, primary_key=True),
    # Empty for sources without a language, because key columns must not be null.
    sa.Column("language", Text, primary_key=True),
    sa.Column("tries", Integer, nullable=False),
    sa.Column("successes", Integer, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("last_failure", Text, nullable=False),
    sa.Column("last_failed_at", UtcTime),
    sa.Column("last_succeeded_at", UtcTime),
)

#: The entry of a series in one metadata source.
series_metadata = sa.Table(
    "series_metadata",
    metadata,
    sa.Column("series_key", Text, primary_key=True),
    sa.Column("source", Text, primary_key=True),
    sa.Column("chosen", sa.Boolean, nullable=False),
    sa.Column("fetched_at", UtcTime, nullable=False),
    sa.Column("entry", JsonObject, nullable=False),
    sa.Column("details", JsonObject),
)

#: When each language version of an episode appeared in its catalogue.
version_seen = sa.Table(
    "version_seen",
    metadata,
    sa.Column("series_key", Text, primary_key=True),
    sa.Column("season", Integer, primary_key=True),
    sa.Column("number", Integer, primary_key=True),
    sa.Column("language", Text, primary_key=True),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("is_first", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

#: What happened, and who asked for it. `folded` has the texts that searches look in.
history = sa.Table(
    "history",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("actor", Text, nullable=False),
    sa.Column("actor_name", Text, nullable=False),
    sa.Column("title", Text, nullable=False),
    sa.Column("series_key", Text),
    sa.Column("season", Integer),
    sa.Column("number", Integer),
    sa.Column("detail", JsonObject),
    sa.Column("file", Text),
    sa.Column("change_id", Integer),
    sa.Column("change_origin", Text),
    sa.Column("folded", Text, nullable=False),
    sa.Column("job_id", Integer),
    sa.Index("ix_history_series", "series_key", "id"),
    sa.Index("ix_history_kind", "kind", "id"),
    sqlite_autoincrement=True,
)

#: The present and the last run of each background task.
task_run = sa.Table(
    "task_run",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("holder", Text, nullable=False),
    sa.Column("held_until", UtcTime),
    sa.Column("finished_at", UtcTime),
    sa.Column("seconds", sa.Float),
    sa.Column("outcome", Text),
    sa.Column("result", JsonObject),
    sqlite_with_rowid=False,
)

#: Changes of many series, newest last.
bulk_job = sa.Table(
    "bulk_job",
    metadata,
    sa.Column("id", Integer, primary_key=True),
    sa.Column("action", JsonObject, nullable=False),
    sa.Column("actor", Text, nullable=False),
    sa.Column("actor_name", Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("status", Text, nullable=False),
    sa.Column("total", Integer, nullable=False),
    sa.Column("done", Integer, nullable=False),
    sa.Column("changed", Integer, nullable=False),
    sa.Column("failed", Integer, nullable=False),
    sa.Column("kept", Integer, nullable=False),
    sa.Column("episodes", Integer, nullable=False),
    sa.Column("reason", JsonObject),
    sa.Column("is_cancelled", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_autoincrement=True,
)

#: One row for each series of a job.
bulk_job_step = sa.Table(
    "bulk_job_step",
    metadata,
    sa.Column(
        "job_id", Integer, sa.ForeignKey("bulk_job.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("series_key", Text, primary_key=True),
    sa.Column("number", Integer, nullable=False),
    sa.Column("state", Text, nullable=False),
    # What undo needs.
    sa.Column("note", JsonObject, nullable=False),
    sa.Column("reason", JsonObject),
    sa.Index("ix_bulk_job_step_state", "job_id", "state", "number"),
    sqlite_with_rowid=False,
)

#: Sums of downloads by hour in UTC, hoster and language.
download_hour = sa.Table(
    "download_hour",
    metadata,
    sa.Column("hour", UtcTime, primary_key=True),
    # Empty if unknown, because key columns must not be null.
    sa.Column("hoster", Text, primary_key=True),
    sa.Column("language", Text, primary_key=True),
    sa.Column("completed", Integer, nullable=False),
    sa.Column("upgraded", Integer, nullable=False),
    sa.Column("failed", Integer, nullable=False),
    sa.Column("bytes", Integer, nullable=False),
    sa.Column("timed_bytes", Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

#: Size of the library on each day in UTC.
library_size = sa.Table(
    "library_size",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("series", Integer, nullable=False),
    sa.Column("episodes", Integer, nullable=False),
    sa.Column("missing", Integer, nullable=False),
    sa.Column("bytes", Integer, nullable=False),
)

#: One row for each file of the library, written by scans.
library_file = sa.Table(
    "library_file",
    metadata,
    sa.Column("path", Text, primary_key=True),
    sa.Column("size", Integer, nullable=False),
    sa.Column("modified_ns", Integer, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("series_key", Text),
    sa.Column("season", Integer),
    # Episode numbers, separated by commas.
    sa.Column("numbers", Text, nullable=False),
    sa.Column("reason", JsonObject),
    sa.Column("fingerprint", Text, nullable=False),
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("facts", JsonObject),
    sa.Column("linked", sa.Boolean, nullable=False, server_default=sa.false()),
    # Rows are stored in the order of their paths: those of a folder are next to each other.
    sqlite_with_rowid=False,
)

sa.Index("ix_library_file_series", library_file.c.series_key)
#: Files that need attention; most files are present.
sa.Index(
    "ix_library_file_state",
    library_file.c.state,
    library_file.c.path,
    sqlite_where=sa.text("state != 'present'"),
    info={POSTGRESQL_WHERE: "state != 'present'"},
)
sa.Index(
    "ix_library_file_fingerprint",
    library_file.c.fingerprint,
    sqlite_where=sa.text("fingerprint != ''"),
    info={POSTGRESQL_WHERE: "fingerprint != ''"},
)

#: Stamps of the folders, written by scans.
library_folder = sa.Table(
    "library_folder",
    metadata,
    sa.Column("path", Text, primary_key=True),
    sa.Column("series_key", Text),
    sa.Column("stamp", Text, nullable=False),
    sqlite_with_rowid=False,
)

#: Parts of the library that scans leave alone until a person confirms the loss.
library_loss = sa.Table(
    "library_loss",
    metadata,
    sa.Column("path", Text, primary_key=True),
    sa.Column("reason", JsonObject, nullable=False),
    sa.Column("lost", Integer, nullable=False),
    sa.Column("known", Integer, nullable=False),
    sa.Column("noted_at", UtcTime, nullable=False),
)

#: Files of episodes that somebody deleted on the disk.
library_deletion = sa.Table(
    "library_deletion",
    metadata,
    sa.Column("series_key", Text, primary_key=True),
    sa.Column("season", Integer, primary_key=True),
    sa.Column("number", Integer, primary_key=True),
    sa.Column("path", Text, nullable=False),
    sa.Column("noted_at", UtcTime, nullable=False),
)

#: Changes of library files, newest last; see `aniworld_core.domain.library.changes`.
library_change = sa.Table(
    "library_change",
    metadata,
    sa.Column("id", Integer, nullable=False),
    sa.Column("origin", Text, nullable=False),
    sa.Column("title", Text, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("reason", JsonObject),
    sa.Column("undoes", Integer),
    # Episodes with their file before and after, and the series that was removed or restored.
    sa.Column("effects", JsonObject, nullable=False),
    sa.PrimaryKeyConstraint("id"),
    # Never reuses a number, also after old changes were deleted.
    sqlite_autoincrement=True,
)
#: Unfinished changes.
sa.Index(
    "ix_library_change_unfinished",
    library_change.c.id,
    sqlite_where=sa.text("status IN ('running', 'stuck')"),
    info={POSTGRESQL_WHERE: "status IN ('running', 'stuck')"},
)
#: Changes that undo another.
sa.Index(
    "ix_library_change_undoes",
    library_change.c.undoes,
    sqlite_where=sa.text("undoes IS NOT NULL"),
    info={POSTGRESQL_WHERE: "undoes IS NOT NULL"},
)

#: The operations of each change in their order.
library_change_step = sa.Table(
    "library_change_step",
    metadata,
    sa.Column(
        "change_id",
        Integer,
        sa.ForeignKey("library_change.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", Integer, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("source", Text, nullable=False),
    sa.Column("target", Text, nullable=False),
    sa.Column("size", Integer),
    sa.Column("modified_ns", Integer),
    # Of a file that is to be written; empty once the change is finished.
    sa.Column("content", sa.LargeBinary),
    sa.Column("temporary", Text, nullable=False),
    sa.Column("undo_bin", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("result_size", Integer),
    sa.Column("result_modified_ns", Integer),
)


def set_conditions() -> None:
    """Give the partial indexes their conditions on PostgreSQL, before they are created there."""
    for table in metadata.tables.values():
        for index in table.indexes:
            condition = index.info.get(POSTGRESQL_WHERE)
            if condition is not None:
                index.dialect_options["postgresql"]["where"] = sa.text(condition)
