"""Plug-ins of yt-dlp from other packages are not loaded; a resolver takes their place."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from aniworld_core.domain.media import MediaSource
from aniworld_providers.resolvers.ytdlp import open_resolver
from support.adapter_context import make_context
from support.sites.page_server import Answer, open_page_server
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH]

NAMES = ("harbour", "lighthouse")
_EXTRACTOR = """
    from pathlib import Path
    from yt_dlp.extractor.common import InfoExtractor
    Path({marker!r}).touch()

    class {title}IE(InfoExtractor):
        _VALID_URL = r"http://127\\.0\\.0\\.1:\\d+/{name}/(?P<id>\\w+)"

        def _real_extract(self, url):
            return {{"id": "x", "title": "x", "url": "https://site.org/from-{name}.mp4"}}
"""
_PLAIN = """
    import sys, yt_dlp
    with yt_dlp.YoutubeDL({"quiet": True, "proxy": ""}) as plain:
        print(plain.extract_info(sys.argv[1], download=False)["url"])
"""


async def test_two_extractors_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """yt-dlp itself uses them; the product reads the pages without running their code."""
    folder = tmp_path / "site" / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True)
    for name in NAMES:
        text = _EXTRACTOR.format(
            name=name, title=name.title(), marker=str(tmp_path / f"{name}.loaded")
        )
        (folder / f"{name}.py").write_text(dedent(text))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    markers = [tmp_path / f"{name}.loaded" for name in NAMES]
    with open_page_server() as pages:
        async with open_resolver(make_context(tmp_path)) as resolver:
            for name in NAMES:
                pages.answers[f"/{name}/x"] = Answer.page('<video src="/film.mp4"></video>')
                source = MediaSource(
                    provider="ytdlp",
                    hoster="Hoster",
                    url=pages.url(f"/{name}/x"),
                    reach=frozenset({pages.address}),
                )
                (stream,) = await resolver.resolve(source)
                assert stream.url == pages.url("/film.mp4")
        assert not any(marker.exists() for marker in markers)

        for name in NAMES:
            command = [sys.executable, "-P", "-c", dedent(_PLAIN), pages.url(f"/{name}/x")]
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
            assert done.stdout.strip() == f"https://site.org/from-{name}.mp4"
        assert all(marker.exists() for marker in markers)
