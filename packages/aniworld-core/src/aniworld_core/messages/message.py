"""A message, its JSON form, and the fields of views that show it."""

import errno
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from aniworld_core.messages.texts import TEXTS

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

    Placeholders are those of `str.format`, with formats of their own: `bytes`, `time` for ISO
    times, and `# file|# files` for the form after the number 1 and that after other numbers, with
    `#` for the number. Lists are joined with commas, or with the format if there is one. A part in
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
        if "|" in format_spec:
            one, _, other = format_spec.partition("|")
            return (one if value == 1 else other).replace("#", str(value))
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
    errno.ENAMETOOLONG: "name_too_long_for_disk",
    errno.ELOOP: "link_loop_there",
    errno.EISDIR: "is_a_folder",
    errno.EEXIST: "already_there",
    errno.EBUSY: "file_in_use",
    errno.ETXTBSY: "file_in_use",
    errno.ESTALE: "stale_mount",
    errno.ENOTCONN: "mount_gone",
    errno.ENOTEMPTY: "folder_not_empty",
    errno.EMFILE: "too_many_open_files",
    errno.ENFILE: "too_many_open_files",
    errno.EDQUOT: "quota_used_up",
    errno.EFBIG: "file_too_large_for_disk",
    errno.ETIMEDOUT: "connection_timed_out",
    errno.EHOSTDOWN: "host_down",
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_reset",
    errno.EHOSTUNREACH: "no_route",
    errno.ENETUNREACH: "no_network",
}
