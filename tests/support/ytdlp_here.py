"""The yt-dlp resolver without its worker processes, which take seconds to start."""

from anyio import to_thread

from aniworld_core.ports.resolver import StreamResolver
from aniworld_providers.resolvers.ytdlp import YtDlpResolver
from aniworld_providers.ytdlp import HostPace
from aniworld_providers.ytdlp.job import Job, ListingJob, Outcome
from aniworld_providers.ytdlp.process import carry_out
from support.adapter_context import JumpingClock


async def run_here(job: Job | ListingJob) -> Outcome:
    """Run a job in a thread."""
    return await to_thread.run_sync(carry_out, job)


def make_resolver(allowed: frozenset[str] = frozenset()) -> StreamResolver:
    """Return a resolver that extracts in a thread."""
    clock = JumpingClock()
    return YtDlpResolver(allowed=allowed, clock=clock, run=run_here, pace=HostPace(clock=clock))
