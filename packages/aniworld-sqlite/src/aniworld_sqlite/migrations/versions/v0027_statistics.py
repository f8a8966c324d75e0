"""Statistics: sums of downloads by hour and sizes of the library by day.

Former downloads are counted from the history. Those from before the history are counted from the
completed and failed items of the queue.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "download_hour",
        sa.Column("hour", sa.DateTime(), primary_key=True),
        sa.Column("hoster", sa.Text(), primary_key=True),
        sa.Column("language", sa.Text(), primary_key=True),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("upgraded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("timed_bytes", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_size",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("episodes", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
    )
    _count_history()
    _count_queue()


def _count_history() -> None:
    """Count the entries of the history; a completed one without a hoster was no download."""
    op.execute(
        "INSERT INTO download_hour"
        " (hour, hoster, language, completed, upgraded, failed, bytes, timed_bytes, seconds)"
        " SELECT hour, hoster, language, sum(kind != 'failed'), sum(kind = 'upgraded'),"
        " sum(kind = 'failed'), min(total(size), 9007199254740991), 0, 0.0 FROM ("
        " SELECT strftime('%Y-%m-%d %H:00:00.000000', history.at) AS hour, kind,"
        " CASE kind WHEN 'failed' THEN ''"
        "  ELSE substr(coalesce(json_extract(detail, '$.detail.values.hoster'), ''), 1, 64) END"
        "  AS hoster,"
        " CASE kind WHEN 'failed' THEN '' ELSE"
        "  substr(coalesce(json_extract(detail, '$.detail.values.file_languages[0]'), ''), 1, 64)"
        "  END AS language,"
        " CASE kind WHEN 'failed' THEN 0 ELSE coalesce(library_file.size, 0) END AS size"
        " FROM history LEFT JOIN library_file ON library_file.path = history.file"
        " WHERE kind IN ('completed', 'upgraded', 'failed'))"
        " WHERE hour IS NOT NULL AND (kind = 'failed' OR hoster != '')"
        " GROUP BY hour, hoster, language"
    )


def _count_queue() -> None:
    """Count the items that were settled before the first download in the history."""
    op.execute(
        "INSERT INTO download_hour"
        " (hour, hoster, language, completed, upgraded, failed, bytes, timed_bytes, seconds)"
        " SELECT hour, hoster, language, sum(done), sum(done AND replaces),"
        " sum(NOT done), min(total(CASE WHEN done THEN size END), 9007199254740991),"
        " min(total(CASE WHEN done AND seconds > 0 THEN size END), 9007199254740991),"
        " total(CASE WHEN done AND seconds > 0 THEN seconds END) FROM ("
        " SELECT strftime('%Y-%m-%d %H:00:00.000000', completed_at) AS hour,"
        " substr(coalesce(nullif(hoster, ''), provider), 1, 64) AS hoster,"
        " substr(coalesce(language, ''), 1, 64) AS language,"
        " status = 'completed' AS done, replaces,"
        " downloaded_bytes AS size,"
        " (julianday(completed_at) - julianday(started_at)) * 86400 AS seconds"
        " FROM download_queue_item WHERE status IN ('completed', 'failed')"
        " AND completed_at IS NOT NULL AND completed_at < coalesce((SELECT min(at) FROM history"
        " WHERE kind IN ('completed', 'upgraded', 'failed')), '9999'))"
        " WHERE hour IS NOT NULL AND (NOT done OR hoster != '')"
        " GROUP BY hour, hoster, language ON CONFLICT (hour, hoster, language) DO UPDATE SET"
        " completed = completed + excluded.completed, upgraded = upgraded + excluded.upgraded,"
        " failed = failed + excluded.failed, bytes = bytes + excluded.bytes,"
        " timed_bytes = timed_bytes + excluded.timed_bytes, seconds = seconds + excluded.seconds"
    )


def downgrade() -> None:
    op.drop_table("library_size")
    op.drop_table("download_hour")
