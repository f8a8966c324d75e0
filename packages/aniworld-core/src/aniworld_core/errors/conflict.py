"""Errors about a state that changed: the caller reads it again and decides again."""

from aniworld_core.errors.base import AniworldError
from aniworld_core.messages import Message, clipped


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
        self.hint: str | None = Message("series_moved.hint", new_key=new_key)


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
    hint: str | None = Message("item_active.hint")

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=item_id)
        self.item_id = item_id


class ScanRunningError(ConflictError):
    """A scan is already running."""

    template = "a scan is already running"

    def __init__(self, scan_id: str) -> None:
        super().__init__()
        self.scan_id = scan_id


class TaskRunningError(ConflictError):
    """The background task is already running."""

    template = "the task {name} is already running"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.name = name


class ScanCancelledError(ConflictError):
    """The scan was cancelled before its end; the results so far are kept."""

    template = "the scan was cancelled"

    def __init__(self, scan_id: str) -> None:
        super().__init__()
        self.scan_id = scan_id


class UserExistsError(ConflictError):
    """Another account has this name, or one that differs in case or Unicode form only."""

    template = "there is already a user {name!r}"
    hint: str | None = Message("user_exists.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


class UserChangedError(ConflictError):
    """Somebody else changed the account after it was read; nothing is changed."""

    template = "the user {name!r} was changed by somebody else"
    hint: str | None = Message("user_changed.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


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
    hint: str | None = Message("file_exists_conflict.hint")

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self.path = path


class ConfigChangedError(ConflictError):
    """The configuration was changed since the caller read it; nothing was stored."""

    template = "the settings were changed by somebody else meanwhile"
    hint: str | None = Message("config_changed.hint")


class LibraryBusyError(ConflictError):
    """Another change of library files is running."""

    template = "another change of library files is running"
    hint: str | None = Message("library_busy.hint")

    def __init__(self) -> None:
        super().__init__()


class PlanChangedError(ConflictError):
    """The plan is no longer the one that was shown."""

    template = "the files or the library changed after the plan was made"
    hint: str | None = Message("plan_changed.hint")

    def __init__(self) -> None:
        super().__init__()


class ChangeRefusedError(ConflictError):
    """A change of library files cannot be applied as planned; nothing was changed.

    Args:
        path: The first file that is in the way.
        reason: Why.
        others: Number of further files that are in the way.
    """

    template = "nothing was changed: {path}: {reason}[ ({others} more)]"

    def __init__(self, path: str, reason: str, others: int = 0) -> None:
        super().__init__(path=path, reason=reason, others=others or None)
        self.path = path
        self.reason = reason


class JobNotUndoableError(ConflictError):
    """The bulk job is running, is undone already, or has changed nothing."""

    template = "job {number} has no changes that can be undone"

    def __init__(self, number: int) -> None:
        super().__init__(number=number)
        self.number = number


class UndoRefusedError(ConflictError):
    """The change is undone already, was never applied, or its files changed since."""

    template = "change {number} cannot be undone: {reason}"

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number=number, reason=reason)
        self.number = number
        self.reason = reason


class StorageNotMovedError(ConflictError):
    """The tables of a database cannot be copied to another one; the source is unchanged.

    Args:
        source: Where the database is that is read; empty if the reason is the other one.
        target: Where the database is that is written; empty if the reason is the other one.
        reason: Why.
    """

    template = "nothing is copied[ from {source}][ to {target}]: {reason}"

    def __init__(self, source: str, target: str, reason: str) -> None:
        super().__init__(source=source or None, target=target or None, reason=reason)
        self.source = source
        self.target = target
        self.reason = reason
