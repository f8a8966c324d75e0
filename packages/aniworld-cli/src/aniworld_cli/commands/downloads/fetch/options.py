"""Parse the options of `fetch`: output, rates and headers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aniworld_cli.paths import expanded
from aniworld_cli.rendering.texts import tr
from aniworld_core.application.downloads import LinkOrder
from aniworld_core.domain.configuration import HIGHEST_RATE, is_header_value, parse_amount
from aniworld_core.domain.media import Extra, TrackRole
from aniworld_core.errors import UsageError

#: Header name (RFC 9110, section 5.1).
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
#: Headers that the download engine sets itself.
_ENGINE_HEADERS: Final = frozenset(
    (
        *("range", "if-range", "host", "connection", "content-length", "transfer-encoding"),
        *("accept-encoding", "te", "upgrade"),
    )
)
MAX_CONNECTIONS: Final = 16
#: Shortest and longest time without progress, in seconds, as in `downloads.stall_timeout`.
_STALL_TIMEOUTS: Final = (5.0, 3600.0)


def read_rate(text: str | None) -> int:
    """Parse a rate such as `500K`, `2M` or `1.5MiB/s` to bytes per second; 0 means no limit.

    Raises:
        UsageError: If the text is not a rate.
    """
    if text is None:
        return 0
    rate = parse_amount(text)
    if rate is None:
        raise UsageError(
            tr("{text} is not a rate", text=repr(text[:40])),
            hint="write 500K, 2M, 1.5MiB/s or 20Mbit/s",
        )
    if 0 < rate < 1:
        raise UsageError(tr("{text} is less than a byte per second", text=repr(text[:40])))
    if rate > HIGHEST_RATE:
        raise UsageError(
            tr(
                "{text} is more than {most} bytes per second",
                text=repr(text[:40]),
                most=str(HIGHEST_RATE),
            )
        )
    return int(rate)


def read_headers(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Parse headers of the form `Name=Value` or, as in curl, `Name: Value`.

    Raises:
        UsageError: If one is malformed or is set by the download engine itself.
    """
    return tuple(_header(text) for text in texts)


def make_orders(
    urls: Sequence[str],
    output: str | None,
    connections: int,
    headers: Sequence[str],
    *,
    digest: bool,
    stall_timeout: float = 80.0,
    subtitles: bool = True,
    role: TrackRole = TrackRole.MAIN,
    extras: frozenset[Extra] = frozenset(),
) -> list[LinkOrder]:
    """Return the order of each link.

    Args:
        urls: The links.
        output: Path of a file or a folder.
        connections: Maximum number of connections.
        headers: Request headers, as `Name=Value`.
        digest: Whether to compute the SHA-256 of the files.
        stall_timeout: Seconds without progress after which a link fails.
        subtitles: Whether to write subtitles beside the files.
        role: Role of the picture or sound to choose from a manifest.
        extras: What to add to the files of pages.

    Raises:
        UsageError: If options are out of range or contradict each other.
    """
    if not urls:
        raise UsageError("give at least one link", hint="aniworld fetch URL [-o FILE|DIR]")
    if not 1 <= connections <= MAX_CONNECTIONS:
        raise UsageError(tr("--connections must be 1 to {most}", most=MAX_CONNECTIONS))
    shortest, longest = _STALL_TIMEOUTS
    if not shortest <= stall_timeout <= longest:
        raise UsageError(
            tr(
                "--stall-timeout must be {least} to {most} seconds",
                least=f"{shortest:.0f}",
                most=f"{longest:.0f}",
            )
        )
    folder, file = _folder_and_name(output, len(urls))
    given = read_headers(headers)
    return [
        LinkOrder(
            url=url,
            folder=folder,
            file=file,
            headers=given,
            connections=connections,
            stall_timeout=stall_timeout,
            digest=digest,
            subtitles=subtitles,
            role=role,
            extras=extras,
        )
        for url in urls
    ]


def _folder_and_name(output: str | None, count: int) -> tuple[Path, Path | None]:
    """Return folder and file name; an existing folder or a path with a final slash is a folder."""
    if output is None:
        return Path(), None
    if not output.strip():
        raise UsageError("--output is empty")
    path = expanded(Path(output))
    if path.is_dir() or output.endswith("/"):
        return path, None
    if count == 1:
        return path.parent, path
    if path.exists():
        raise UsageError(tr("{name} is a file, and there are several links", name=repr(output)))
    return path, None


def _header(text: str) -> tuple[str, str]:
    mark = next((character for character in text if character in "=:"), "=")
    name, found, value = text.partition(mark)
    value = value.strip() if mark == ":" else value
    if not found or not _NAME.fullmatch(name) or not is_header_value(value):
        # The value may be a secret, so it is not shown.
        raise UsageError(
            tr("{name} is not a header", name=repr(name[:40])), hint="write --header Name=Value"
        )
    if name.lower() in _ENGINE_HEADERS:
        raise UsageError(tr("the header {name} is set by the download engine", name=name))
    return name, value
