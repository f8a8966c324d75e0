"""yt-dlp behind the address guard, in separate processes that can be killed.

The resolver finds the streams of one page with it, the catalogue lists channels and playlists.
Both open a pool of processes and send it jobs; only these processes import yt-dlp.
"""

from aniworld_providers.ytdlp.cookies import read_cookies, version_of_cookies
from aniworld_providers.ytdlp.job import (
    EntryState,
    Failure,
    Job,
    ListedEntry,
    Listing,
    ListingJob,
    Outcome,
)
from aniworld_providers.ytdlp.pace import HostPace, Pauses
from aniworld_providers.ytdlp.process import Runner, carry_out, open_pool
from aniworld_providers.ytdlp.settings import YtDlpSettings

__all__ = [
    "EntryState",
    "Failure",
    "HostPace",
    "Job",
    "ListedEntry",
    "Listing",
    "ListingJob",
    "Outcome",
    "Pauses",
    "Runner",
    "YtDlpSettings",
    "carry_out",
    "open_pool",
    "read_cookies",
    "version_of_cookies",
]
