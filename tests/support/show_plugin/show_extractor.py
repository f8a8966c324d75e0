"""Extractor of the test site: its pages are an `info_dict` in JSON with relative links."""

from typing import Any
from urllib.parse import urljoin

from yt_dlp.extractor.common import InfoExtractor


class ShowSiteIE(InfoExtractor):  # type: ignore[misc]  # yt-dlp has no types
    """Read series pages (`/shows/NAME`) and video pages (`/watch/ID`)."""

    _VALID_URL = r"http://127\.0\.0\.1:\d+/(?:shows|watch)/(?P<id>[\w-]+)"

    def _real_extract(self, url: str) -> Any:
        page = self._download_json(url, self._match_id(url))
        return _absolute(page, url)


def _absolute(value: Any, base: str) -> Any:
    if isinstance(value, dict):
        return {
            key: urljoin(base, each) if key == "url" else _absolute(each, base)
            for key, each in value.items()
        }
    return [_absolute(each, base) for each in value] if isinstance(value, list) else value
