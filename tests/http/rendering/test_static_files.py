"""No path leads out of the static files."""

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import pytest
from yarl import URL

from support.http_stage import open_server

pytestmark = pytest.mark.anyio

_STEPS = ["..", "%2e%2e", ".%2e", "%252e%252e", "..%5c", "..%2f", "....", "%00", "%c0%ae%c0%ae"]
_GOALS = ["app.py", "templates/frame.html", "etc/passwd", "%2fetc%2fpasswd", "css/frame.css"]
_STARTS = ["/static/", "/static/css/", "/static//", "/static/%2f", "/static/0123456789abcdef/"]


def odd_paths() -> Iterator[str]:
    """Return paths that scanners use to leave a folder."""
    for start, first, second, goal in product(_STARTS, _STEPS, ["", *_STEPS], _GOALS):
        yield f"{start}{first}/{second}{'/' if second else ''}{goal}"


async def test_no_path_leads_out_of_the_static_files_table(tmp_path: Path) -> None:
    """Two thousand odd paths get 404 with the same body."""
    bodies = set()
    paths = list(islice(odd_paths(), 2000))
    assert len(paths) == 2000
    async with open_server(tmp_path) as server:
        for path in paths:
            url = URL(f"{server.client.make_url('/')}".rstrip("/") + path, encoded=True)
            async with server.client.session.get(url) as response:
                assert response.status in {404, 400}, path
                bodies.add((response.status, await response.read()))
    assert len({body for status, body in bodies if status == 404}) == 1
    assert len(bodies) <= 2
