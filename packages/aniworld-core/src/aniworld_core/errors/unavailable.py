"""Errors that time may resolve: the caller tries again later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aniworld_core.errors.base import AniworldError, shown_link, without_user
from aniworld_core.messages import Message, utc


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
    hint: str | None = Message("storage_full.hint")

    def __init__(self, path: str) -> None:
        UnavailableError.__init__(self, path=path)
        self.reason: str = Message("no_space_left")
        self.path = path


class ProviderUnavailableError(UnavailableError):
    """A catalogue or hoster gives no usable answer."""

    template = "{provider} is not available: {reason}"

    def __init__(self, provider: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(provider=provider, reason=reason)
        self.provider = provider
        self.reason = reason
        self.retry_after = retry_after


class CatalogueRestsError(UnavailableError):
    """A catalogue is not asked for a while: it failed repeatedly, or it asked for a pause.

    Attributes:
        catalogue: Its name, with the host if one of its servers rests: `jellyfin at attic:8096`.
        has_open_circuit: Whether its circuit breaker is open; otherwise it asked for a pause.
    """

    template = "{catalogue} is not asked for now: {reason}"
    retry_after: timedelta

    def __init__(
        self,
        catalogue: str,
        reason: Message,
        *,
        retry_after: timedelta,
        has_open_circuit: bool = False,
    ) -> None:
        super().__init__(catalogue=catalogue, reason=reason)
        self.catalogue = catalogue
        self.retry_after = retry_after
        self.has_open_circuit = has_open_circuit


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
        self.link: str = without_user(link)
        self.reason = reason
        self.hint: str | None = Message("needs_person.hint", link=self.link)


class NotYetAvailableError(UnavailableError):
    """The episode exists but not (yet) in a wanted language."""

    template = "{what} is not available in {wanted_languages}[ (offered: {offered_languages})]"
    hint: str | None = Message("not_yet_available.hint")
    retryable = False

    def __init__(self, what: str, wanted: Sequence[str], offered: Sequence[str]) -> None:
        super().__init__(what=what, wanted_languages=list(wanted), offered_languages=list(offered))
        self.wanted: tuple[str, ...] = tuple(wanted)
        self.offered: tuple[str, ...] = tuple(offered)


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


class LoginNeededError(LinkRefusedError):
    """A server asks for a login (HTTP 401); a fresh link does not help."""

    template = "{what} needs a login: {reason}"
    hint: str | None = Message("login_needed.hint")
    retryable = False


class DiskFullError(UnavailableError):
    """There is not enough space; received bytes are kept.

    Attributes:
        needed: Missing bytes, if known.
    """

    template = "the disk holding {path} is full[, {needed_bytes:bytes} more are needed]"
    hint: str | None = Message("disk_full.hint")

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
        self.hint: str | None = hint or type(self).hint
        self.path = path
        self.reason = reason


class SubscriberLaggedError(UnavailableError):
    """A bus subscriber read too slowly and must load a fresh snapshot."""

    template = "the subscriber fell behind by {missed:# event|# events}"

    def __init__(self, missed: int) -> None:
        super().__init__(missed=missed)
        self.missed = missed


class NotificationFailedError(UnavailableError):
    """A notification could not be delivered."""

    template = "could not notify {target}: {reason}"

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target=target, reason=reason)
        self.target = target


class MediaServerFailedError(UnavailableError):
    """A media server could not be refreshed or tested.

    Attributes:
        reason: What was observed.
        is_final: Whether a retry is useless until somebody corrects something.
    """

    template = "media server {server}: {reason}"

    def __init__(self, server: str, reason: str, *, is_final: bool = False) -> None:
        super().__init__(server=server, reason=reason)
        self.server = server
        self.reason = reason
        self.is_final = is_final


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
        self.hint: str | None = Message("not_before.hint", until_at=utc(until))


class ChangeRevertedError(LibraryUnavailableError):
    """A change of library files failed and was rolled back completely."""

    template = "nothing was changed: {path}: {reason}"


class ChangeOutOfSpaceError(DiskFullError):
    """A change of library files did not fit on the disk and was rolled back completely."""

    template = "nothing was changed, the disk holding {path} is full"
    hint: str | None = Message("change_out_of_space.hint")


class ChangeStuckError(UnavailableError):
    """A change of library files could neither be finished nor rolled back yet."""

    template = "change {number} is incomplete: {path}: {reason}"

    def __init__(self, number: int, path: str, reason: str) -> None:
        super().__init__(number=number, path=path, reason=reason)
        self.number = number
        self.path = path
        self.reason = reason
        self.hint: str | None = Message("change_stuck.hint", number=number)
