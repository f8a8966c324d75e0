"""Errors about something that does not exist: the caller names something else."""

from collections.abc import Sequence
from typing import Final

from aniworld_core.errors.base import AniworldError
from aniworld_core.messages import Message, clipped

#: Where series are looked up if no catalogue is named.
LIBRARY: Final = Message("the_library")


class NotFoundError(AniworldError):
    """The requested thing does not exist."""


class SeriesNotFoundError(NotFoundError):
    """No series has this key, in the library or in a catalogue."""

    template = "no series {key!r} in {where}[ ({reason})]"

    def __init__(
        self,
        key: str,
        *,
        where: str = LIBRARY,
        reason: str | None = None,
        close: Sequence[str] = (),
    ) -> None:
        """Create the error.

        Args:
            key: What was looked for.
            where: The library or a catalogue.
            reason: Why it is not there.
            close: Similar keys that exist.
        """
        place = where if where == LIBRARY else Message("at_catalogue", names=where)
        super().__init__(key=clipped(key), where=place, reason=reason)
        self.key = key
        self.where = where
        if close:
            self.hint: str | None = Message("not_found.close", names=list(close))
        elif where == LIBRARY:
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
        self.hint: str | None = Message("episode_not_found.hint", key=key)


class ItemNotFoundError(NotFoundError):
    """No queue item has this id."""

    template = "no queue item {item_id!r}"

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id=clipped(item_id))
        self.item_id = item_id


class TaskNotFoundError(NotFoundError):
    """There is no such background task, or only a server runs it."""

    template = "no task {name!r} can be run here"

    def __init__(self, name: str, *, runnable: Sequence[str]) -> None:
        super().__init__(name=clipped(name))
        self.name = name
        self.hint: str | None = Message("task_not_found.hint", names=list(runnable))


class MetadataNotFoundError(NotFoundError):
    """A metadata source has no such entry."""

    template = "{source} has no entry {entry_id!r}"
    hint: str | None = Message("metadata_not_found.hint")

    def __init__(self, source: str, entry_id: str) -> None:
        super().__init__(source=source, entry_id=clipped(entry_id))
        self.source = source
        self.entry_id = entry_id


class ChangeNotFoundError(NotFoundError):
    """The journal has no such change of library files."""

    template = "no change {number} in the history"
    hint: str | None = Message("change_not_found.hint")

    def __init__(self, number: int | str) -> None:
        super().__init__(number=clipped(str(number)))
        self.number = number


class JobNotFoundError(NotFoundError):
    """There is no such bulk job, or it was deleted because it is old."""

    template = "no job {number}"
    hint: str | None = Message("job_not_found.hint")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)
        self.number = number


class SessionNotFoundError(NotFoundError):
    """No session has this id."""

    def __init__(self, session_id: str) -> None:
        super().__init__(Message("session_missing"))
        self.session_id = session_id


class FolderNotFoundError(NotFoundError):
    """No folder without a series has this path."""

    template = "there is no folder {folder!r} without a series in the library"
    hint: str | None = Message("folder_not_found.hint")

    def __init__(self, folder: str) -> None:
        super().__init__(folder=clipped(folder))
        self.folder = folder


class PathNotFoundError(NotFoundError):
    """There is no folder of this path on the server."""

    template = "there is no folder {path}"

    def __init__(self, path: str) -> None:
        super().__init__(path=clipped(path))


class BackupNotFoundError(NotFoundError):
    """No configuration backup has this name."""

    template = "no configuration backup named {name!r}"
    hint: str | None = Message("backup_not_found.hint")

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


class ApiKeyNotFoundError(NotFoundError):
    """No API key has this id."""

    template = "no API key {key_id!r}"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id=clipped(key_id))
        self.key_id = key_id


class NotificationAddressNotFoundError(NotFoundError):
    """No notification address is stored at this position."""

    template = "no notification address {position} in {name!r}"
    hint: str | None = Message("notification_address_not_found.hint")

    def __init__(self, name: str, position: int) -> None:
        super().__init__(name=name, position=position)
        self.name = name
        self.position = position


class UserNotFoundError(NotFoundError):
    """No account has this id or name."""

    template = "there is no user {name!r}"

    def __init__(self, name: str) -> None:
        super().__init__(name=clipped(name))
        self.name = name


class SettingNotFoundError(NotFoundError):
    """The configuration has no such setting."""

    template = "there is no setting named {name!r}"
    hint: str | None = Message("setting_not_found.hint")

    def __init__(self, name: str, *, close: Sequence[str] = ()) -> None:
        """Create the error.

        Args:
            name: What was looked for.
            close: Similar settings that exist.
        """
        super().__init__(name=clipped(name))
        self.name = name
        if close:
            self.hint: str | None = Message("not_found.close", names=list(close))


class BrowseListNotFoundError(NotFoundError):
    """A catalogue does not offer this browse list."""

    template = "{where} does not offer the browse list {browse_list!r}"
    hint: str | None = Message("browse_list_not_found.hint")

    def __init__(self, where: str, browse_list: str) -> None:
        super().__init__(where=where, browse_list=str(browse_list))
        self.where = where
        self.browse_list = browse_list


class FileMissingError(NotFoundError):
    """The library has no file of an episode, or the file is gone."""

    template = "the library has no file of {wanted}"
    hint: str | None = Message("file_missing.hint")

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted=clipped(wanted))
        self.wanted = wanted


class CoverNotFoundError(NotFoundError):
    """There is no usable cover image."""

    template = "there is no cover of {wanted!r}: {reason}"

    def __init__(self, wanted: str, reason: str) -> None:
        super().__init__(wanted=clipped(wanted), reason=reason)
        self.wanted = wanted
        self.reason = reason


class LinkGoneError(NotFoundError):
    """A link given by the user leads to no file or page."""

    template = "{host} has nothing at this link: {reason}"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host=host, reason=reason)
        self.host = host
        self.reason = reason
