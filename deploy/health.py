"""Health check of the container: exit 0 if the server is ready, 1 if it is not.

Reads the same variables as the server, so another port or base path needs no other check.
"""

import os
import sys
import urllib.error
import urllib.request


def address() -> str:
    """Return the address of /health/ready as seen from the container itself."""
    host, port, base = (
        os.environ.get(name, "").strip()  # noqa: TID251 - it runs beside the server, without it
        for name in ("ANIWORLD_HOST", "ANIWORLD_PORT", "ANIWORLD_BASE_PATH")
    )
    # Listening on every address includes loopback.
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port or 8000}{base.rstrip('/')}/health/ready"


def main() -> int:
    """Send one request."""
    try:
        # No proxy of the environment: the server is in this container.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(address(), timeout=4).close()
    except (urllib.error.URLError, OSError) as error:
        sys.stderr.write(f"{address()}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
