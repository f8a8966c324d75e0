"""English text of every kind of message that is not the kind of an error class."""

from collections.abc import Mapping
from typing import Final

#: English text of every kind that is not the kind of an error class.
TEXTS: Final[Mapping[str, str]] = {
    # --- failures without an error class ---------------------------------------------------
    "unexpected": "unexpected error: {error}",
    "cancelled": "it was cancelled",
    "interrupted": "the scanning process ended",
    # --- how a scheduled scan ended --------------------------------------------------------
    "scan_result": (
        "{series} series, {files} files, {missing} missing[, {queued} queued]"
        "[, {failed} could not be refreshed]"
    ),
    "scan_failed": "failed: {reason}",
    "scan_cancelled_result": "cancelled",
    "scan_interrupted": "it was interrupted",
    # --- hints: what a person can do -------------------------------------------------------
    "invalid_key.hint": (
        "a key has lowercase letters, digits and single hyphens, such as attack-on-titan"
    ),
    "invalid_episode.hint": "write S01, S01E03 or S01E03-E08; films are season 0",
    "invalid_language.hint": (
        "use ger-dub, ger-sub, eng-dub, eng-sub, jpn or a language tag such as fr or ja+fr"
    ),
    "invalid_quality.hint": "use best, worst, 360p, 480p, 720p or 1080p",
    "invalid_config.hint": "correct the named settings; nothing was changed",
    "unknown_provider.hint": "enabled: {names}",
    "no_provider.hint": "no catalogue is enabled",
    "series_not_found.hint": "add it first: aniworld add {key}",
    "episode_not_found.hint": "list its episodes: aniworld show {key}",
    "change_not_found.hint": "list them: aniworld history",
    "library_busy.hint": "wait until it has ended, then try again",
    "plan_changed.hint": "make the plan again and check it",
    "change_stuck.hint": ("remove the cause, then finish it with: aniworld undo {number}"),
    "backup_not_found.hint": "list them: aniworld config backups",
    "setting_not_found.hint": "list them: aniworld config show",
    "browse_list_not_found.hint": "see what each catalogue offers: aniworld providers --json",
    "series_moved.hint": "accept it with --follow, or add {new_key}",
    "item_active.hint": "wait for it, or stop the program that downloads it",
    "file_exists_conflict.hint": "move it away or choose another name",
    "provider_denied.hint": "correct providers.{provider} in the configuration",
    "storage_full.hint": "free some space on the disk of the data folder; no restart is needed",
    "needs_person.hint": "open {link} in a browser, then try again",
    "not_yet_available.hint": "try later, or allow more languages with --language",
    "disk_full.hint": "free some space; the download continues where it stopped",
    "library_unavailable.hint": "check that the drive is mounted and writable for this user",
    "library_emptied.hint": (
        "mount the drive; if it was emptied on purpose: aniworld scan --accept-loss"
    ),
    "not_before.hint": "come back after {until_at:time}; the queue keeps it",
    "address_refused.hint": (
        "if the server is yours, list its host:port in ANIWORLD_ALLOWED_ADDRESSES"
    ),
    "provider_changed.hint": "update aniworld-providers; the rest of the library is not affected",
    "provider_fault.hint": ("update or remove its distribution; other providers keep working"),
    "provider_disabled.hint": "enable it: aniworld config set providers.{name}.enabled true",
    "library_not_set.hint": (
        "set ANIME_DIRECTORY, use --library, or: aniworld config set other.anime_directory DIR"
    ),
    "setup_code_required.hint": (
        "open the link that the last start printed, or read the file setup-code in the data folder"
    ),
    # --- reasons of the operating system ---------------------------------------------------
    "permission_denied": "Permission denied",
    "not_permitted": "Operation not permitted",
    "read_only_file_system": "Read-only file system",
    "no_space_left": "No space left on device",
    "no_such_file": "No such file or directory",
    "not_a_folder": "Not a directory",
    "io_error": "Input/output error",
    "connection_refused": "Connection refused",
    "connection_reset": "Connection reset by peer",
    "no_route": "No route to host",
    "no_network": "Network is unreachable",
    # --- reasons: why a server or site did not give what was asked --------------------------
    "http_status": "it answers HTTP {status}",
    "host_http_status": "{host} answers HTTP {status}",
    "http_status_until": "HTTP {status}, and it was valid until {until_at:time}",
    "no_answer_in_time": "no answer from {host} in time",
    "no_answer": "it does not answer in time",
    "no_answer_within": "it did not answer within {waited_seconds:.0f} s",
    "host_unknown": "the host name of {host} cannot be looked up",
    "cannot_connect": "cannot connect to {host}: {reason}",
    "closed_without_answer": "{host} closed the connection without an answer",
    "connection_broke": "the connection broke: {reason}",
    "host_connection_broke": "the connection to {host} broke: {reason}",
    "connection_failed": "the connection failed ({reason})",
    "certificate_untrusted": "its certificate cannot be trusted ({reason})",
    "nothing_arrived": "nothing arrived for {waited_seconds:.0f} s",
    "no_progress": "no progress for {waited_seconds:.0f} s: {reason}",
    "too_slow": "it arrives too slowly",
    "broke_off": "the connection ended before the file was complete",
    "sent_nothing": "the server sent nothing",
    "answer_cut_off": "its answer was cut off",
    "failed_in_a_row": "it failed {failures} times in a row",
    "asked_to_wait": "it asked for a pause",
    "redirect_loop": "it redirects in circles",
    "too_many_redirects": "{host} redirects more than {limit} times",
    "no_such_range": "the server has no such range",
    "file_changed": "the file on the server has changed",
    "size_changed": "the file on the server has another size now",
    "bytes_missing": "{missing} bytes are missing at its end",
    "part_reason": "{part}: {reason}",
    "other_process": "another process is fetching this file",
    # --- reasons: why a person is needed ---------------------------------------------------
    "person_wanted": "it asks for a person",
    "bot_check": "it asks for a bot check",
    "login_wanted": "it asks for a login",
    "access_refused": "it refuses this program or this address",
    "region_blocked": "it is not available in this region",
    # --- reasons: why a source cannot be used ----------------------------------------------
    "no_longer_exists": "it no longer exists",
    "no_resolver": "no installed resolver knows this hoster",
    "no_fetcher": "no installed fetcher takes {stream}",
    "live_broadcast": "it is a live broadcast",
    "no_media_link_on_page": "the page shows no media link (it may be hidden by a script)",
    "no_complete_video": "no complete video with sound was found",
    "no_video_on_page": "the page holds no video",
    "several_videos_on_page": "the page holds several videos",
    "not_a_media_link": "it is not a media link",
    "not_a_link": "it is no link",
    "not_http": "only http and https links can be fetched",
    "no_catalogue_takes_link": "no enabled catalogue takes it",
    "link_names_no_series": "it names no series",
    "not_public": "it is not on the public internet",
    # --- reasons: what is wrong with media -------------------------------------------------
    "cut_off": "it ends after {end_seconds:.1f} of {whole_seconds:.1f} s",
    "track_cut_off": "its {track} ends after {end_seconds:.1f} of {whole_seconds:.1f} s",
    "end_missing": "its end is missing",
    "stretch_missing": "{missing_seconds:.1f} s are missing after {start_seconds:.1f} s",
    "stretch_missing_beside": "{missing_seconds:.1f} s are missing beside {part}",
    "wrong_length": "it plays {actual_seconds:.1f} s instead of {expected_seconds:.1f} s",
    "part_wrong_length": (
        "{part} plays {actual_seconds:.1f} s instead of {expected_seconds:.1f} s"
    ),
    "packets_damaged": "{damaged} of its packets are damaged",
    "damaged_at": "its {track} is damaged at {start_seconds:.1f} s",
    "damaged_from": "{damaged} are damaged, the first at {start_seconds:.1f} s",
    "too_large": "it is larger than {limit_bytes:bytes}",
    "wrong_size": "it has {actual} bytes instead of {expected}",
    "nothing_there": "the server has nothing at all",
    "no_picture": "it has no picture",
    "no_sound": "its sound is missing",
    "unplayable_at": "nothing can be played at {start_seconds:.0f} s",
    "playlist_short": "its playlist has {listed_seconds:.1f} s of {promised_seconds:.1f} s",
    "track_empty": "its {track} track is announced, but empty",
    "other_content": "the server sent {what}",
    "is_other_content": "it is {what}",
    "wrong_digest": "its {algorithm} digest is not the one promised",
    "cannot_decrypt": "it cannot be decrypted with its key",
    "format_changes": "it changes its format in the middle",
    "format_changes_to": "its {track} changes from {before} to {after} after {start_seconds:.1f} s",
    "settings_change": (
        "the decoder settings of its {track} ({codec}) change after {start_seconds:.1f} s,"
        " and a file can hold only one of them"
    ),
    "tracks_change": (
        "it has {before} tracks before and {after} tracks after {start_seconds:.1f} s"
    ),
    # --- why the queue waits, why an episode is not queued ---------------------------------
    "outside_hours": "outside the allowed hours of downloads.hours",
    "already_queued_episode": "already in the queue",
    "already_downloaded": "already downloaded",
    "not_announced_yet": "not yet available",
    # --- library folder --------------------------------------------------------------------
    "no_such_folder": "there is no such folder",
    "is_no_folder": "this is no folder",
    "cannot_be_read": "it cannot be read: {reason}",
    "cannot_be_written": "it cannot be written: {reason}",
    "library_emptied": "it holds no video, though {episodes} episodes were there",
    # --- changes of library files ----------------------------------------------------------
    "file_vanished": "it no longer exists",
    "file_changed_since": "it was changed since",
    "not_a_regular_file": "it is no regular file",
    "bin_emptied": "the recycle bin no longer holds it",
    "undone_already": "it is undone already",
    "never_applied": "it was rolled back and never applied",
    "no_hard_link": "a hard link is not possible: another file system, or one without links",
    "leads_elsewhere": "it has a component that leads elsewhere",
    "link_leads_outside": "a link leads outside the library",
    "is_link": "it is a symbolic link",
    "name_is_no_text": "its name is no valid text",
    "name_taken": "the name {name!r} is taken",
    # --- entries of the library and files without an episode --------------------------------
    "entry_hidden": "its name begins with a dot",
    "entry_system_folder": "a system folder, trickplay images or a bin",
    "entry_unfinished": "an unfinished or temporary file of another program",
    "entry_extra_folder": "a folder of bonus material",
    "entry_extra_name": "its name marks it as bonus material",
    "entry_disc_folder": "the content of a disc; it cannot be inspected",
    "entry_opaque": "present, but files of this kind cannot be inspected",
    "folder_of_several_series": "it fits several series: {names}",
    "folder_contradicts_series": "its year or id belongs to another series of that title",
    "folder_sequel": "it may be a later part of {title}",
    "file_bonus_clip": "an opening, ending, preview or other bonus clip",
    "file_special_unclear": "its name does not say which special or film it is",
    "file_sequel": "the mark '{mark}' of a later part fits no season of the catalogue",
    "file_counting_differs": "its number counts in another way than those of the other files",
    "file_other_version": "another file of an episode that has one",
    "file_no_number": "its name has no episode number",
    "file_not_listed": "the catalogue does not list this episode",
    "library_lost": (
        "{lost} of {known} known files are gone; nothing was changed here. If they were removed on"
        " purpose: aniworld scan --accept-loss"
    ),
    "entry_not_read": "its name marks it as hidden, unfinished, bonus material or a system folder",
    "entry_too_deep": "it lies more than {levels} folders below the folder of its series",
    "entry_special": "it is a device, a pipe or a socket",
    "entry_no_text": "its name is no valid text",
    "link_broken": "the link leads nowhere",
    "link_loop": "the link leads to a folder that contains it: {target}",
    "link_outside": (
        "it is a symbolic link to a place outside the library folders ({target}); add that folder"
        " to library.folders, or remove the link"
    ),
    "link_read_there": "it is a symbolic link to {target}, which is read there",
    "file_twin": "its name differs from {other} only in case or in the form of its letters",
    "file_empty": "it is empty",
    "file_cut_off": "it ends after {actual_bytes:bytes} of {expected_bytes:bytes}",
    "file_short": (
        "it plays {actual_seconds:.0f} s; the other files of its season play"
        " {expected_seconds:.0f} s"
    ),
    # --- providers -------------------------------------------------------------------------
    "from_distribution": "from {distribution}",
    "provider_disabled": "from {distribution}; enable it with providers.{name}.enabled",
    "given_by_program": "given by the program",
    "could_not_be_opened": "it could not be opened",
    "hosts_paused": "not asked for now: {hosts}",
    # --- access ----------------------------------------------------------------------------
    "token_missing": "there is none",
    "setup_code_missing": "the set-up code is missing",
    "setup_code_wrong": (
        "the set-up code is wrong, already used, or from before the server was restarted"
    ),
    "token_expired": "it has expired",
    "session_ended": "its session was ended",
    "session_unknown": "its session does not exist",
    "password_too_short": "at least {limit} characters",
    "password_too_long": "at most {limit} bytes",
    "password_upper": "an upper-case letter",
    "password_lower": "a lower-case letter",
    "password_digit": "a digit",
    "password_special": "a special character",
    "password_common": "it must not be one of the most common passwords",
    # --- fields of documents ---------------------------------------------------------------
    "field_problem": "{pointer}: {problem}",
    "required": "is required",
    "required_to_change_path": "is required to change a path",
    "must_be_text": "must be a text, not {found}",
    "must_be_truth_value": "must be true or false, not {found}",
    "must_be_whole_number": "must be a whole number, not {found}",
    "must_be_number": "must be a number, not {found}",
    "must_be_list": "must be a list, not {found}",
    "must_be_object": "must be an object, not {found}",
    "must_be_one_of": "must be one of {names}",
    "must_be_between": "must be {least} to {most}",
    "must_be_at_least": "must be at least {least}",
    "must_be_at_most": "must be at most {most}",
    "must_not_be_empty": "must not be empty",
    "must_be_unicode": "must be valid Unicode",
    "must_be_web_address": "must be a web address with a host, such as http://192.168.1.5:8096",
    "must_be_network": "must be an address or a network such as 10.0.0.0/8",
    "must_be_apprise_url": "must be an Apprise URL such as ntfy://topic",
    "must_be_visible_ascii": "must hold only visible ASCII characters and spaces between them",
    "too_many_entries": "must have at most {most} entries",
    "needs_entry": "must have at least one entry",
    "named_twice": "must not name {name} twice",
    "too_long": "must not be longer than {most} characters",
    "no_control_characters": "must not hold control characters",
    "not_a_time": "{raw!r} is not a time of day such as 03:30",
    "not_a_time_span": "{raw!r} is not a span such as 22:00-06:00",
    "stray_brace": "has a brace that belongs to no placeholder",
    "no_slash": "must not hold a slash",
    "no_dot_folder": "must not hold . or .. as a folder",
    "unknown_placeholder": "{{{name}}} is unknown; use {names}",
    "needs_series_placeholder": "needs {{name}} or {{key}}, or all series share a folder",
    "needs_episode_placeholder": (
        "needs {{code}}, or {{season}} and {{episode}}, so that files stay apart"
    ),
    "relative_path": "is relative; give the whole path",
    "hidden_secret": ("is hidden, and new here or for another address than before; enter it again"),
    "type_null": "null",
    "type_truth_value": "a truth value",
    "type_number": "a number",
    "type_text": "a text",
    "type_object": "an object",
    "type_list": "a list",
    "with_hint": "{message}; {hint}",
    # --- names -----------------------------------------------------------------------------
    "the_library": "the library",
    "file_at_host": "the file at {host}",
    "video_at_host": "the video at {host}",
    "part_at_host": "{part} at {host}",
    "part_of": "{inner} of {part}",
}
