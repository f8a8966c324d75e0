"""What databases of former versions hold."""

from typing import Final

#: Data of a database of revision 0001.
FIRST_ROWS: Final = (
    """INSERT INTO anime_series (key, name, name_folded, site, provider, provider_ref, folder, link,
           description, genres, alternative_titles, monitored)
       VALUES ('attack-on-titan', 'Attack on Titan', 'attack on titan', 'example.org', 'example',
           '', 'Attack on Titan', 'https://example.org/x', '', '[]', '[]', 1)""",
    """INSERT INTO episodes (series_id, season, episode_number, available, is_downloaded)
       VALUES (1, 1, 1, 1, 0)""",
    """INSERT INTO download_queue_item (id, series_id, serie_id, season, episode, status, priority,
           place, progress_percent, downloaded_bytes, rate, phase, retry_count, provider, hoster,
           added_at, revision)
       VALUES ('i', 1, 'attack-on-titan', 1, 1, 'pending', 1, 0, 0, 0, 0, 'fetching', 0, '', '',
           '2026-01-01 12:00:00.000000', 0)""",
    """INSERT INTO user_session (id, user, created_at, expires_at)
       VALUES ('s', 'master', '2026-01-01 12:00:00.000000', '2026-01-02 12:00:00.000000')""",
)
