"""Description of one setting, from which checks, views, forms and documentation derive."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs

#: Key of the description in the metadata of a field.
SETTING: Final = "aniworld.setting"
#: Key in the metadata of a field that is no part of the document.
NOT_IN_DOCUMENT: Final = "aniworld.not_in_document"
#: Stands for any name of a mapping and any position of a list in the path of a setting.
ANY: Final = "*"
KIB: Final = 1024
MIB: Final = 1024**2
GIB: Final = 1024**3

T = TypeVar("T")


@attrs.frozen
class Unit:
    """Unit of a number.

    Attributes:
        name: Key of its text: `unit.<name>`.
        stored: Unit of the number in the document.
        scale: How many stored units one displayed unit has.
    """

    name: str
    stored: str
    scale: int = 1

    @property
    def is_of_bytes(self) -> bool:
        """Whether the number counts bytes, so that `2M` is one of its values."""
        return self.stored.startswith("bytes")


SECONDS: Final = Unit("seconds", "seconds")
MINUTES: Final = Unit("minutes", "minutes")
HOURS: Final = Unit("hours", "hours")
DISPLAYED_MB_PER_SECOND: Final = Unit("mb_per_second", "bytes per second", 1_000_000)
DISPLAYED_MIB: Final = Unit("mib", "bytes", MIB)
DISPLAYED_GIB: Final = Unit("gib", "bytes", GIB)


@attrs.frozen
class TextForm:
    """Form that a text must have.

    Attributes:
        name: Short name, shown in the documentation.
        problems: Returns all problems of a text, in words.
        example: A text of this form.
        is_address: Whether requests are sent to the text.
    """

    name: str
    problems: Callable[[str], Sequence[str]] = attrs.field(repr=False)
    example: str = ""
    is_address: bool = False


@attrs.frozen(kw_only=True)
class Setting:
    """Description of a setting besides its name, type and default.

    Attributes:
        bounds: Minimum and maximum of a number.
        unit: Unit of a number.
        choices: Allowed values of a text, or of each entry of a list; empty means any.
        any_case: Whether choices ignore case.
        form: Form of a text, or of each entry of a list; an empty text is always allowed.
        is_required: Whether a text or list must not be empty.
        is_unique: Whether the entries of a list must differ.
        is_secret: Whether views hide the value.
        is_address: Whether secrets beside it and below it are sent to this address or user.
        is_proxy: Whether requests, with their secrets, go through it.
        is_folder: Whether it names a folder, which must be absolute and exist.
        needs_password: Whether a change over the network needs the master password.
        is_internal: Whether only the program itself changes it.
        adapters: Group of entry points; a page offers the names of the installed adapters.
        is_fixed: Whether a page only shows it: it is read at start, and a change moves no file.
        is_advanced: Whether a page shows it only on request.
        is_announced: Whether it applies only to catalogues whose settings class names it in `uses`.
        texts: Key of the texts of the choices: `<texts>.<choice>`; empty shows choices unchanged.
        labels: Label by language, for settings that an adapter declares.
        hints: Help text by language, for settings that an adapter declares.
    """

    bounds: tuple[float, float] | None = None
    unit: Unit | None = None
    choices: tuple[str, ...] = ()
    any_case: bool = False
    form: TextForm | None = None
    is_required: bool = False
    is_unique: bool = False
    is_secret: bool = False
    is_address: bool = False
    is_proxy: bool = False
    is_folder: bool = False
    needs_password: bool = False
    is_internal: bool = False
    is_announced: bool = False
    is_fixed: bool = False
    is_advanced: bool = False
    adapters: str = ""
    texts: str = ""
    labels: Mapping[str, str] = attrs.field(factory=dict)
    hints: Mapping[str, str] = attrs.field(factory=dict)

    def allows(self, text: str) -> bool:
        """Return whether a text is one of the choices; true without choices."""
        if self.any_case:
            return text.casefold() in {choice.casefold() for choice in self.choices}
        return not self.choices or text in self.choices

    @property
    def metadata(self) -> dict[str, object]:
        """Metadata for the attrs field of the setting."""
        return {SETTING: self}


#: Description of a setting without special properties.
PLAIN: Final = Setting()


def setting(default: T, description: Setting = PLAIN) -> T:
    """Declare a setting with its default and its description."""
    # Addresses may contain a user name and a password.
    is_shown = not (description.is_secret or description.is_address or description.is_proxy)
    declared: T = attrs.field(default=default, repr=is_shown, metadata=description.metadata)
    return declared


@attrs.frozen(kw_only=True)
class DescribedSetting:
    """A setting of a class: its path, type, default and description.

    Attributes:
        path: Names from the root of the document; `*` for any name or position.
        kind: Declared type.
        default: Value when the document does not mention it; `None` where one is required.
    """

    path: tuple[str, ...]
    kind: Any
    default: object
    description: Setting

    @property
    def choices(self) -> tuple[str, ...]:
        """Allowed values of a text or of each entry of a list; empty means any."""
        kind = self.kind
        if not self.description.choices and isinstance(kind, type) and issubclass(kind, StrEnum):
            return tuple(choice.value for choice in kind)
        return self.description.choices

    @property
    def name(self) -> str:
        """Name with dots, such as `downloads.concurrent`."""
        return ".".join(self.path)

    @property
    def text(self) -> str:
        """Key of its label; that of its help text ends in `.hint`."""
        return ".".join(["setting", *(name for name in self.path if name != ANY)])


def described(cls: type, path: tuple[str, ...] = ()) -> Iterator[DescribedSetting]:
    """Yield every setting of a class of settings, those of inner sections included."""
    for field in attrs.fields(cls):
        if not is_setting(field):
            continue
        here = (*path, field.name)
        section = section_of(field.type)
        if section is None or SETTING in field.metadata:
            default = field.default
            if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class at run time
                default = default.factory()
            yield DescribedSetting(
                path=here,
                kind=field.type,
                default=None if default is attrs.NOTHING else default,
                description=description_of(field),
            )
        if section is not None:
            inside = here if section is field.type else (*here, ANY)
            yield from described(section, inside)


def is_setting(field: "attrs.Attribute[Any]") -> bool:
    """Return whether a field is a setting or a section of settings."""
    return NOT_IN_DOCUMENT not in field.metadata


def description_of(field: "attrs.Attribute[Any]") -> Setting:
    """Return the description of a field, or an empty one."""
    found: Setting = field.metadata.get(SETTING, PLAIN)
    return found


def section_of(kind: Any) -> type | None:
    """Return the settings class of a type or of its elements, if any."""
    return next((each for each in (kind, *get_args(kind)) if _is_section(each)), None)


def _is_section(kind: Any) -> bool:
    if not isinstance(kind, type) or not attrs.has(kind):
        return False
    return any(SETTING in field.metadata for field in attrs.fields(kind))


def is_list(kind: Any) -> bool:
    """Whether a type is `tuple[T, ...]`."""
    return get_origin(kind) is tuple
