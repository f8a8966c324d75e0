"""Messages for people: a kind, values, and the English text that is built from both.

A front end that knows the kind writes its own text, in the reader's language, from the values.
One that does not shows the English text. Errors build their messages with `fill`, from the
`template` of their class; everything else that reaches a user is a `Message` with a kind from
`TEXTS`.

Rules for values, which front ends rely on to format them:

- a name that ends in `_bytes` is a number of bytes, `_seconds` a duration in seconds, `_at` a
  time in ISO 8601, `_languages` a list of language codes;
- everything else is text, a number, a list of texts, or another message;
- `None` and an empty list mean that there is none.
"""

import errno
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

Value: TypeAlias = str | int | float | Sequence[str] | None

#: Metadata of attrs fields: computes the value from the view.
_COMPANION: Final = "companion"


class Message(str):
    """An English text that keeps the kind and the values it was built from.

    It can be used wherever a `str` can. Texts put together from it are plain `str` again.

    Attributes:
        kind: The name for machines; decides the text in every language.
        values: What the text says, ready for JSON; nested messages stay messages.
    """

    kind: str
    values: Mapping[str, Value]

    def __new__(cls, kind: str, /, **values: Value) -> "Message":
        """Build the message of a kind.

        Raises:
            KeyError: If `TEXTS` has no such kind, or a value is missing.
        """
        return cls.of(kind, fill(TEXTS[kind], values), values)

    @classmethod
    def of(cls, kind: str, text: str, values: Mapping[str, Value]) -> "Message":
        """Return a message whose text is given."""
        message = str.__new__(cls, text)
        message.kind = kind
        message.values = MappingProxyType(dict(values))
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep kind and values when pickled."""
        return (Message.of, (self.kind, str(self), dict(self.values)))

    def to_wire(self) -> dict[str, Any]:
        """Return the message as JSON: `kind`, `values` and `text`."""
        return {"kind": self.kind, "values": values_to_wire(self.values), "text": str(self)}


def values_to_wire(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return values as JSON; nested messages become objects (see `Message.to_wire`)."""
    return {name: _to_wire(value) for name, value in values.items()}


def values_from_wire(values: Mapping[str, Any]) -> dict[str, Value]:
    """Read what `values_to_wire` wrote."""
    return {name: message_from_wire(value) for name, value in values.items()}


def message_from_wire(value: Any) -> Any:
    """Read a value that `to_wire` wrote; other JSON values are returned as they are."""
    if isinstance(value, list):
        return [message_from_wire(each) for each in value]
    if isinstance(value, dict):
        return Message.of(value["kind"], value["text"], values_from_wire(value["values"]))
    return value


def kind_of(text: str | None) -> str | None:
    """Return the kind of a message; `None` for other text."""
    return text.kind if isinstance(text, Message) else None


def values_of(text: str | None) -> dict[str, Any]:
    """Return the values of a message as JSON; none for other text."""
    return values_to_wire(text.values) if isinstance(text, Message) else {}


def message_to_wire(text: str) -> str | dict[str, Any]:
    """Return a message as JSON; other text is returned as it is."""
    return text.to_wire() if isinstance(text, Message) else str(text)


def fill(template: str, values: Mapping[str, Value]) -> str:
    """Fill the placeholders of an English template.

    Placeholders are those of `str.format`, with two formats of their own: `bytes`, and `time`
    for ISO times. Lists are joined with commas, or with the format if there is one. A part in
    brackets is left out when the value of its placeholder is `None` or an empty list.
    """
    return _FORMATTER.vformat(_without_missing(template, values), (), values)


def _without_missing(template: str, values: Mapping[str, Value]) -> str:
    first, *parts = template.split("[")
    kept = [first]
    for part in parts:
        inside, _, after = part.partition("]")
        names = placeholders(inside)
        if not names:
            kept.append(f"[{part}")
        elif all(values[name] not in (None, "", (), []) for name in names):
            kept += [inside, after]
        else:
            kept.append(after)
    return "".join(kept)


def placeholders(template: str) -> set[str]:
    """Return the names of the placeholders of a template."""
    return {name for _, name, _, _ in _FORMATTER.parse(template) if name}


def kind_field(name: str) -> Any:
    """Return an attrs field of a `MessageView`: the kind of the message in the field *name*."""
    return attrs.field(init=False, metadata={_COMPANION: lambda view: kind_of(getattr(view, name))})


def values_field(name: str) -> Any:
    """Return an attrs field of a `MessageView`: the values of the message in the field *name*."""
    return attrs.field(
        init=False, metadata={_COMPANION: lambda view: values_of(getattr(view, name))}
    )


@attrs.frozen
class MessageView:
    """Base of views whose texts may be messages: fills `kind_field` and `values_field`."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            if _COMPANION in field.metadata:
                object.__setattr__(self, field.name, field.metadata[_COMPANION](self))


def clipped(raw: str) -> str:
    """Cut text of unknown origin to 80 characters."""
    return raw if len(raw) <= 80 else raw[:77] + "..."


def utc(moment: datetime) -> str:
    """Write a time as a value of a message: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def os_reason(error: OSError) -> str:
    """Return why the operating system refused a call."""
    kind = _OS_REASONS.get(error.errno or 0)
    return Message(kind) if kind else error.strerror or str(error)


def bytes_text(amount: float) -> str:
    """Write a number of bytes with a decimal unit: `1.5 MB`."""
    if amount < 1000:
        return f"{amount:.0f} B"
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def _to_wire(value: Value) -> Any:
    if isinstance(value, str):
        return message_to_wire(value)
    if isinstance(value, Sequence):
        return [message_to_wire(each) for each in value]
    return value


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list | tuple):
            return (format_spec or ", ").join(value)
        if format_spec == "bytes":
            return bytes_text(value)
        if format_spec == "time":
            return str(value).replace("T", " ").replace("Z", " UTC")
        return str(super().format_field(value, format_spec))


_FORMATTER: Final = _Formatter()

#: Reasons of the operating system that pages translate (errno.h).
_OS_REASONS: Final[Mapping[int, str]] = {
    errno.EACCES: "permission_denied",
    errno.EPERM: "not_permitted",
    errno.EROFS: "read_only_file_system",
    errno.ENOSPC: "no_space_left",
    errno.ENOENT: "no_such_file",
    errno.ENOTDIR: "not_a_folder",
    errno.EIO: "io_error",
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_reset",
    errno.EHOSTUNREACH: "no_route",
    errno.ENETUNREACH: "no_network",
}

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
