"""The yt-dlp resolver without its worker processes, which take seconds to start."""

from anyio import to_thread

from aniworld_core.ports.resolver import StreamResolver
from aniworld_providers.resolvers.ytdlp.job import Job, Outcome
from aniworld_providers.resolvers.ytdlp.process import carry_out
from aniworld_providers.resolvers.ytdlp.resolver import YtDlpResolver
from support.adapter_context import JumpingClock


async def _run_here(job: Job) -> Outcome:
    return await to_thread.run_sync(carry_out, job)


def make_resolver(allowed: frozenset[str] = frozenset()) -> StreamResolver:
    """Return a resolver that extracts in a thread."""
    return YtDlpResolver(allowed=allowed, clock=JumpingClock(), run=_run_here)
