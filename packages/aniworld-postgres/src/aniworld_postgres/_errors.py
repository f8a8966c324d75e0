"""Convert errors of PostgreSQL, its driver and SQLAlchemy to errors of the core."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from aniworld_core.errors import (
    AniworldError,
    ConflictError,
    SettingsError,
    StorageCorruptError,
    StorageUnavailableError,
    UsageError,
)
from aniworld_core.messages import Message

#: Delay before a retry of a call that the server could not answer now.
RETRY_AFTER: Final = timedelta(seconds=5)
#: Refused texts and numbers: https://www.postgresql.org/docs/current/errcodes-appendix.html
_NO_TEXT: Final = (pg.UntranslatableCharacter, pg.CharacterNotInRepertoire)
_NO_NUMBER: Final = (pg.NumericValueOutOfRange,)
#: A person has to change the URL, the rights or the database.
_SETTINGS: Final[dict[type[psycopg.Error], str]] = {
    pg.InvalidPassword: "database_server_password",
    pg.InvalidAuthorizationSpecification: "database_server_user",
    pg.InvalidCatalogName: "database_server_missing",
    pg.InsufficientPrivilege: "database_server_rights",
    pg.ReadOnlySqlTransaction: "database_server_read_only",
    pg.ProtocolViolation: "database_server_pooler",
}
#: Temporary errors: the same call works later.
_KINDS: Final[dict[type[psycopg.Error], str]] = {
    pg.LockNotAvailable: "database_locked",
    pg.DeadlockDetected: "database_locked",
    pg.SerializationFailure: "database_locked",
    pg.TooManyConnections: "database_server_connections",
    pg.QueryCanceled: "database_server_slow",
    pg.DiskFull: "database_server_full",
}


def wrong_database(place: str, reason: str) -> SettingsError:
    """Return the error of a database that cannot be used as it is set up.

    Args:
        place: Host and name of the database, without user and password.
        reason: What is wrong.
    """
    return SettingsError([Message("database_setting", place=place, reason=reason)])


@contextmanager
def mapped_errors(place: str) -> Iterator[None]:
    """Convert foreign errors; those of the core pass.

    Args:
        place: Host and name of the database, for messages; without user and password.
    """
    try:
        yield
    except AniworldError:
        raise
    except IntegrityError as error:
        detail = _first_line(error.orig)
        raise ConflictError(Message("database_refused", detail=detail)) from error
    except DBAPIError as error:
        raise _error_of(place, error.orig) from error
    except psycopg.Error as error:
        raise _error_of(place, error) from error
    except PoolTimeoutError as error:
        raise _unavailable(place, Message("database_locked")) from error
    except UnicodeEncodeError as error:
        raise UsageError(Message("text_not_storable")) from error
    except OverflowError as error:
        raise UsageError(Message("number_not_storable")) from error
    except ValueError as error:
        # A stored value has the wrong type: a change by another program.
        raise StorageCorruptError(
            place, Message("wrong_stored_value", detail=str(error))
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise _unavailable(
            place, Message("database_server_says", detail=_first_line(error))
        ) from error


def _error_of(place: str, error: BaseException | None) -> AniworldError:
    if isinstance(error, _NO_NUMBER):
        return UsageError(Message("number_not_storable"))
    if isinstance(error, _NO_TEXT) or _is_nul(error):
        return UsageError(Message("text_not_storable"))
    for cls, kind in _SETTINGS.items():
        if isinstance(error, cls) or _says(error, cls):
            return wrong_database(place, Message(kind))
    for cls, kind in _KINDS.items():
        if isinstance(error, cls) or _says(error, cls):
            return _unavailable(place, Message(kind))
    is_refused = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    kind = "database_server_unreachable" if is_refused else "database_server_says"
    return _unavailable(place, Message(kind, detail=_first_line(error)))


def _is_nul(error: BaseException | None) -> bool:
    """Return whether the driver refuses a text with NUL; it gives no code."""
    return isinstance(error, psycopg.DataError) and "NUL" in str(error)


#: What the server says when it refuses a connection; the driver gives no code then.
#: https://github.com/psycopg/psycopg/issues/1195
_REFUSALS: Final[dict[type[psycopg.Error], tuple[str, ...]]] = {
    pg.InvalidPassword: ("password authentication failed", "no password supplied"),
    pg.InvalidAuthorizationSpecification: ("no pg_hba.conf entry", "role "),
    pg.InvalidCatalogName: ("database ",),
    pg.InsufficientPrivilege: ("permission denied",),
    # A pooler such as PgBouncer does not know the settings of a session, or has none.
    pg.ProtocolViolation: ("unsupported startup parameter", "unsupported options startup"),
    pg.TooManyConnections: (
        "too many clients",
        "remaining connection slots",
        "too many connections",
    ),
}


def _says(error: BaseException | None, cls: type[psycopg.Error]) -> bool:
    if not isinstance(error, psycopg.OperationalError) or error.sqlstate is not None:
        return False
    text = str(error)
    if cls is pg.InvalidCatalogName:
        return 'database "' in text and "does not exist" in text
    if cls is pg.InvalidAuthorizationSpecification:
        return "no pg_hba.conf entry" in text or ('role "' in text and "does not exist" in text)
    return any(part in text for part in _REFUSALS.get(cls, ()))


def _unavailable(place: str, reason: str) -> StorageUnavailableError:
    message = Message("part_reason", part=place, reason=reason)
    return StorageUnavailableError(message, retry_after=RETRY_AFTER)


def _first_line(error: BaseException | None) -> str:
    """Return the first line of an error: further lines show the statement and its values."""
    return str(error).strip().partition("\n")[0]
