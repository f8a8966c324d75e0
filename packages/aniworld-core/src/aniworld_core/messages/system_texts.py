"""English text of messages about files, database, plug-ins, queue states and notifications."""

from collections.abc import Mapping
from typing import Final

#: Added to `TEXTS`.
SYSTEM_TEXTS: Final[Mapping[str, str]] = {
    # --- entries of the history about bulk jobs ---------------------------------------------
    "bulk_download": "missing episodes of {series} series are queued",
    "bulk_edit": "settings of {series} series are changed",
    "bulk_remove": "{series} series are removed from the library",
    # --- files and folders of the program -------------------------------------------------
    "cannot_write_to": "cannot write to {path}: {reason}",
    "cannot_lock": "cannot lock {path}: {reason}",
    "worker_name_invalid": "{name!r} cannot name the file of a worker",
    "config_busy": "another process is changing the configuration",
    "backup_not_json": "the backup {name} is not JSON: {reason}",
    "config_not_json": "it is not JSON: {reason}",
    "config_no_object": "it is not a JSON object",
    "config_is_folder": "it is a folder",
    "config_corrupt.hint": "the newest good backup is {name}; copy it over config.json",
    "config_in_database": "the configuration in the database",
    "config_database_corrupt.hint": (
        "empty the table configuration of the database, then: aniworld config restore {name}"
    ),
    "config_no_backup.hint": "there is no good backup; correct the file by hand or move it away",
    "changed_during_scan": "it changed during the scan",
    "watch_limit": "the system watches no more folders; raise {limit}",
    "not_below": "it is not below {path}",
    "not_relative": "it is not relative to the library",
    "name_in_path_too_long": "a name in it is too long",
    "try_after.hint": "try again after {until_at:time}",
    # --- the database ---------------------------------------------------------------------
    "database_closed": "it is closed",
    "database_locked": "it is locked by another program",
    "database_not_opened": "the file cannot be opened",
    "database_not_written": "the file cannot be written",
    "database_not_permitted": "the file may not be used",
    "database_disk": "the disk cannot be read or written",
    "database_refused": "the database refused the change ({detail})",
    "database_says": "SQLite says: {detail}",
    "database_server_says": "PostgreSQL says: {detail}",
    "database_server_unreachable": "the server cannot be reached ({detail})",
    "database_server_connections": (
        "the server accepts no more connections; raise max_connections or stop other programs"
    ),
    "database_server_slow": "the server did not answer in time",
    "database_server_full": "the disk of the server is full",
    "database_setting": "DATABASE_URL: {place}: {reason}",
    "database_url_invalid": (
        "DATABASE_URL is no database URL such as postgresql://user:password@host/name"
    ),
    "database_url_scheme": "DATABASE_URL: {scheme!r} is not postgresql",
    "database_url_nameless": (
        "DATABASE_URL: postgresql needs the name of a database, postgresql://host/name"
    ),
    "database_server_password": "the server refuses the user name or the password",
    "database_server_user": "the server refuses the user",
    "database_server_missing": "the server has no database of this name; create it first",
    "database_server_rights": (
        "the user lacks a right; it must be allowed to create tables in the schema"
    ),
    "database_server_read_only": "the database is read-only; name the primary server",
    "database_server_pooler": (
        "a connection pooler such as PgBouncer is in between; name the port of PostgreSQL itself"
    ),
    "database_server_of_other": "it has tables of another program; choose another database",
    "database_server_copying": "it is not copied to the end; run aniworld migrate-storage again",
    "database_server_old": "it runs PostgreSQL {version}; version {oldest} or newer is needed",
    "database_server_encoding": "it stores texts as {encoding}; create the database with UTF8",
    "text_not_storable": "a text has characters that cannot be stored",
    "number_not_storable": "a number is too large to be stored",
    "wrong_stored_value": "it has a value of a wrong kind ({detail})",
    "database_damaged": "it is damaged ({detail})",
    "copy_damaged": "its copy is damaged ({detail})",
    "schema_version_damaged": "its schema version cannot be read",
    "schema_lacks": "the table {table} lacks {columns}",
    "was_read_only": "it was empty and read-only",
    "database_moved_aside": (
        "{path} was damaged ({reason}); it is kept as {name}, there was no copy"
    ),
    "database_of_other": "it belongs to another program; choose another file",
    "database_newer": "a newer Aniworld wrote it (schema {name}, here {known}); update this one",
    "move_target_exists": "the file exists already; name a new one",
    "move_target_used": "the table {name} has rows; name an empty database",
    "move_in_use": "another program uses it; stop all servers and workers first",
    "move_source_changed": "a program changed it meanwhile; stop it and run the command again",
    "move_source_empty": "it has no tables",
    "move_schema_older": (
        "its schema is {name}, here {known}; open it once with this version: aniworld list"
    ),
    "move_other_version": (
        "another version (schema {name}) began a copy; make the database again, empty"
    ),
    "move_table_differs": (
        "{name} has {source} rows and the copy {n}, or their values differ; repeat the command, "
        "it begins again then"
    ),
    "rows_without_target": (
        "{rows:# row refers to a row that is|# rows refer to rows that are} missing"
    ),
    "other_version.hint": "install the same version on all machines",
    "storage_corrupt.hint": (
        "restore the newest copy of a damaged database: aniworld doctor --restore"
    ),
    "former_database.hint": (
        "rename it, then import it from there: aniworld import-legacy --database OLD.db"
    ),
    # --- data of the former program -------------------------------------------------------
    "legacy_no_file": "{path} is not a file",
    "legacy_no_database": "{path} cannot be read as a database ({detail})",
    "legacy_no_copy": "{path} cannot be copied: {reason}",
    "legacy_other_database": "{path} is not a database of the former Aniworld",
    "legacy_own_database": "{path} is a database of this program; there is nothing to import",
    "legacy_no_object": "it is no JSON object",
    "legacy_no_key": "it names no key",
    "legacy_key_proposal": "{problem}; {key} would do",
    "legacy_site": "its site {site!r} is none of {sites}",
    "legacy_no_episodes": "its episodeDict is no object",
    "legacy_season_no_list": "season {season!r} is no list of episodes",
    "legacy_no_number": "{raw!r} is no number from 0 to {most}",
    "legacy_no_json": "it is no JSON",
    "nested_text": "it is nested deeper than {limit} levels",
    "legacy_no_text": "it is no UTF-8 text, or its folder's name is none",
    "legacy_key_of_other": "the key {key} belongs to a series of {site}",
    # --- plug-ins and catalogues ----------------------------------------------------------
    "adapter_not_found.hint": (
        "[installed: {names}; ]install the distribution that offers it, such as aniworld-{name}"
    ),
    "adapter_other_port": "it opens no {wanted} but a {found}",
    "adapter_offered_twice": "{names} offer it; remove all but one of them",
    "adapter_not_imported": "it cannot be imported ({error})",
    "adapter_not_opened": "it cannot be opened[ ({error})]",
    "adapter_ended": "it cannot be opened: it ended at once",
    "adapter_failed": "it failed while it was open ({error})",
    "adapter_still_open": "it did not close within {limit_seconds:.0f} s",
    "adapter_not_closed": "it cannot be closed ({error})",
    "loader_needs": "something that its loader needs ({detail})",
    "a_search_result": "a search result",
    "a_series_description": "the description of a series",
    "a_source": "a source",
    "a_browse_entry": "an entry of a browse list",
    "no_cover_there": "its catalogue has none",
    "no_banner_there": "no metadata source has one",
    # --- states of queue items and notifications ------------------------------------------
    "queue_item_named": "queue item {key} {code}",
    "stopping_server": "stopping the server (process {number})",
    "stopping_server.hint": "kill it: aniworld stop --force; downloads continue at the next start",
    # --- what needs attention --------------------------------------------------------------
    "tool_is_old": "version {version} of {tool} is {days} days old",
    "update_tool": "update it alone, because sites change often: {command}",
    "copy_missing": "there is no copy of the database",
    "copy_is_old": "the last copy of the database is of {copied_at:time}",
    "make_copy": "make one now: aniworld tasks run database-copy; a running server makes them",
    "changes_incomplete": "{changes:# change is|# changes are} incomplete[: {reason}]",
    "undo_change": "remove the cause, then: aniworld undo {change}",
    "no_server_runs": "no server runs on {path}",
    "no_server_runs.hint": "start it with: aniworld serve",
    "server_of_other": "the server (process {number}) belongs to another user",
    "no_such_input_file": "there is no file {path!r}",
    "status_pending": "pending",
    "status_downloading": "being downloaded",
    "status_completed": "completed",
    "status_failed": "failed",
    "step_start": "start",
    "step_complete": "be completed",
    "step_fail": "fail",
    "step_requeue": "be given back",
    "step_retry": "be retried",
    "step_move": "be moved",
    "notified_completed": "{folder} {code} is complete",
    "notified_failed": "{folder} {code} failed",
    "notified_needs_person": "{folder} {code} needs a person",
    "notified_found": "{folder} has {episodes:a new episode|# new episodes}",
    "notified_drained": "Nothing is left to download",
    "notified_disk_low": "The disk is nearly full",
    "notified_disk_waits": "the queue waits until there is space",
    "notified_test": "Aniworld can reach you",
    "no_leader": "no process does the scheduled work",
    "no_leader.hint": "start one: aniworld scheduler, or aniworld serve",
    "machine_silent": "{host} has given no sign of life for {silent_seconds:.0f} s",
    "machine_silent.hint": (
        "check whether {host} runs and reaches the database; its items go to others by themselves"
    ),
    "machine_versions": "the machines run different versions: {hosts}",
    "notified_test_body": "This is only a test",
    "notified_open": "open {link}",
}
