"""Every error that leaves Aniworld, grouped by what the caller can do.

AniworldError
├── InvalidInputError      fix the input
├── NotFoundError          ask for something else
├── ConflictError          reload, decide again
├── DeniedError            prove who you are
├── UnavailableError       try later
├── UnusableError          never retry
└── SetupError             call the operator

The seven bases are the only classes a front end maps (to statuses and exit codes), and
`UnavailableError` is the only one that is ever retried. Fields live on the exception, the
message is built from them, and `hint` says what a person can do next.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar


class AniworldError(Exception):
    """Base of every error raised on purpose."""

    #: What a person can do about it, or `None` when the message says it all.
    hint: str | None = None
    #: Whether the same attempt may succeed later without anybody doing anything.
    retryable: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """Name the error for machines: the class name in snake case without its suffix."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__.removesuffix("Error"))
        return words.lower()


# --- fix the input -------------------------------------------------------------------------


class InvalidInputError(AniworldError):
    """What was given breaks a rule; the same input never succeeds."""


class InvalidKeyError(InvalidInputError):
    """A text that is no series key."""

    hint = "a key has lowercase letters, digits and single hyphens, such as attack-on-titan"

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(f"{_shown(raw)} is not a series key: {rule}")
        self.raw = raw
        self.rule = rule


class InvalidEpisodeError(InvalidInputError):
    """A text that names no episode or range of episodes."""

    hint = "write S01, S01E03 or S01E03-E08; films are season 0"

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(f"{_shown(raw)} is not an episode: {rule}")
        self.raw = raw
        self.rule = rule


class InvalidLinkError(InvalidInputError):
    """A link that no catalogue takes, or that is no link."""

    def __init__(self, link: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"cannot use the link {_shown(shown_link(link))}: {reason}")
        self.link = link
        self.reason = reason
        self.hint = hint


class InvalidLanguageError(InvalidInputError):
    """A text that names no language."""

    hint = "use ger-dub, ger-sub, eng-dub, eng-sub, jpn or a language tag such as fr or ja+fr"

    def __init__(self, raw: str) -> None:
        super().__init__(f"{_shown(raw)} is not a language")
        self.raw = raw


class InvalidQualityError(InvalidInputError):
    """A text that names no quality."""

    hint = "use best, worst, 360p, 480p, 720p or 1080p"

    def __init__(self, raw: str) -> None:
        super().__init__(f"{_shown(raw)} is not a quality")
        self.raw = raw


class InvalidNameError(InvalidInputError):
    """A text that is not a usable name of a series, a backup or the like."""

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(f"{_shown(raw)} is not a usable name: {rule}")
        self.raw = raw
        self.rule = rule


class InvalidTemplateError(InvalidInputError):
    """A naming template that cannot name every episode."""

    def __init__(self, template: str, reason: str) -> None:
        super().__init__(f"naming template {_shown(template)}: {reason}")
        self.template = template
        self.reason = reason


class InvalidFieldsError(InvalidInputError):
    """A document with wrong fields; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{pointer or '/'}: {detail}" for pointer, detail in problems)
        super().__init__(f"the fields are not valid: {listed}")
        self.problems = tuple(problems)


class InvalidConfigError(InvalidInputError):
    """A configuration with mistakes; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation, in document order.
    """

    hint = "correct the named settings; nothing was changed"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{pointer or '/'}: {detail}" for pointer, detail in problems)
        super().__init__(f"the configuration is not valid: {listed}")
        self.problems = tuple(problems)


class WeakPasswordError(InvalidInputError):
    """A password that breaks the policy; every broken rule is listed."""

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("the password is too weak: " + "; ".join(violations))
        self.violations = tuple(violations)


class LegacyDataError(InvalidInputError):
    """A file of the former program that cannot be taken over; it is left alone."""


class UnsafePathError(InvalidInputError):
    """A path that would leave the folder it must stay in."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"refused to use {_shown(path)}: {reason}")
        self.path = path
        self.reason = reason


class UnknownProviderError(InvalidInputError):
    """A catalogue name that is not installed or not enabled."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no enabled catalogue named {_shown(name)}")
        self.name = name
        self.hint = f"enabled: {', '.join(known) or 'none'}"


class UsageError(InvalidInputError):
    """A command or request that contradicts itself."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


# --- ask for something else ----------------------------------------------------------------


class NotFoundError(AniworldError):
    """What was asked for does not exist."""


class SeriesNotFoundError(NotFoundError):
    """No series has this key, in the library or in the catalogue asked."""

    def __init__(self, key: str, *, where: str = "the library", reason: str | None = None) -> None:
        detail = f" ({reason})" if reason else ""
        super().__init__(f"no series {_shown(key)} in {where}{detail}")
        self.key = key
        self.where = where
        if where == "the library":
            self.hint = f"add it first: aniworld add {key}"


class EpisodeNotFoundError(NotFoundError):
    """The series has no such episode."""

    def __init__(self, key: str, code: str) -> None:
        super().__init__(f"{_shown(key)} has no episode {code}")
        self.key = key
        self.code = code
        self.hint = f"see its episodes: aniworld show {key}"


class ItemNotFoundError(NotFoundError):
    """No download item has this id."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"no download item {_shown(item_id)}")
        self.item_id = item_id


class SessionNotFoundError(NotFoundError):
    """No session has this id."""

    def __init__(self, session_id: str) -> None:
        super().__init__("no such session")
        self.session_id = session_id


class BackupNotFoundError(NotFoundError):
    """No configuration backup has this name."""

    hint = "list them: aniworld config backups"

    def __init__(self, name: str) -> None:
        super().__init__(f"no configuration backup named {_shown(name)}")
        self.name = name


class ApiKeyNotFoundError(NotFoundError):
    """No API key has this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no API key {_shown(key_id)}")
        self.key_id = key_id


class SettingNotFoundError(NotFoundError):
    """The configuration has no such setting."""

    hint = "list them: aniworld config show"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no setting named {_shown(name)}")
        self.name = name


class BrowseListNotFoundError(NotFoundError):
    """A catalogue does not offer what was asked for before a search."""

    hint = "see what each offers: aniworld providers --json"

    def __init__(self, where: str, browse_list: str) -> None:
        super().__init__(f"{where} does not offer the browse list {browse_list!r}")
        self.where = where
        self.browse_list = browse_list


class CoverNotFoundError(NotFoundError):
    """There is no picture that could be shown."""

    def __init__(self, wanted: str, reason: str) -> None:
        super().__init__(f"there is no cover of {_shown(wanted)}: {reason}")
        self.wanted = wanted
        self.reason = reason


class LinkGoneError(NotFoundError):
    """A link that somebody has in hand leads to nothing."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} has nothing at this link: {reason}")
        self.host = host
        self.reason = reason


# --- reload, decide again ------------------------------------------------------------------


class ConflictError(AniworldError):
    """Somebody else was faster, or the thing is not in the needed state."""


class SeriesExistsError(ConflictError):
    """The key is already taken."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the library already has {_shown(key)}")
        self.key = key


class SeriesMovedError(ConflictError):
    """The catalogue answers with another key than the one asked for.

    Attributes:
        key: The key asked for.
        new_key: The key the catalogue leads to.
    """

    def __init__(self, key: str, new_key: str, link: str) -> None:
        super().__init__(f"the catalogue now calls {_shown(key)} {_shown(new_key)}")
        self.key = key
        self.new_key = new_key
        self.link = link
        self.hint = f"accept it with --follow, or add {new_key}"


class AlreadyQueuedError(ConflictError):
    """The queue already has an open item for this episode."""

    def __init__(self, key: str, code: str) -> None:
        super().__init__(f"{key} {code} is already in the queue")
        self.key = key
        self.code = code


class StaleItemError(ConflictError):
    """The item changed since it was read."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"download item {item_id} was changed by somebody else")
        self.item_id = item_id


class ClaimLostError(ConflictError):
    """The worker no longer holds the item."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"download item {item_id} is no longer claimed by this worker")
        self.item_id = item_id


class IllegalTransitionError(ConflictError):
    """The item's status does not allow this step."""

    def __init__(self, item_id: str, status: str, step: str) -> None:
        super().__init__(f"download item {item_id} is {status} and cannot {step}")
        self.item_id = item_id
        self.status = status
        self.step = step


class ItemActiveError(ConflictError):
    """The item is being downloaded and must be stopped first."""

    hint = "wait for it, or stop the program that downloads it"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"download item {item_id} is being downloaded")
        self.item_id = item_id


class ScanRunningError(ConflictError):
    """A scan is already running."""

    def __init__(self, scan_id: str) -> None:
        super().__init__("a scan is already running")
        self.scan_id = scan_id


class ScanCancelledError(ConflictError):
    """Somebody ended the scan before it was through; what it had learned is kept."""

    def __init__(self, scan_id: str) -> None:
        super().__init__("the scan was cancelled")
        self.scan_id = scan_id


class AlreadySetUpError(ConflictError):
    """The master password is already set."""

    def __init__(self) -> None:
        super().__init__("the master password is already set")


class FolderTakenError(ConflictError):
    """Another series already lives in this folder."""

    def __init__(self, folder: str, owner: str) -> None:
        super().__init__(f"the folder {_shown(folder)} belongs to {owner}")
        self.folder = folder
        self.owner = owner


class FileExistsConflictError(ConflictError):
    """A different file already has the final name; it is never overwritten."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} already exists and is left alone")
        self.path = path
        self.hint = "move it away or choose another name"


# --- prove who you are ---------------------------------------------------------------------


class DeniedError(AniworldError):
    """The caller may not do this."""


class BadCredentialsError(DeniedError):
    """The password is wrong."""

    def __init__(self) -> None:
        super().__init__("the password is wrong")


class WrongPasswordError(DeniedError):
    """The current password that confirms a change is wrong; the session stays valid."""

    def __init__(self) -> None:
        super().__init__("the current password is wrong")


class InvalidTokenError(DeniedError):
    """The token is malformed, forged, expired or revoked."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the token is not valid: {reason}")
        self.reason = reason


class NotSetUpError(DeniedError):
    """No master password is set yet."""

    def __init__(self) -> None:
        super().__init__("no master password is set yet")


class RateLimitedError(DeniedError):
    """The caller asked too often."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"too many requests; try again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class RestrictedError(DeniedError):
    """The catalogue does not give this to everybody."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} is restricted: {reason}")
        self.what = what


class ProviderDeniedError(DeniedError):
    """The provider refused the configured credentials; they are tried once."""

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider} refused the configured user name, password or token")
        self.provider = provider
        self.hint = f"correct providers.{provider} in the configuration"


# --- try later -----------------------------------------------------------------------------


class UnavailableError(AniworldError):
    """Something outside is not ready; the same call may succeed later.

    Attributes:
        retry_after: How long the other side asked us to wait, when it did.
    """

    retryable = True
    retry_after: timedelta | None = None


class StorageUnavailableError(UnavailableError):
    """The database cannot be reached, is locked or is full."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"the database is not available: {reason}")
        self.reason = reason
        self.retry_after = retry_after


class StorageFullError(StorageUnavailableError):
    """The disk that holds the data folder is full; nothing was changed, and nothing is lost."""

    hint = "free some space on the disk of the data folder; there is no need to restart"

    def __init__(self, place: str) -> None:
        UnavailableError.__init__(self, f"{place} cannot be written: the disk is full")
        self.reason = "the disk is full"
        self.place = place


class ProviderUnavailableError(UnavailableError):
    """A catalogue or hoster does not answer as it should."""

    def __init__(self, provider: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{provider} is not available: {reason}")
        self.provider = provider
        self.reason = reason
        self.retry_after = retry_after


class RequestBudgetError(UnavailableError):
    """The work under way has used up the requests it may make of a catalogue."""

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider} was asked enough for now; the rest comes the next time")
        self.provider = provider


class NeedsPersonError(UnavailableError):
    """The site wants a person: a bot check, a login or a region.

    Never retried in a loop and never worked around. The message, which is logged, names the page
    without its query; `link` and the hint keep the query, because many pages open only with it.
    """

    retryable = False

    def __init__(self, site: str, link: str, reason: str = "it asks for a person") -> None:
        super().__init__(f"{site} needs a person ({reason}): open {shown_link(link)}")
        self.site = site
        self.link = without_user(link)
        self.reason = reason
        self.hint = f"open {self.link} in a browser, then try again"


class NotYetAvailableError(UnavailableError):
    """The episode exists but not (yet) in a wanted language."""

    retryable = False

    def __init__(self, what: str, wanted: Sequence[str], offered: Sequence[str]) -> None:
        has = ", ".join(offered) or "nothing yet"
        super().__init__(f"{what} is not available in {', '.join(wanted)} (offered: {has})")
        self.wanted = tuple(wanted)
        self.offered = tuple(offered)
        self.hint = "try later, or allow more languages with --language"


class FetchInterruptedError(UnavailableError):
    """A transfer stopped before its end; received bytes are kept.

    Attributes:
        reason: What was observed.
        gave_up: Whether the time limit without progress is used up; retrying at once is useless.
    """

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, gave_up: bool = False
    ) -> None:
        super().__init__(f"the transfer was interrupted: {reason}")
        self.reason = reason
        self.retry_after = retry_after
        self.gave_up = gave_up


class LinkRefusedError(UnavailableError):
    """A server refuses a link; resolving its source again may give one that it accepts.

    Attributes:
        what: The host, or the part of the media that is refused.
        reason: The answer, such as `HTTP 403`.
    """

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"access to {what} is refused: {reason}")
        self.what = what
        self.reason = reason


class PartInUseError(FetchInterruptedError):
    """Another transfer uses the unfinished file, perhaps of a worker that hangs."""

    def __init__(self) -> None:
        super().__init__("another process is fetching this file", retry_after=timedelta(seconds=10))


class LinkExpiredError(LinkRefusedError):
    """A link that certainly has expired: its own expiry time or the answer says so."""

    def __init__(self, what: str, reason: str) -> None:
        UnavailableError.__init__(self, f"the link to {what} has expired: {reason}")
        self.what = what
        self.reason = reason


class DiskFullError(UnavailableError):
    """There is not enough space; nothing fetched is lost."""

    hint = "free some space; the download goes on from where it stopped"

    def __init__(self, path: str, needed: int | None = None) -> None:
        wants = f", {needed / 1e6:.0f} MB more are needed" if needed else ""
        super().__init__(f"the disk holding {path} is full{wants}")
        self.path = path
        self.needed = needed


class LibraryUnavailableError(UnavailableError):
    """The library folder is missing, unreadable or not writable."""

    hint = "is the drive mounted, and may this user write there?"

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"the library {path} cannot be used: {reason}")
        self.hint = hint or type(self).hint
        self.path = path
        self.reason = reason


class SubscriberLaggedError(UnavailableError):
    """A bus subscriber read too slowly and must load a fresh snapshot."""

    def __init__(self, missed: int) -> None:
        super().__init__(f"the subscriber fell behind by {missed} events")
        self.missed = missed


class NotificationFailedError(UnavailableError):
    """A notification could not be delivered."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"could not notify {target}: {reason}")
        self.target = target


class MissedDeadlineError(UnavailableError):
    """A step took longer than it may."""

    def __init__(self, what: str, limit: timedelta) -> None:
        super().__init__(f"{what} took longer than {limit.total_seconds():.0f} s")


class NotBeforeError(UnavailableError):
    """Work is put off to a later time, for a reason."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until
        self.hint = f"come back after {until:%Y-%m-%d %H:%M:%S} UTC; the queue keeps it"


# --- never retry ---------------------------------------------------------------------------


class UnusableError(AniworldError):
    """The other side gave something that will not become usable by waiting."""


class SourceGoneError(UnusableError):
    """The file or page behind a source, or a part of it, does not exist.

    Attributes:
        what: The file, the page, or the part.
        reason: What was observed.
        is_part: Whether only a part is missing, such as one segment; the link itself is good.
    """

    def __init__(
        self, what: str, reason: str = "it no longer exists", *, is_part: bool = False
    ) -> None:
        state = "missing" if is_part else "gone"
        super().__init__(f"{what} is {state}: {reason}")
        self.what = what
        self.reason = reason
        self.is_part = is_part


class UnsupportedSourceError(UnusableError):
    """Nothing installed can turn this source into media."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"cannot download from {what}: {reason}")
        self.what = what
        self.reason = reason


class ProtectedError(UnusableError):
    """The stream is protected; Aniworld does not circumvent protection."""

    def __init__(self, what: str, scheme: str) -> None:
        super().__init__(f"{what} is protected ({scheme})")
        self.scheme = scheme


class BadPlaylistError(UnusableError):
    """A manifest that cannot be read as one."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the playlist cannot be used: {reason}")
        self.reason = reason


class BadMediaError(UnusableError):
    """What arrived is not the media that was promised."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the media is not usable: {reason}")
        self.reason = reason


class AddressRefusedError(UnusableError):
    """A link leads to an address that must not be reached."""

    def __init__(self, address: str, reason: str) -> None:
        address = shown_link(address) if "://" in address else address
        super().__init__(f"refused to connect to {address}: {reason}")
        self.address = address
        self.reason = reason
        self.hint = "if the server is yours, list its host:port in ANIWORLD_ALLOWED_ADDRESSES"


class ProviderChangedError(UnusableError):
    """A page or answer no longer has the expected shape."""

    def __init__(self, provider: str, missing: str) -> None:
        super().__init__(f"{provider} has changed its pages: {missing} is missing")
        self.provider = provider
        self.missing = missing
        self.hint = "update aniworld-providers; the rest of the library is not affected"


class ProviderFaultError(UnusableError):
    """The adapter of a catalogue made a mistake of its own."""

    hint = "update or remove the distribution that offers it; everything else goes on"

    def __init__(self, provider: str, mistake: Exception) -> None:
        said = " ".join(f"{type(mistake).__name__}: {mistake}".split())[:300]
        super().__init__(f"the adapter of {provider} has a mistake in it: {said}")
        self.provider = provider


# --- call the operator ---------------------------------------------------------------------


class SetupError(AniworldError):
    """The installation or its settings are wrong."""


class AdapterNotFoundError(SetupError):
    """No installed distribution offers what the settings ask for."""

    def __init__(self, group: str, name: str, installed: Sequence[str]) -> None:
        super().__init__(f"no adapter {_shown(name)} for {group} is installed")
        self.group = group
        self.name = name
        self.installed = tuple(installed)
        self.hint = (
            f"installed: {', '.join(installed) or 'none'}; "
            f"install the distribution that offers it, such as aniworld-{name}"
        )


class AdapterBrokenError(SetupError):
    """An installed adapter cannot be loaded, or two claim one name."""

    def __init__(self, group: str, name: str, reason: str) -> None:
        super().__init__(f"the adapter {_shown(name)} for {group} is broken: {reason}")
        self.group = group
        self.name = name
        self.reason = reason


class SettingsError(SetupError):
    """Environment or command-line settings with mistakes; all of them are listed."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("wrong settings: " + "; ".join(problems))
        self.problems = tuple(problems)


class LibraryNotSetError(SetupError):
    """No library folder is configured, so nothing can be downloaded."""

    hint = "set ANIME_DIRECTORY, use --library, or: aniworld config set other.anime_directory DIR"

    def __init__(self) -> None:
        super().__init__("no library folder is set")


class ConfigCorruptError(SetupError):
    """`config.json` cannot be read; it is never overwritten."""

    def __init__(self, path: str, reason: str, newest_backup: str | None) -> None:
        super().__init__(f"{path} cannot be read: {reason}")
        self.path = path
        self.newest_backup = newest_backup
        self.hint = (
            f"the newest good backup is {newest_backup}; copy it over config.json"
            if newest_backup
            else "there is no good backup; correct the file by hand or move it away"
        )


class StorageCorruptError(SetupError):
    """The database file is damaged or newer than this program."""

    hint = "restore the newest copy of a damaged database: aniworld doctor --restore"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the database {path} cannot be used: {reason}")
        self.path = path
        self.reason = reason


class FormerDatabaseError(SetupError):
    """The database is that of the former program, whose tables are others."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the database {path} is of the former Aniworld and is left as it is")
        self.path = path
        self.hint = (
            "move it to another name and take it over from there: "
            "aniworld import-legacy --database OLD.db"
        )


class DataDirInUseError(SetupError):
    """Another server already runs on this data folder."""

    def __init__(self, path: str, pid: int | None) -> None:
        owner = f" (process {pid})" if pid else ""
        super().__init__(f"another server already uses {path}{owner}")
        self.path = path
        self.pid = pid


def shown_link(link: str) -> str:
    """Return a link without user, password, query and fragment, cut to 200 characters.

    Everything that errors, logs and progress lines show of a link goes through this.
    """
    shown = without_user(link.strip()[:2048].partition("?")[0].partition("#")[0])
    return shown if len(shown) <= 200 else shown[:197] + "..."


def without_user(link: str) -> str:
    """Return a link without the user and password in front of its host."""
    plain, mark, behind = _split_before(link.strip(), "?#")
    scheme, colon, rest = plain.partition("://") if "://" in plain else ("", "", plain)
    authority, slash, path = rest.partition("/")
    port = authority.rpartition(":")[2]
    if ":" in authority and "@" not in authority and "]" not in authority and not port.isdigit():
        # A password with a slash in it: parsers disagree where the host begins.
        authority, slash, path = rest.rpartition("@")[2].partition("/")
    return f"{scheme}{colon}{authority.rpartition('@')[2]}{slash}{path}{mark}{behind}"


def _split_before(text: str, marks: str) -> tuple[str, str, str]:
    """Split *text* at the first of *marks*."""
    at = min((place for mark in marks if (place := text.find(mark)) >= 0), default=len(text))
    return text[:at], text[at : at + 1], text[at + 1 :]


def _shown(raw: str) -> str:
    """Quote text of unknown origin so that it stays one short, printable line."""
    cut = raw if len(raw) <= 80 else raw[:77] + "..."
    return repr(cut)
