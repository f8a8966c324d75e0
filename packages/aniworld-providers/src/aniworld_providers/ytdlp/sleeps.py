"""Pauses between requests and downloads, for all sites and for single ones.

They correspond to the options `--sleep-requests`, `--sleep-interval` and `--max-sleep-interval` of
yt-dlp.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from aniworld_core.domain.configuration import TextForm
from aniworld_core.messages import Message

#: Longest pause between two requests, and between two downloads, in seconds.
MAX_REQUESTS: Final = 60
MAX_DOWNLOADS: Final = 3600
_NUMBER: Final = r"\d{1,4}(?:\.\d{1,3})?"
_ENTRY: Final = re.compile(
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
    rf"(?:\s+requests=(?P<requests>{_NUMBER}))?"
    rf"(?:\s+downloads=(?P<least>{_NUMBER})(?:-(?P<most>{_NUMBER}))?)?",
    re.IGNORECASE,
)


@attrs.frozen(kw_only=True)
class Sleeps:
    """Pauses at one site in seconds.

    Attributes:
        site: Host that stands for all of its subdomains; empty means all sites.
        requests: Least time between two requests; `None` means that of all sites.
        downloads: Shortest and longest time between two downloads, of which a random one is
            taken each time; `None` means those of all sites.
    """

    site: str = ""
    requests: float | None = None
    downloads: tuple[float, float] | None = None


def parse_sleeps(text: str) -> Sleeps | None:
    """Return the pauses of a site, such as `site.org requests=1 downloads=10-30`.

    Returns `None` for a text of another form, and for pauses outside their limits.
    """
    found = _ENTRY.fullmatch(text.strip())
    if found is None or not (found["requests"] or found["least"]):
        return None
    requests = float(found["requests"]) if found["requests"] else None
    downloads = None
    if found["least"]:
        downloads = (float(found["least"]), float(found["most"] or found["least"]))
        if not downloads[0] <= downloads[1] <= MAX_DOWNLOADS:
            return None
    if requests is not None and requests > MAX_REQUESTS:
        return None
    return Sleeps(site=found["host"].lower(), requests=requests, downloads=downloads)


def sleeps_at(host: str, general: Sleeps, sites: Iterable[Sleeps]) -> Sleeps:
    """Return the pauses at a host: those of the closest site, completed by the general ones."""
    name = host.lower().rstrip(".")
    fitting = [s for s in sites if name == s.site or name.endswith(f".{s.site}")]
    own = max(fitting, key=lambda sleeps: len(sleeps.site), default=Sleeps())
    return Sleeps(
        site=own.site,
        requests=general.requests if own.requests is None else own.requests,
        downloads=general.downloads if own.downloads is None else own.downloads,
    )


def _problems(text: str) -> Sequence[str]:
    return () if parse_sleeps(text) else (Message("must_be_site_sleeps"),)


#: Form of the pauses of one site.
SITE_SLEEPS: Final = TextForm(
    "host and pauses", _problems, "youtube.com requests=1 downloads=10-30"
)
