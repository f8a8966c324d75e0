"""Every error that leaves Aniworld, grouped by what the caller can do.

AniworldError
├── InvalidInputError      fix the input
├── NotFoundError          ask for something else
├── ConflictError          reload, decide again
├── DeniedError            prove who you are
├── UnavailableError       try later
├── UnusableError          never retry
└── SetupError             call the operator

Front ends map only the seven bases (to HTTP statuses and exit codes). `UnavailableError` is the
only one that is ever retried.

An error carries the `values` it is about. Its English message is built from them with the
`template` of its class, and `hint` says what a person can do next. Front ends that know the
`kind` write their own text from the values, in the reader's language (see `messages`).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from aniworld_core.messages import Message, Value, clipped, fill, utc

#: Where series are looked up if no catalogue is named.
LIBRARY: Final = Message("the_library")


class AniworldError(Exception):
    """Base of every error raised on purpose.

    Args:
        detail: What happened, for a class that has no template of its own.
        values: Values of the template's placeholders.

    Attributes:
        hint: What a person can do about it; `None` if the message already says it.
        values: What the message is built from.
    """

    #: The English message, with placeholders for `values` (see `messages.fill`).
    template: ClassVar[str] = "{detail}"
    #: Whether the same attempt may succeed later without anybody doing anything.
    retryable: ClassVar[bool] = False

    hint: str | None = None
    values: Mapping[str, Value]

    def __init__(self, detail: str = "", /, **values: Value) -> None:
        if detail:
            values["detail"] = detail
        elif not values and "{detail}" in self.template:
            values["detail"] = ""
        self.values = values
        super().__init__(fill(self.template, self.values))

    @property
    def kind(self) -> str:
        """Name the error for machines: the class name in snake case without its suffix."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__.removesuffix("Error"))
        return words.lower()

    @property
    def message(self) -> Message:
        """The message with its kind and values, to be used as the value of another."""
        return Message.of(self.kind, str(self), self.values)


# --- fix the input -------------------------------------------------------------------------


class InvalidInputError(AniworldError):
    """The input breaks a rule; the same input never succeeds."""


class InvalidKeyError(InvalidInputError):
    """The text is not a series key."""

    template = "{raw!r} is not a series key: {rule}"
    hint = Message("invalid_key.hint")

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidEpisodeError(InvalidInputError):
    """The text names neither an episode nor a range of episodes."""

    template = "{raw!r} is not an episode: {rule}"
    hint = Message("invalid_episode.hint")

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidLinkError(InvalidInputError):
    """The text is not a link, or no catalogue takes the link."""

    template = "cannot use the link {link!r}: {reason}"

    def __init__(self, link: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(link=clipped(shown_link(link)), reason=reason)
        self.link = link
        self.reason = reason
        self.hint = hint


class InvalidLanguageError(InvalidInputError):
    """The text names no language."""

    template = "{raw!r} is not a language"
    hint = Message("invalid_language.hint")

    def __init__(self, raw: str) -> None:
        super().__init__(raw=clipped(raw))
        self.raw = raw


class InvalidQualityError(InvalidInputError):
    """The text names no quality."""

    template = "{raw!r} is not a quality"
    hint = Message("invalid_quality.hint")

    def __init__(self, raw: str) -> None:
        super().__init__(raw=clipped(raw))
        self.raw = raw


class InvalidNameError(InvalidInputError):
    """The text cannot name a series, a backup or the like."""

    template = "{raw!r} is not a usable name: {rule}"

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidTemplateError(InvalidInputError):
    """A naming template cannot name every episode."""

    template = "the naming template {pattern!r} cannot be used: {reason}"

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(pattern=clipped(pattern), reason=reason)
        self.pattern = pattern
        self.reason = reason


class InvalidFieldsError(InvalidInputError):
    """A document has wrong fields; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation.
    """

    template = "the fields are not valid: {problems:; }"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems=_listed(problems))
        self.problems = tuple(problems)


class InvalidConfigError(InvalidInputError):
    """The configuration has mistakes; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation, in document order.
    """

    template = "the configuration is not valid: {problems:; }"
    hint = Message("invalid_config.hint")

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems=_listed(problems))
        self.problems = tuple(problems)


class WeakPasswordError(InvalidInputError):
    """The password breaks the policy; every broken rule is listed."""

    template = "the password is too weak, it needs: {violations:; }"

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__(violations=list(violations))
        self.violations = tuple(violations)


class LegacyDataError(InvalidInputError):
    """A file of the former program cannot be imported; it is not changed."""


class UnsafePathError(InvalidInputError):
    """The path would leave the folder it must stay in."""

    template = "cannot use the path {path!r}: {reason}"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path=clipped(path), reason=reason)
        self.path = path
        self.reason = reason


class UnknownProviderError(InvalidInputError):
    """No catalogue of this name is installed and enabled."""

    template = "there is no enabled catalogue named {name!r}"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name=clipped(name))
        self.name = name
        names = ", ".join(known)
        self.hint = (
            Message("unknown_provider.hint", names=names) if names else Message("no_provider.hint")
        )


class UsageError(InvalidInputError):
    """A command or request contradicts itself."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


# --- ask for something else ----------------------------------------------------------------


class NotFoundError(AniworldError):
    """The requested thing does not exist."""


class SeriesNotFoundError(NotFoundError):
    """No series has this key, in the library or in a catalogue."""

    template = "no series {key!r} in {where}[ ({reason})]"

    def __init__(self, key: str, *, where: str = LIBRARY, reason: str | None = None) -> None:
        super().__init__(key=clipped(key), where=where, reason=reason)
        self.key = key
        self.where = where
        if where == LIBRARY:
            self.hint = Message("series_not_found.hint", key=key)


class EpisodeNotFoundError(NotFoundError):
    """The series has no such episode.

    Attributes:
        positions: Indexes of the requested selections that name no episode; empty for a look-up
            of one episode.
    """

    template = "{key!r} has no episode {code}"

    def __init__(self, key: str, code: str, *, positions: tuple[int, ...] = ()) -> None:
        super().__init__(key=clipped(key), code=code)
        self.positions = positions
        self.key = key
        self.code = code
        self.hint = Message("episode_not_found.hint", key=key)


class ItemNotFoundError(NotFoundError):
    """No queue item has this id."""

    template = "no queue item {item_id!r}"

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=clipped(item_id))
        self.item_id = item_id


class SessionNotFoundError(NotFoundError):
    """No session has this id."""

    def __init__(self, session_id: str) -> None:
        super().__init__("no such session")
        self.session_id = session_id


class BackupNotFoundError(NotFoundError):
    """No configuration backup has this name."""

    template = "no configuration backup named {name!r}"
    hint = Message("backup_not_found.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


class ApiKeyNotFoundError(NotFoundError):
    """No API key has this id."""

    template = "no API key {key_id!r}"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id=clipped(key_id))
        self.key_id = key_id


class SettingNotFoundError(NotFoundError):
    """The configuration has no such setting."""

    template = "there is no setting named {name!r}"
    hint = Message("setting_not_found.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


class BrowseListNotFoundError(NotFoundError):
    """A catalogue does not offer this browse list."""

    template = "{where} does not offer the browse list {browse_list!r}"
    hint = Message("browse_list_not_found.hint")

    def __init__(self, where: str, browse_list: str) -> None:
        super().__init__(where=where, browse_list=str(browse_list))
        self.where = where
        self.browse_list = browse_list


class CoverNotFoundError(NotFoundError):
    """There is no usable cover image."""

    template = "there is no cover of {wanted!r}: {reason}"

    def __init__(self, wanted: str, reason: str) -> None:
        super().__init__(wanted=clipped(wanted), reason=reason)
        self.wanted = wanted
        self.reason = reason


class LinkGoneError(NotFoundError):
    """A link given by the user leads to nothing."""

    template = "{host} has nothing at this link: {reason}"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host=host, reason=reason)
        self.host = host
        self.reason = reason


# --- reload, decide again ------------------------------------------------------------------


class ConflictError(AniworldError):
    """The state does not allow the step, for example after a change by another client."""


class SeriesExistsError(ConflictError):
    """The key is already taken."""

    template = "the library already has {key!r}"

    def __init__(self, key: str) -> None:
        super().__init__(key=clipped(key))
        self.key = key


class SeriesMovedError(ConflictError):
    """The catalogue answers with another key than the requested one.

    Attributes:
        key: The requested key.
        new_key: The key of the answer.
    """

    template = "the catalogue now calls {key!r} {new_key!r}"

    def __init__(self, key: str, new_key: str, link: str) -> None:
        super().__init__(key=clipped(key), new_key=clipped(new_key))
        self.key = key
        self.new_key = new_key
        self.link = link
        self.hint = Message("series_moved.hint", new_key=new_key)


class AlreadyQueuedError(ConflictError):
    """The queue already has an open item for this episode."""

    template = "{key} {code} is already in the queue"

    def __init__(self, key: str, code: str) -> None:
        super().__init__(key=key, code=code)
        self.key = key
        self.code = code


class StaleItemError(ConflictError):
    """The item has changed since it was read."""

    template = "queue item {item_id} has changed in the meantime"

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=item_id)
        self.item_id = item_id


class ClaimLostError(ConflictError):
    """The worker no longer holds the item."""

    template = "queue item {item_id} is no longer claimed by this worker"

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=item_id)
        self.item_id = item_id


class IllegalTransitionError(ConflictError):
    """The item's status does not allow this step."""

    template = "queue item {item_id} is {status} and cannot {step}"

    def __init__(self, item_id: str, status: str, step: str) -> None:
        super().__init__(item_id=item_id, status=status, step=step)
        self.item_id = item_id
        self.status = status
        self.step = step


class ItemActiveError(ConflictError):
    """The item is being downloaded and must be stopped first."""

    template = "queue item {item_id} is being downloaded"
    hint = Message("item_active.hint")

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=item_id)
        self.item_id = item_id


class ScanRunningError(ConflictError):
    """A scan is already running."""

    template = "a scan is already running"

    def __init__(self, scan_id: str) -> None:
        super().__init__()
        self.scan_id = scan_id


class ScanCancelledError(ConflictError):
    """The scan was cancelled before its end; the results so far are kept."""

    template = "the scan was cancelled"

    def __init__(self, scan_id: str) -> None:
        super().__init__()
        self.scan_id = scan_id


class AlreadySetUpError(ConflictError):
    """The master password is already set."""

    template = "the master password is already set"


class FolderTakenError(ConflictError):
    """The folder belongs to another series."""

    template = "the folder {folder!r} belongs to {owner}"

    def __init__(self, folder: str, owner: str) -> None:
        super().__init__(folder=clipped(folder), owner=owner)
        self.folder = folder
        self.owner = owner


class FileExistsConflictError(ConflictError):
    """A different file already has the final name; it is never overwritten."""

    template = "{path} already exists and is not overwritten"
    hint = Message("file_exists_conflict.hint")

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self.path = path


# --- prove who you are ---------------------------------------------------------------------


class DeniedError(AniworldError):
    """The caller may not do this."""


class BadCredentialsError(DeniedError):
    """The password is wrong."""

    template = "the password is wrong"


class WrongPasswordError(DeniedError):
    """The current password that confirms a change is wrong; the session stays valid."""

    template = "the current password is wrong"


class InvalidTokenError(DeniedError):
    """The token is malformed, forged, expired or revoked."""

    template = "the token is not valid: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class NotSetUpError(DeniedError):
    """No master password is set yet."""

    template = "no master password is set yet"

    @property
    def kind(self) -> str:
        """The kind that the interface description gives: `setup_required`."""
        return "setup_required"


class RateLimitedError(DeniedError):
    """The caller sent too many requests."""

    template = "too many requests; try again in {wait_seconds:.0f} s"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(wait_seconds=retry_after.total_seconds())
        self.retry_after = retry_after


class RestrictedError(DeniedError):
    """The catalogue or the server does not give this to everybody."""

    template = "{what} is restricted: {reason}"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what


class ProviderDeniedError(DeniedError):
    """The provider refused the configured credentials; they are tried once."""

    template = "{provider} refused the configured user name, password or token"

    def __init__(self, provider: str) -> None:
        super().__init__(provider=provider)
        self.provider = provider
        self.hint = Message("provider_denied.hint", provider=provider)


# --- try later -----------------------------------------------------------------------------


class UnavailableError(AniworldError):
    """Something outside is not ready; the same call may succeed later.

    Attributes:
        retry_after: How long the other side asked to wait; `None` if it did not.
    """

    retryable = True
    retry_after: timedelta | None = None


class StorageUnavailableError(UnavailableError):
    """The database cannot be reached, is locked or is full."""

    template = "the database is not available: {reason}"

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason=reason)
        self.reason = reason
        self.retry_after = retry_after


class StorageFullError(StorageUnavailableError):
    """The disk of the data folder is full; nothing was changed, and nothing is lost."""

    template = "{path} cannot be written: the disk is full"
    hint = Message("storage_full.hint")

    def __init__(self, path: str) -> None:
        UnavailableError.__init__(self, path=path)
        self.reason = Message("no_space_left")
        self.path = path


class ProviderUnavailableError(UnavailableError):
    """A catalogue or hoster gives no usable answer."""

    template = "{provider} is not available: {reason}"

    def __init__(self, provider: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(provider=provider, reason=reason)
        self.provider = provider
        self.reason = reason
        self.retry_after = retry_after


class RequestBudgetError(UnavailableError):
    """The running job has used up the requests it may send to a catalogue."""

    template = "{provider} received enough requests for now; the rest follows the next time"

    def __init__(self, provider: str) -> None:
        super().__init__(provider=provider)
        self.provider = provider


class NeedsPersonError(UnavailableError):
    """The site asks for a person: a bot check, a login or a region.

    Never retried in a loop and never worked around. The message, which is logged, names the page
    without its query; `link` and the hint keep the query, because many pages open only with it.
    """

    template = "{site} needs a person ({reason}): open {link}"
    retryable = False

    def __init__(self, site: str, link: str, reason: str = Message("person_wanted")) -> None:
        super().__init__(site=site, reason=reason, link=shown_link(link))
        self.site = site
        self.link = without_user(link)
        self.reason = reason
        self.hint = Message("needs_person.hint", link=self.link)


class NotYetAvailableError(UnavailableError):
    """The episode exists but not (yet) in a wanted language."""

    template = "{what} is not available in {wanted_languages}[ (offered: {offered_languages})]"
    hint = Message("not_yet_available.hint")
    retryable = False

    def __init__(self, what: str, wanted: Sequence[str], offered: Sequence[str]) -> None:
        super().__init__(what=what, wanted_languages=list(wanted), offered_languages=list(offered))
        self.wanted = tuple(wanted)
        self.offered = tuple(offered)


class FetchInterruptedError(UnavailableError):
    """A transfer stopped before its end; received bytes are kept.

    Attributes:
        reason: What was observed.
        gave_up: Whether the time limit without progress is used up; retrying at once is useless.
    """

    template = "the transfer was interrupted: {reason}"

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, gave_up: bool = False
    ) -> None:
        super().__init__(reason=reason)
        self.reason = reason
        self.retry_after = retry_after
        self.gave_up = gave_up


class LinkRefusedError(UnavailableError):
    """A server refuses a link; resolving its source again may give one that it accepts.

    Attributes:
        what: The host, or the part of the media that is refused.
        reason: The answer, such as `HTTP 403`.
    """

    template = "access to {what} is refused: {reason}"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what
        self.reason = reason


class PartInUseError(FetchInterruptedError):
    """Another transfer uses the unfinished file, perhaps of a worker that hangs."""

    def __init__(self) -> None:
        super().__init__(Message("other_process"), retry_after=timedelta(seconds=10))


class LinkExpiredError(LinkRefusedError):
    """A link that certainly has expired: its own expiry time or the answer says so."""

    template = "the link to {what} has expired: {reason}"


class DiskFullError(UnavailableError):
    """There is not enough space; received bytes are kept.

    Attributes:
        needed: Missing bytes, if known.
    """

    template = "the disk holding {path} is full[, {needed_bytes:bytes} more are needed]"
    hint = Message("disk_full.hint")

    def __init__(self, path: str, needed: int | None = None) -> None:
        super().__init__(path=path, needed_bytes=needed or None)
        self.path = path
        self.needed = needed


class LibraryUnavailableError(UnavailableError):
    """The library folder is missing, unreadable or not writable."""

    template = "the library {path} cannot be used: {reason}"
    hint: str = Message("library_unavailable.hint")

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(path=path, reason=reason)
        self.hint = hint or type(self).hint
        self.path = path
        self.reason = reason


class SubscriberLaggedError(UnavailableError):
    """A bus subscriber read too slowly and must load a fresh snapshot."""

    template = "the subscriber fell behind by {missed} events"

    def __init__(self, missed: int) -> None:
        super().__init__(missed=missed)
        self.missed = missed


class NotificationFailedError(UnavailableError):
    """A notification could not be delivered."""

    template = "could not notify {target}: {reason}"

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target=target, reason=reason)
        self.target = target


class MissedDeadlineError(UnavailableError):
    """A step took longer than allowed."""

    template = "{what} took longer than {limit_seconds:.0f} s"

    def __init__(self, what: str, limit: timedelta) -> None:
        super().__init__(what=what, limit_seconds=limit.total_seconds())


class NotBeforeError(UnavailableError):
    """Work is put off to a later time."""

    template = "{reason}"

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason=reason)
        self.until = until
        self.hint = Message("not_before.hint", until_at=utc(until))


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

    template = "{what} is missing: {reason}"

    def __init__(
        self, what: str, reason: str = Message("no_longer_exists"), *, is_part: bool = False
    ) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what
        self.reason = reason
        self.is_part = is_part


class UnsupportedSourceError(UnusableError):
    """Nothing installed can turn this source into media."""

    template = "cannot download from {what}: {reason}"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what=what, reason=reason)
        self.what = what
        self.reason = reason


class ProtectedError(UnusableError):
    """The stream is protected; Aniworld does not circumvent protection."""

    template = "{what} is protected ({scheme})"

    def __init__(self, what: str, scheme: str) -> None:
        super().__init__(what=what, scheme=scheme)
        self.scheme = scheme


class BadPlaylistError(UnusableError):
    """The manifest cannot be parsed, or is not a manifest."""

    template = "the playlist cannot be used: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class BadMediaError(UnusableError):
    """The received bytes are not the promised media."""

    template = "the media is not usable: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class AddressRefusedError(UnusableError):
    """A link leads to an address that must not be reached."""

    template = "refused to connect to {address}: {reason}"
    hint = Message("address_refused.hint")

    def __init__(self, address: str, reason: str) -> None:
        address = shown_link(address) if "://" in address else address
        super().__init__(address=address, reason=reason)
        self.address = address
        self.reason = reason


class ProviderChangedError(UnusableError):
    """A page or answer no longer has the expected structure."""

    template = "{provider} has changed its pages: {missing} is missing"
    hint = Message("provider_changed.hint")

    def __init__(self, provider: str, missing: str) -> None:
        super().__init__(provider=provider, missing=missing)
        self.provider = provider
        self.missing = missing


class ProviderFaultError(UnusableError):
    """The adapter of a catalogue has a bug."""

    template = "the adapter of {provider} has a bug: {error}"
    hint = Message("provider_fault.hint")

    def __init__(self, provider: str, mistake: Exception) -> None:
        said = " ".join(f"{type(mistake).__name__}: {mistake}".split())[:300]
        super().__init__(provider=provider, error=said)
        self.provider = provider


# --- call the operator ---------------------------------------------------------------------


class SetupError(AniworldError):
    """The installation or its settings are wrong."""


class AdapterNotFoundError(SetupError):
    """No installed distribution offers the configured adapter."""

    template = "no adapter {name!r} for {group} is installed"

    def __init__(self, group: str, name: str, installed: Sequence[str]) -> None:
        super().__init__(name=clipped(name), group=group)
        self.group = group
        self.name = name
        self.installed = tuple(installed)
        self.hint = (
            f"installed: {', '.join(installed) or 'none'}; "
            f"install the distribution that offers it, such as aniworld-{name}"
        )


class AdapterBrokenError(SetupError):
    """An installed adapter cannot be loaded, or two adapters claim one name."""

    template = "the adapter {name!r} for {group} is broken: {reason}"

    def __init__(self, group: str, name: str, reason: str) -> None:
        super().__init__(name=clipped(name), group=group, reason=reason)
        self.group = group
        self.name = name
        self.reason = reason


class SettingsError(SetupError):
    """Environment variables or command-line options have mistakes; all of them are listed."""

    template = "wrong settings: {problems:; }"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems=list(problems))
        self.problems = tuple(problems)


class LibraryNotSetError(SetupError):
    """No library folder is configured, so nothing can be downloaded."""

    template = "no library folder is set"
    hint = Message("library_not_set.hint")


class ConfigCorruptError(SetupError):
    """`config.json` cannot be read; it is never overwritten."""

    template = "{path} cannot be read: {reason}"

    def __init__(self, path: str, reason: str, newest_backup: str | None) -> None:
        super().__init__(path=path, reason=reason)
        self.path = path
        self.newest_backup = newest_backup
        self.hint = (
            f"the newest good backup is {newest_backup}; copy it over config.json"
            if newest_backup
            else "there is no good backup; correct the file by hand or move it away"
        )


class StorageCorruptError(SetupError):
    """The database file is damaged or was written by a newer version."""

    template = "the database {path} cannot be used: {reason}"
    hint = "restore the newest copy of a damaged database: aniworld doctor --restore"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path=path, reason=reason)
        self.path = path
        self.reason = reason


class FormerDatabaseError(SetupError):
    """The database belongs to the former program, which has other tables."""

    template = "the database {path} belongs to the former Aniworld and is not changed"
    hint = "rename it, then import it from there: aniworld import-legacy --database OLD.db"

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self.path = path


class DataDirInUseError(SetupError):
    """Another server uses this data folder."""

    template = "another server already uses {path}[ (process {pid})]"

    def __init__(self, path: str, pid: int | None) -> None:
        super().__init__(path=path, pid=pid)
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


def _listed(problems: Sequence[tuple[str, str]]) -> list[str]:
    return [
        Message("field_problem", pointer=pointer or "/", problem=problem)
        for pointer, problem in problems
    ]
