"""Failure capsules: archives of the requests that led to a provider's failure.

`record_capsules` wraps a loader so that it writes a capsule, scrubbed of secrets, when it cannot
parse its site. `replay.replay` runs the adapter again on a capsule, without network.
"""

from aniworld_providers.network.capsules.recorder import record_capsules

__all__ = ["record_capsules"]
