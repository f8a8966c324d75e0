"""Let two host names of a test lead to a server on loopback, in every process of the product.

Extractors of yt-dlp read https links of certain hosts only. Python runs this module at its start
if its folder is in `PYTHONPATH`, which only tests set. It replaces what a name server and a
certificate authority would do; the product itself is unchanged, its address guard included.

`TEST_HOSTS` has the names with their port on 127.0.0.1, `TEST_CA` the file of the authority.
"""

import os
import socket
from typing import Any

import certifi

_PORTS = dict(pair.rsplit(":", 1) for pair in os.environ.get("TEST_HOSTS", "").split())
_look_up = socket.getaddrinfo


def _named(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _PORTS:
        return _look_up("127.0.0.1", int(_PORTS[name]), *arguments, **options)
    return _look_up(host, port, *arguments, **options)


socket.getaddrinfo = _named
certifi.where = lambda: os.environ["TEST_CA"]
