"""Initial schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "anime_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("catalogue_key", sa.Text()),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("end_year", sa.Integer()),
        sa.Column("genres", sa.Text(), nullable=False),
        sa.Column("alternative_titles", sa.Text(), nullable=False),
        sa.Column("cover_url", sa.Text()),
        sa.Column("monitored", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.Text()),
        sa.Column("quality", sa.Text()),
        sa.Column("folder_stamp", sa.Text()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.Column("deleted_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "download_queue_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("series_id", sa.Integer()),
        sa.Column("serie_id", sa.Text(), nullable=False),
        sa.Column("serie_folder", sa.Text()),
        sa.Column("serie_name", sa.Text()),
        sa.Column("season", sa.Integer(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime()),
        sa.Column("languages", sa.Text()),
        sa.Column("quality", sa.Text()),
        sa.Column("claim_worker", sa.Text()),
        sa.Column("claim_at", sa.DateTime()),
        sa.Column("claim_expires_at", sa.DateTime()),
        sa.Column("progress_percent", sa.Float(), nullable=False),
        sa.Column("downloaded_bytes", sa.Integer(), nullable=False),
        sa.Column("total_bytes", sa.Integer()),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("fraction", sa.Float()),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("error_kind", sa.Text()),
        sa.Column("error_category", sa.Text()),
        sa.Column("error_retryable", sa.Boolean()),
        sa.Column("error_link", sa.Text()),
        sa.Column("retry_count", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("hoster", sa.Text(), nullable=False),
        sa.Column("file_path", sa.Text()),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("completed_at", sa.DateTime()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'downloading', 'completed', 'failed')", name="known_status"
        ),
        sa.ForeignKeyConstraint(["series_id"], ["anime_series.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_download_queue_item_claim",
        "download_queue_item",
        ["status", sa.literal_column("priority DESC"), "place", "added_at", "id"],
    )
    op.create_index(
        "uq_download_queue_item_open_episode",
        "download_queue_item",
        ["serie_id", "season", "episode"],
        unique=True,
        sqlite_where=sa.text("status IN ('pending', 'downloading')"),
    )
    op.create_table(
        "episodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("season", sa.Integer(), nullable=False),
        sa.Column("episode_number", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer()),
        sa.Column("title", sa.Text()),
        sa.Column("title_de", sa.Text()),
        sa.Column("title_en", sa.Text()),
        sa.Column("languages", sa.Text()),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("is_downloaded", sa.Boolean(), nullable=False),
        sa.Column("file_path", sa.Text()),
        sa.Column("file_language", sa.Text()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.UniqueConstraint("series_id", "season", "episode_number"),
        sa.ForeignKeyConstraint(["series_id"], ["anime_series.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
