"""Settings of the server from environment variables."""

import contextlib
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias, TypedDict, TypeVar
from urllib.parse import urlsplit

import attrs

from aniworld_core.bootstrap.settings import DOTENV, read_variables
from aniworld_core.errors import SettingsError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

DEFAULT_CORS_ORIGINS: Final[tuple[str, ...]] = ("http://localhost:3000", "http://localhost:8000")
_VARIABLES: Final = (
    "CORS_ORIGINS",
    "ANIWORLD_HOST",
    "ANIWORLD_PORT",
    "ANIWORLD_BASE_PATH",
    "ANIWORLD_TRUSTED_PROXIES",
    "JWT_SECRET_KEY",
)
#: RFC 7518 section 3.2: the key of HS256 is at least as long as its hash.
MIN_KEY_BYTES: Final = 32
#: File in the data folder that contains the generated signing key.
KEY_FILE: Final = "jwt-secret-key"


@attrs.frozen(kw_only=True)
class HttpSettings:
    """Address, signing key, base path and trusted origins and proxies of the server.

    Attributes:
        secret_key: Signs the tokens; at least 32 bytes.
        cors_origins: Web origins that may call the API from a browser.
        host: Address or name to bind.
        port: Port to bind; 0 takes any free one.
        base_path: Prefix behind a reverse proxy, `/` or `/name` without a slash at its end.
        trusted_proxies: Proxies whose `X-Forwarded-For` is used.
    """

    secret_key: bytes = attrs.field(repr=False)
    cors_origins: tuple[str, ...] = DEFAULT_CORS_ORIGINS
    host: str = "127.0.0.1"
    port: int = 8000
    base_path: str = "/"
    trusted_proxies: tuple[Network, ...] = ()

    @classmethod
    def from_environ(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        data_dir: Path,
        dotenv: Path | None = DOTENV,
        given: Mapping[str, str] | None = None,
        is_shared: bool = False,
    ) -> "HttpSettings":
        """Read the settings. The environment wins over `.env`; empty values count as unset.

        Args:
            environ: Variables; `os.environ` when not given.
            data_dir: Folder of the signing key, if no variable gives one.
            dotenv: File with further variables; `None` reads none.
            given: Values that win over both, such as those of a command line.
            is_shared: Whether servers of other machines use the same database: a token of one is
                valid on all, so the key has to be given.

        Raises:
            SettingsError: If values are wrong or the key cannot be stored; names every problem.
        """
        values, problems = _read_all(environ, dotenv=dotenv, given=given)
        if is_shared and not values["secret_key"] and not _names_key(problems):
            problems.append(
                "JWT_SECRET_KEY: is needed, because servers of several machines may use the"
                f" database; set it to the same {MIN_KEY_BYTES} or more secret characters on each"
            )
        if problems:
            raise SettingsError(problems)
        settings = cls(**values)
        return (
            settings
            if settings.secret_key
            else attrs.evolve(settings, secret_key=_stored_key(data_dir))
        )


def _names_key(problems: Sequence[str]) -> bool:
    return any(problem.startswith("JWT_SECRET_KEY:") for problem in problems)


class _Values(TypedDict):
    secret_key: bytes
    cors_origins: tuple[str, ...]
    host: str
    port: int
    base_path: str
    trusted_proxies: tuple[Network, ...]


def wrong_http_settings(
    environ: Mapping[str, str] | None = None,
    *,
    dotenv: Path | None = DOTENV,
    given: Mapping[str, str] | None = None,
) -> Sequence[str]:
    """Return all problems of the settings of the server, without creating a key.

    The arguments are those of `HttpSettings.from_environ`.
    """
    try:
        return _read_all(environ, dotenv=dotenv, given=given)[1]
    except SettingsError:
        return ()  # the settings of the core report a file that cannot be read


def _read_all(
    environ: Mapping[str, str] | None,
    *,
    dotenv: Path | None,
    given: Mapping[str, str] | None,
) -> tuple[_Values, list[str]]:
    """Return the values and their problems; the key is empty when none is given."""
    variables = {**read_variables(_VARIABLES, environ, dotenv=dotenv), **(given or {})}
    problems: list[str] = []

    def read(name: str, parse: Callable[[str], T], default: T) -> T:
        raw = variables.get(name, "").strip()
        try:
            return parse(raw) if raw else default
        except ValueError as error:
            problems.append(f"{name}: {error}")
            return default

    no_proxies: tuple[Network, ...] = ()
    values = _Values(
        cors_origins=read("CORS_ORIGINS", _parse_origins, DEFAULT_CORS_ORIGINS),
        host=read("ANIWORLD_HOST", _parse_host, "127.0.0.1"),
        port=read("ANIWORLD_PORT", _parse_port, 8000),
        base_path=read("ANIWORLD_BASE_PATH", _parse_base_path, "/"),
        trusted_proxies=read("ANIWORLD_TRUSTED_PROXIES", _parse_networks, no_proxies),
        secret_key=read("JWT_SECRET_KEY", _parse_key, b""),
    )
    return values, problems


def _stored_key(data_dir: Path) -> bytes:
    """Return the key in the data folder, and create it at first use."""
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            _publish_new_key(path)
        # A restored copy may have another mode; only the owner may read the key.
        path.chmod(0o600)
        key = path.read_bytes().strip()
    except OSError as error:
        reason = f"no key is given, and {path} cannot be used: {error.strerror}"
        raise SettingsError([f"JWT_SECRET_KEY: {reason}"]) from error
    if len(key) < MIN_KEY_BYTES:
        reason = f"{path} is damaged; delete it to get a new key (everybody signs in again)"
        raise SettingsError([f"JWT_SECRET_KEY: {reason}"])
    return key


def _publish_new_key(path: Path) -> None:
    # mkstemp creates with mode 0600. A link, unlike a rename, does not replace the key of another
    # process that starts at the same time.
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()


def _items(raw: str) -> list[str]:
    return [item for part in raw.split(",") if (item := part.strip())]


def _parse_key(raw: str) -> bytes:
    key = raw.encode(errors="surrogateescape")
    if len(key) < MIN_KEY_BYTES:
        # The value is a secret: the error contains its length only.
        raise ValueError(f"must have at least {MIN_KEY_BYTES} bytes, has {len(key)}")
    return key


def _parse_host(raw: str) -> str:
    if not raw.isascii() or any(c in "/@?#[]" or c.isspace() for c in raw):
        raise ValueError(f"{raw!r} is not an address or host name, such as 0.0.0.0 or ::")
    return raw


def _parse_port(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 5 and int(raw) <= 65535):
        raise ValueError(f"{raw!r} is not a port, 0 to 65535")
    return int(raw)


def _parse_base_path(raw: str) -> str:
    path = raw.rstrip("/")
    names = path.split("/")
    allowed = all(
        name and name.strip(".") and all(c.isalnum() or c in "-._~" for c in name)
        for name in names[1:]
    )
    if names[0] or not allowed or not path.isascii():
        raise ValueError(f"{raw!r} is not a path such as / or /aniworld")
    return path or "/"


def _parse_origins(raw: str) -> tuple[str, ...]:
    return tuple(_parse_origin(item) for item in _items(raw))


def _parse_origin(raw: str) -> str:
    parts = urlsplit(raw)
    # Reading `port` raises ValueError for a wrong one.
    has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    is_bare = raw.casefold() == f"{parts.scheme}://{parts.netloc}".casefold()
    if parts.scheme not in {"http", "https"} or not has_host or not is_bare or "@" in raw:
        raise ValueError(f"{raw!r} is not an origin such as https://media.example:8443")
    if "*" in raw:
        raise ValueError("origins are named one by one; * is not allowed")
    return raw.casefold()


def _parse_networks(raw: str) -> tuple[Network, ...]:
    return tuple(_parse_network(item) for item in _items(raw))


def _parse_network(raw: str) -> Network:
    try:
        return ipaddress.ip_network(raw, strict=False)
    except ValueError as error:
        raise ValueError(f"{raw!r} is not an address or network such as 10.0.0.0/8") from error
