"""Settings of a process: from arguments, the environment, or a `.env` file."""

import ipaddress
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import attrs

from aniworld_core.domain.library import is_system_folder
from aniworld_core.errors import SettingsError
from aniworld_core.messages import Message

T = TypeVar("T")

LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS: Final = ("console", "json")
#: Read if it is in the working directory.
DOTENV: Final = Path(".env")

_VARIABLES = (
    "ANIWORLD_DATA_DIR",
    "DATABASE_URL",
    "BUS_URL",
    "ANIME_DIRECTORY",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "ANIWORLD_ALLOWED_ADDRESSES",
)
#: Files are read one at a time: typed_settings compiles the source of this module for it, and
#: CPython 3.11 does not compile in several threads at once (python/cpython#106905).
_READING: Final = threading.Lock()
_HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


def _path(value: str | os.PathLike[str]) -> Path:
    return Path(os.path.abspath(Path(value).expanduser()))  # noqa: PTH100 - links stay as named


def _frozen(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(addresses)


@attrs.frozen(kw_only=True)
class Settings:
    """Folders, database and adapters of an application.

    Attributes:
        data_dir: Folder for database, configuration, backups and secrets.
        anime_directory: Library root; `None` uses that of the configuration.
        database_url: URL whose scheme selects the storage; empty means SQLite in the data folder.
        log_level: Log level; empty uses that of the configuration.
        log_format: `console` or `json`; empty means console on a terminal, else json.
        allowed_addresses: Exact `host:port` pairs in loopback or private ranges that
            providers may reach besides the public internet.
        bus_url: URL whose scheme selects the bus; `local` is built in.
        loaders: Names of the catalogues to open; `None` uses those of the configuration.
        worker_slots: Number of items that this process downloads at the same time; `None` uses
            `downloads.concurrent`.
    """

    data_dir: Path = attrs.field(converter=_path)
    anime_directory: Path | None = attrs.field(
        default=None, converter=attrs.converters.optional(_path)
    )
    database_url: str = attrs.field(default="", repr=False)
    log_level: str = ""
    log_format: str = ""
    allowed_addresses: frozenset[str] = attrs.field(default=frozenset(), converter=_frozen)
    bus_url: str = attrs.field(default="local", repr=False)
    loaders: tuple[str, ...] | None = None
    worker_slots: int | None = None

    @property
    def storage_url(self) -> str:
        """Return the complete URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'aniworld.db'}"

    @classmethod
    def from_environ(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        data_dir: str | os.PathLike[str] | None = None,
        anime_directory: str | os.PathLike[str] | None = None,
        dotenv: Path | None = DOTENV,
    ) -> Self:
        """Read the settings. Arguments override the environment, which overrides `.env`.

        Empty values count as not set.

        Args:
            environ: Environment variables; `os.environ` by default.
            data_dir: Data folder of the command line.
            anime_directory: Library folder of the command line.
            dotenv: File with further variables; `None` reads none.

        Raises:
            SettingsError: If values are wrong; lists each with the allowed values.
        """
        variables = read_variables(_VARIABLES, environ, dotenv=dotenv)
        problems: list[str] = []

        def read(name: str, parse: Callable[[str], T], default: T) -> T:
            raw = variables.get(name, "").strip()
            try:
                return parse(raw) if raw else default
            except ValueError as error:
                problems.append(f"{name}: {error}")
                return default

        folder = data_dir or read("ANIWORLD_DATA_DIR", _folder, None) or default_data_dir()
        library = anime_directory or read("ANIME_DIRECTORY", _folder, None)
        nowhere: frozenset[str] = frozenset()
        allowed = read("ANIWORLD_ALLOWED_ADDRESSES", parse_addresses, nowhere)
        settings = cls(
            data_dir=folder,
            anime_directory=library,
            database_url=read("DATABASE_URL", _url, ""),
            bus_url=read("BUS_URL", str, "local"),
            log_level=read("LOG_LEVEL", _level, ""),
            log_format=read("LOG_FORMAT", _format, ""),
            allowed_addresses=allowed,
        )
        problems += [
            f"{option}: {os.fspath(given)!r} {problem}"
            for option, given in (("--data-dir", data_dir), ("--library", anime_directory))
            if given and (problem := _folder_problem(_path(given)))
        ]
        if problems:
            raise SettingsError(problems)
        return settings


def read_variables(
    names: Iterable[str],
    environ: Mapping[str, str] | None = None,
    *,
    dotenv: Path | None = DOTENV,
) -> dict[str, str]:
    """Return the variables that are set; the environment overrides the file.

    Args:
        names: Names of variables in capitals.
        environ: Environment variables; `os.environ` by default.
        dotenv: File with further variables; `None` reads none.

    Raises:
        SettingsError: If the file exists and cannot be read.
    """
    given = os.environ if environ is None else environ
    names = tuple(names)
    found = _of_file(dotenv, names) if dotenv is not None and dotenv.is_file() else {}
    found |= {name: given[name] for name in names if name in given}
    return {name: value for name, value in found.items() if value}


def _of_file(dotenv: Path, names: Sequence[str]) -> dict[str, str]:
    # Slow to import, and most programs start without such a file.
    from typed_settings import load_settings
    from typed_settings.loaders import DotEnvLoader

    fields = {name.lower(): attrs.field(type=str, default="") for name in names}
    wanted = attrs.make_class("Variables", fields, frozen=True)
    try:
        with _READING:
            loaded: Any = load_settings(wanted, [DotEnvLoader(prefix="", dotenv_path=dotenv)])
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{dotenv} cannot be read: {error}"]) from error
    return {name.upper(): value for name, value in attrs.asdict(loaded).items()}


def default_data_dir() -> Path:
    """Return `./data` if it exists, otherwise the platform's folder for user data.

    If `config.json` there names another existing folder as `data_dir`, return that one.
    """
    here = Path("data")
    if here.is_dir():
        folder = _path(here)
    else:
        import platformdirs  # slow to import, and not needed with an explicit folder

        folder = platformdirs.user_data_path("aniworld", appauthor=False)
    return _configured_data_dir(folder / "config.json") or folder


def _configured_data_dir(config: Path) -> Path | None:
    try:
        document = json.loads(config.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None  # the problem is reported when the configuration is opened
    named = document.get("data_dir") if isinstance(document, dict) else None
    if not isinstance(named, str) or not named or "\0" in named:
        return None
    try:
        path = Path(named).expanduser()
    except RuntimeError:
        return None
    # The former program used `data` relative to the working directory.
    return path if path.is_absolute() and path.is_dir() else None


def parse_addresses(raw: str) -> frozenset[str]:
    """Parse exact `host:port` pairs separated by commas; IPv6 addresses are in brackets.

    Raises:
        ValueError: If a part is no such pair.
    """
    return frozenset(_address(part.strip()) for part in raw.split(",") if part.strip())


def _address(raw: str) -> str:
    host, colon, port = raw.lower().rpartition(":")
    is_port = port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535
    if not colon or not is_port or not _is_host(host):
        raise ValueError(f"{raw!r} is not an exact host:port such as 127.0.0.1:8096 or [::1]:80")
    return f"{host}:{int(port)}"


def _is_host(host: str) -> bool:
    try:
        if host.startswith("[") and host.endswith("]"):
            ipaddress.IPv6Address(host[1:-1])
            return True
    except ValueError:
        return False
    return bool(_HOST_NAME.fullmatch(host))


def _folder(raw: str) -> Path | None:
    path = _path(raw)
    if problem := _folder_problem(path):
        raise ValueError(f"{raw!r} {problem}")
    return path


def _folder_problem(path: Path) -> str | None:
    """Return why a folder of data or videos cannot be at a path; it need not exist."""
    if path.exists() and not path.is_dir():
        return Message("folder_is_file")
    return Message("system_folder") if is_system_folder(path) else None


def _url(raw: str) -> str:
    if not _URL.match(raw):
        raise ValueError("it is not a URL such as sqlite:///aniworld.db")  # may contain a password
    return raw


def _level(raw: str) -> str:
    if raw.upper() not in LOG_LEVELS:
        raise ValueError(f"{raw!r} is not one of {', '.join(LOG_LEVELS)}")
    return raw.upper()


def _format(raw: str) -> str:
    if raw.lower() not in LOG_FORMATS:
        raise ValueError(f"{raw!r} is not one of {', '.join(LOG_FORMATS)}")
    return raw.lower()
