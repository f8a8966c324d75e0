"""Fetchers of HLS and DASH that are imported when they are first used."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys, tempfile
from pathlib import Path
import anyio
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_providers.transfer import open_dash_fetcher, open_hls_fetcher
from support.adapter_context import make_context

async def main(folder):
    for opened in (open_dash_fetcher, open_hls_fetcher):
        async with opened(make_context(Path(folder))) as fetcher:
            accepted = [k for k in StreamKind if fetcher.accepts(Stream(url="http://x", kind=k))]
            print(fetcher.name, *accepted)

with tempfile.TemporaryDirectory() as folder:
    anyio.run(main, folder)
print([n for n in sys.modules if n.startswith(("av.", "aniworld_providers.media.remux"))])
"""


def test_asking_whether_a_stream_is_accepted_imports_no_engine() -> None:
    """A fetch of a plain file does not wait for the muxer and the readers of manifests."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
    )

    assert done.stdout.splitlines() == ["dash dash", "hls hls", "[]"]
