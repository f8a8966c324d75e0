"""Configuration, description of its settings, and its backups as JSON."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin

import attrs
from msgspec import Meta

from aniworld_core.application.configuration import ConfigCheck
from aniworld_core.documents import plain_type, plain_values
from aniworld_core.domain.configuration import (
    ABSOLUTE_FOLDER,
    MOST_CHARACTERS,
    MOST_ENTRIES,
    PLAIN,
    Config,
    DescribedSetting,
    Setting,
    described,
    description_of,
    is_list,
    is_setting,
    section_of,
)
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.domain.media import Language
from aniworld_core.messages import MessageView, kind_field, values_field


def _schema_of(kind: Any, description: Setting = PLAIN) -> dict[str, Any]:
    """Return the JSON schema of a setting or a section, from its type and description."""
    plain = plain_type(kind)
    if (section := section_of(plain)) is not None and section is plain:
        return _section_schema(section)
    if get_origin(plain) is Mapping:
        return {"type": "object", "additionalProperties": _schema_of(get_args(plain)[1])}
    if is_list(plain):
        schema = {
            "type": "array",
            "items": _schema_of(get_args(plain)[0], attrs.evolve(description, is_required=False)),
            "maxItems": MOST_ENTRIES,
            "uniqueItems": description.is_unique or None,
            "minItems": 1 if description.is_required else None,
        }
    elif plain in (int, float):
        least, most = description.bounds or (None, None)
        name = "integer" if plain is int else "number"
        schema = {"type": name, "minimum": least, "maximum": most}
    elif plain is bool:
        schema = {"type": "boolean"}
    else:
        schema = {"type": "string", "maxLength": MOST_CHARACTERS} | _text_schema(plain, description)
    schema = {name: value for name, value in schema.items() if value is not None}
    if plain is not kind:
        schema["type"] = [schema["type"], "null"]
    return schema


def _text_schema(kind: Any, description: Setting) -> dict[str, Any]:
    choices = description.choices
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = tuple(member.value for member in kind)
    is_open = not choices or description.any_case
    empty = () if description.is_required else ("",)
    return {
        "enum": None if is_open else [*(empty if kind is str else ()), *choices],
        "examples": [description.form.example]
        if description.form is not None and description.form.example
        else None,
    }


def _section_schema(cls: type[Any]) -> dict[str, Any]:
    """Return the JSON schema of a section; unknown settings are preserved."""
    fields = [field for field in attrs.fields(cls) if is_setting(field)]
    properties = {}
    for field in fields:
        schema = _schema_of(field.type, description_of(field))
        if schema["type"] != "object" and field.default is not attrs.NOTHING:
            schema["default"] = plain_values(field.default)
        properties[field.name] = schema
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    schema = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


_PROPERTIES: Final = _section_schema(Config)["properties"]
_GUARDED: Final = ", ".join(
    each.name for each in described(Config) if each.description.needs_password
)
#: Any part of the document of `config.json`.
ConfigDocument = Annotated[
    dict[str, object],
    Meta(
        title="ConfigDocument",
        description="The configuration as in config.json; secrets are shown as ********.",
        extra_json_schema={"properties": _PROPERTIES},
    ),
]
#: A part of it to change, and the password if a path changes.
ConfigChange = Annotated[
    dict[str, object],
    Meta(
        title="ConfigChange",
        description=(
            "The whole configuration or any part of it. Secrets sent back as ******** stay as they "
            "are; where the address they belong to changes they must be given again. "
            f"`current_password` must be given where {_GUARDED} change."
        ),
        extra_json_schema={
            "properties": {**_PROPERTIES, "current_password": {"type": "string"}},
        },
    ),
]
#: A document to check; invalid values are allowed, and the response lists the problems.
ConfigDraft = Annotated[
    dict[str, object],
    Meta(
        title="ConfigDraft",
        description="A configuration, or a part of it, that may break any rule of `ConfigChange`.",
    ),
]
#: Input kinds of a setting on the page.
FieldKind: TypeAlias = Literal[
    "switch", "number", "text", "choice", "list", "languages", "several", "servers"
]
#: Page section of each document section; others are shown under their own name.
_GROUPS: Final = {
    "name": "library",
    "other": "library",
    "logging": "maintenance",
    "backup": "maintenance",
    "data_dir": "maintenance",
}


@attrs.frozen(kw_only=True)
class UnitView:
    """Unit of a number on a page.

    Attributes:
        name: Key of its text: `unit.<name>`.
        scale: Size of the unit in units of the document.
    """

    name: str
    scale: int


@attrs.frozen(kw_only=True)
class SettingView:
    """Description of one setting: how to show, explain and check it.

    Attributes:
        pointer: JSON pointer into the document; `*` stands for any name or position.
        group: Section of the settings page.
        kind: Kind of input on a page.
        default: Value if the document does not contain it.
        is_whole: Whether a number has no fractions.
        minimum: Smallest value of a number.
        maximum: Largest value of a number.
        unit: Unit in which a page shows a number.
        choices: Allowed values; empty means any.
        example: A valid value.
        suggestions: Installed adapters that a page offers as choices; others are allowed.
        usual: Value in use where an empty one means that of the program; null if there is none.
        overridden_by: Variable of the environment that replaces it; null if none is set.
        words: Label and help text in every language, for a search.
        is_advanced: Whether a page shows it only on request.
        is_fixed: Whether a page only shows it.
        is_secret: Whether responses hide it.
        is_folder: Whether it names a folder of the server.
        needs_password: Whether a change needs `current_password`.
        text: Key of its label; that of its help text ends in `.hint`.
        choice_texts: Key of the texts of the choices: `<choice_texts>.<choice>`.
        labels: Label by language, if a loader declares the setting.
        hints: Help text by language, if a loader declares the setting.
        providers: Providers that use it, if not all do.
    """

    pointer: str
    group: str
    kind: FieldKind
    default: object
    is_whole: bool
    minimum: float | None
    maximum: float | None
    unit: UnitView | None
    choices: tuple[str, ...]
    example: str
    suggestions: tuple[str, ...]
    usual: str | None
    overridden_by: str | None
    words: str
    is_advanced: bool
    is_fixed: bool
    is_secret: bool
    is_folder: bool
    needs_password: bool
    text: str
    choice_texts: str
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    providers: tuple[str, ...] | None

    @classmethod
    def of(
        cls,
        each: DescribedSetting,
        providers: Sequence[str] | None,
        *,
        suggestions: Sequence[str] = (),
        usual: str | None = None,
        overridden_by: str | None = None,
        words: str = "",
    ) -> "SettingView":
        """Return the view of a setting."""
        says = each.description
        least, most = says.bounds or (None, None)
        return cls(
            pointer=pointer_to(each.path),
            group=_GROUPS.get(each.path[0], each.path[0]),
            kind="choice" if suggestions else _kind_of(each),
            default=plain_values(each.default),
            is_whole=plain_type(each.kind) is int,
            minimum=least,
            maximum=most,
            unit=UnitView(name=says.unit.name, scale=says.unit.scale) if says.unit else None,
            choices=each.choices,
            example=says.form.example if says.form else "",
            suggestions=tuple(suggestions),
            usual=usual,
            overridden_by=overridden_by,
            words=words,
            is_advanced=says.is_advanced,
            is_fixed=says.is_fixed,
            is_secret=says.is_secret,
            is_folder=says.is_folder or says.form is ABSOLUTE_FOLDER,
            needs_password=says.needs_password,
            text=each.text,
            choice_texts=says.texts,
            labels=says.labels,
            hints=says.hints,
            providers=tuple(providers) if providers is not None else None,
        )


def _kind_of(each: DescribedSetting) -> FieldKind:
    kind = plain_type(each.kind)
    if is_list(kind):
        if section_of(kind) is not None:
            return "servers"
        if get_args(kind)[0] is Language:
            return "languages"
        return "several" if each.choices else "list"
    if kind is bool:
        return "switch"
    if kind in (int, float):
        return "number"
    return "choice" if each.choices else "text"


@attrs.frozen(kw_only=True)
class RestoreBody:
    """Password; required if the restored backup changes a path."""

    current_password: Annotated[str, Meta(max_length=4096)] | None = attrs.field(
        default=None, repr=False
    )


BackupName = Annotated[
    str,
    Meta(pattern=r"^config-[0-9]{8}T[0-9]{6}\.[0-9]{6}Z\.json$", min_length=35, max_length=35),
]
#: Path of a folder on the server, without control characters.
ServerPath = Annotated[
    str,
    Meta(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$"),
]
PASSWORD_FIELD: Final = "current_password"  # noqa: S105 - the name of a field


@attrs.frozen(kw_only=True)
class Finding(MessageView):
    """A problem or warning about one setting; *pointer* is a JSON pointer."""

    pointer: str
    detail: str
    kind: str | None = kind_field("detail")
    values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class Validation:
    """Result of checking a document."""

    valid: bool
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @classmethod
    def of(cls, check: ConfigCheck) -> "Validation":
        """Return the view of a check."""
        return cls(
            valid=check.is_valid,
            errors=tuple(Finding(pointer=p, detail=d) for p, d in check.errors),
            warnings=tuple(Finding(pointer=p, detail=d) for p, d in check.warnings),
        )
