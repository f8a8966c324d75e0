"""Names of configuration backups and what is known about one."""

import re
from datetime import UTC, datetime
from typing import Final

import attrs

from aniworld_core.errors import InvalidNameError
from aniworld_core.messages import Message

#: Time in the name of a backup, in UTC.
BACKUP_STAMP: Final = "%Y%m%dT%H%M%S.%f"
_BACKUP_NAME: Final = re.compile(r"config-(\d{8}T\d{6}\.\d{6})Z\.json", re.ASCII)


def parse_backup_name(raw: str) -> datetime:
    """Return the time in the name of a backup, `config-20260131T120000.000000Z.json`.

    Raises:
        InvalidNameError: If *raw* is not such a name.
    """
    match = _BACKUP_NAME.fullmatch(raw)
    try:
        if match is not None:
            return datetime.strptime(match[1], BACKUP_STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidNameError(raw, Message("backup_name_time")) from error
    raise InvalidNameError(raw, Message("backup_name_form"))


@attrs.frozen(kw_only=True)
class BackupInfo:
    """One stored former version of the configuration."""

    name: str
    created_at: str
    size: int
