"""The configuration and its former versions on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import attrs
from msgspec import Meta

from aniworld_core.application.configuration import ConfigCheck
from aniworld_core.messages import MessageView, kind_field, values_field

#: Any part of the document of `config.json`; the server's own validation says what is in it.
ConfigDocument = Annotated[
    dict[str, object],
    Meta(
        title="ConfigDocument",
        description="The configuration as in config.json; secrets are shown as ********.",
    ),
]
#: A part of it to change, and the password where a path changes.
ConfigChange = Annotated[
    dict[str, object],
    Meta(
        title="ConfigChange",
        description=(
            "The whole configuration or any part of it. Secrets sent back as ******** stay as they "
            "are; where the address they belong to changes they must be given again. "
            "`current_password` must be given where other.anime_directory, data_dir, "
            "backup.path or logging.file change."
        ),
        extra_json_schema={"properties": {"current_password": {"type": "string"}}},
    ),
]


@attrs.frozen(kw_only=True)
class RestoreBody:
    """The password; it must be given where the restored version changes a path."""

    current_password: Annotated[str, Meta(max_length=4096)] | None = attrs.field(
        default=None, repr=False
    )


BackupName = Annotated[
    str,
    Meta(pattern=r"^config-[0-9]{8}T[0-9]{6}\.[0-9]{6}Z\.json$", min_length=35, max_length=35),
]
PASSWORD_FIELD: Final = "current_password"  # noqa: S105 - the name of a field


@attrs.frozen(kw_only=True)
class Finding(MessageView):
    """Something about one setting; *pointer* is a JSON pointer."""

    pointer: str
    detail: str
    kind: str | None = kind_field("detail")
    values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class Validation:
    """What a document would do."""

    valid: bool
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @classmethod
    def of(cls, check: ConfigCheck) -> "Validation":
        """Show what was found."""
        return cls(
            valid=check.is_valid,
            errors=tuple(Finding(pointer=p, detail=d) for p, d in check.errors),
            warnings=tuple(Finding(pointer=p, detail=d) for p, d in check.warnings),
        )
