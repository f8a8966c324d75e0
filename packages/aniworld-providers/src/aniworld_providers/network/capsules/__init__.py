"""Failure capsules: archives of the requests that led to a provider's failure.

`keep_capsules` wraps a loader so that it writes a capsule, scrubbed of secrets, when it cannot
parse its site. `replay` runs the adapter again on a capsule, without network.
"""
