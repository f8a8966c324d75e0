"""Retry policies of transfers: media, manifests, keys and subtitles."""

from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.domain.retry_policy import RequestedWaits, RetryPolicy

#: Retries of one request. A longer requested wait ends the transfer; the queue retries it later.
TRANSFER_RETRIES: Final = RetryPolicy(
    limit=4,
    base=timedelta(seconds=0.5),
    ceiling=timedelta(seconds=15),
    jitter=0.2,
    after_progress=timedelta(seconds=0.1),
    requested=RequestedWaits(
        longest=timedelta(seconds=10), total=timedelta(seconds=60), limit=19, spread=0.2
    ),
)
#: Retries of a request whose bytes are also available at another address: only requested waits.
NO_RETRIES: Final = attrs.evolve(TRANSFER_RETRIES, limit=0)
#: Fresh links to request without received media between them.
MOST_RENEWALS: Final = 3
