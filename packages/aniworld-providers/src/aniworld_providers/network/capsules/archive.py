"""Format of a failure capsule.

A capsule is a ZIP file. `capsule.json` names the adapter, the operation, the versions and the
outcome, and lists the exchanges; each body is a file beside it. All of it was scrubbed before.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.errors import UsageError
from aniworld_core.messages import Message
from aniworld_providers.network.pages import Exchange, Page

#: Most capsules in the folder, and largest capsule in bytes.
KEPT: Final = 20
MOST_BYTES: Final = 8 * 1024**2
_FORMAT: Final = 1
#: Limits for reading a capsule, which may come from a stranger: entries and unpacked bytes.
_MOST_ENTRIES: Final = 200
_MOST_UNPACKED: Final = 64 * 1024**2
_INDEX: Final = "capsule.json"


@attrs.frozen(kw_only=True)
class Capsule:
    """A recorded failure.

    Attributes:
        section: The adapter's configuration, with placeholders for servers and secrets.
        settings: The adapter's own settings, by name.
        arguments: Arguments of the operation, by name.
        outcome: Result of the operation, in one line.
        decisions: Decisions about answers, and the causes of the failure.
        own: Exchanges of the operation, oldest first.
        before: Exchanges of earlier operations, oldest first.
        versions: Versions of the distributions involved.
    """

    provider: str
    operation: str
    arguments: Mapping[str, str]
    section: ProviderConfig
    outcome: str
    recorded_at: datetime
    decisions: Sequence[str] = ()
    own: Sequence[Exchange] = ()
    before: Sequence[Exchange] = ()
    versions: Mapping[str, str] = attrs.field(factory=dict)
    settings: Mapping[str, object] = attrs.field(factory=dict)


def write_capsule(capsule: Capsule, path: Path) -> None:
    """Write a capsule that only its owner can read.

    Raises:
        OSError: If it cannot be written or is too large.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    fresh = path.with_name(f".{path.name}.part")
    fresh.touch(mode=0o600)
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
            for is_own, exchanges in ((False, capsule.before), (True, capsule.own)):
                for exchange in exchanges:
                    body = f"bodies/{len(entries):03}.txt"
                    archive.writestr(body, exchange.page.text)
                    entries.append(_entry(exchange, body, is_own=is_own))
            archive.writestr(_INDEX, json.dumps(_index(capsule, entries), indent=1))
        if fresh.stat().st_size > MOST_BYTES:
            raise OSError(f"it would be larger than {MOST_BYTES} bytes")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def prune_capsules(folder: Path) -> None:
    """Delete all but the newest capsules."""
    found = sorted(folder.glob("*.zip"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in found[:-KEPT]:
        path.unlink(missing_ok=True)


def read_capsule(path: Path) -> Capsule:
    """Read a capsule.

    Raises:
        UsageError: If the file is not a capsule, or has another version of the format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _capsule(_unpacked(archive))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, RecursionError) as error:
        hint = Message("capsule.hint")
        raise UsageError(f"cannot read the capsule {path.name}: {error}", hint=hint) from error


def _entry(exchange: Exchange, body: str, *, is_own: bool) -> dict[str, Any]:
    page = exchange.page
    return {
        "method": exchange.method,
        "url": exchange.url,
        "status": page.status,
        "came_from": page.url,
        "headers": dict(page.headers),
        "body": body,
        "own": is_own,
    }


def _index(capsule: Capsule, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {
        "format": _FORMAT,
        "provider": capsule.provider,
        "operation": capsule.operation,
        "arguments": dict(capsule.arguments),
        "base_url": capsule.section.base_url,
        "servers": [attrs.asdict(server) for server in capsule.section.servers],
        "settings": dict(capsule.settings),
        "outcome": capsule.outcome,
        "recorded_at": capsule.recorded_at.isoformat(),
        "decisions": list(capsule.decisions),
        "versions": dict(capsule.versions),
        "exchanges": list(entries),
    }


def _unpacked(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Return the texts in an archive by name; the names are not used as paths."""
    infos = archive.infolist()
    if len(infos) > _MOST_ENTRIES or sum(info.file_size for info in infos) > _MOST_UNPACKED:
        raise ValueError("it is too large")
    return {info.filename: archive.read(info).decode() for info in infos}


def _capsule(bodies: Mapping[str, str]) -> Capsule:
    index = json.loads(bodies[_INDEX])
    if index["format"] != _FORMAT:
        raise ValueError(f"its format is {index['format']!r}")
    exchanges: dict[bool, list[Exchange]] = {True: [], False: []}
    for entry in index["exchanges"]:
        page = Page(
            status=int(entry["status"]),
            url=str(entry["came_from"]),
            text=bodies[entry["body"]],
            headers={str(name): str(value) for name, value in entry["headers"].items()},
        )
        exchange = Exchange(method=str(entry["method"]), url=str(entry["url"]), page=page)
        exchanges[bool(entry["own"])].append(exchange)
    return Capsule(
        provider=str(index["provider"]),
        operation=str(index["operation"]),
        arguments={str(name): str(value) for name, value in index["arguments"].items()},
        section=ProviderConfig(
            base_url=str(index["base_url"]),
            servers=tuple(ServerConfig(**server) for server in index["servers"]),
            requests_per_minute=6000,
        ),
        outcome=str(index["outcome"]),
        recorded_at=datetime.fromisoformat(index["recorded_at"]),
        decisions=tuple(map(str, index["decisions"])),
        own=exchanges[True],
        before=exchanges[False],
        versions={str(name): str(value) for name, value in index["versions"].items()},
        settings=dict(index.get("settings", {})),
    )
