"""The triggers at the newest revision: they keep totals and changes for every writer."""

from typing import Final

#: Statements that create the triggers of the queue, in any order.
TRIGGERS: Final = (
    """CREATE TRIGGER queue_total_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END""",
    """CREATE TRIGGER queue_total_removed AFTER DELETE ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
    END""",
    """CREATE TRIGGER queue_total_changed
        AFTER UPDATE OF status, downloaded_bytes ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END""",
    """CREATE TRIGGER queue_change_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, NULL);
    END""",
    """CREATE TRIGGER queue_change_removed AFTER DELETE ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (old.id, old.status);
    END""",
    """CREATE TRIGGER queue_change_changed
        AFTER UPDATE OF revision ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, old.status);
    END""",
    """CREATE TRIGGER queue_change_bounded AFTER INSERT ON queue_change BEGIN
        DELETE FROM queue_change WHERE sequence <= new.sequence - 1000;
    END""",
)
