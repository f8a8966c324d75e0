"""Extractors of a test site with channels: short link, channel with tabs, paged list, video."""

from typing import Any

from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import OnDemandPagedList

_SITE = r"http://127\.0\.0\.1:\d+"


class HarbourShortIE(InfoExtractor):  # type: ignore[misc]  # yt-dlp has no types
    """Short links lead to a channel."""

    _VALID_URL = rf"(?P<site>{_SITE})/s/(?P<id>\w+)"

    def _real_extract(self, url: str) -> Any:
        site, name = self._match_valid_url(url).group("site", "id")
        return self.url_result(f"{site}/channel/{name}", HarbourChannelIE)


class HarbourChannelIE(InfoExtractor):  # type: ignore[misc]
    """A channel has tabs, each of which is a list of its own."""

    _VALID_URL = rf"(?P<site>{_SITE})/channel/(?P<id>\w+)"

    def _real_extract(self, url: str) -> Any:
        site, name = self._match_valid_url(url).group("site", "id")
        channel = self._download_json(f"{site}/api/channel/{name}", name)
        tabs = [self.url_result(f"{site}/list/{tab}", HarbourListIE) for tab in channel["tabs"]]
        return self.playlist_result(tabs, name, channel["title"])


class HarbourListIE(InfoExtractor):  # type: ignore[misc]
    """A list is requested page by page, when its entries are needed."""

    _VALID_URL = rf"(?P<site>{_SITE})/list/(?P<id>\w+)"
    _PAGE = 30
    _RETURN_TYPE = "playlist"

    def _real_extract(self, url: str) -> Any:
        site, name = self._match_valid_url(url).group("site", "id")

        def page(number: int) -> Any:
            address = f"{site}/api/list/{name}?page={number}"
            for video in self._download_json(address, name):
                link = f"{site}/video/{video['id']}"
                yield self.url_result(link, HarbourVideoIE, video["id"], video.get("title"))

        return self.playlist_result(OnDemandPagedList(page, self._PAGE), name, name)


class HarbourVideoIE(InfoExtractor):  # type: ignore[misc]
    """A video is an `info_dict` in JSON, or refused as sites refuse videos."""

    _VALID_URL = rf"(?P<site>{_SITE})/video/(?P<id>\w+)"

    def _real_extract(self, url: str) -> Any:
        site, name = self._match_valid_url(url).group("site", "id")
        video = self._download_json(f"{site}/api/video/{name}", name)
        if video.get("refused") == "country":
            self.raise_geo_restricted(countries=["DE"])
        if video.get("refused") == "login":
            self.raise_login_required()
        return {"id": name, **video}


#: The extractors of this package by name, as yt-dlp keeps them.
CHANNEL_EXTRACTORS = {
    cls.__name__: cls for cls in (HarbourShortIE, HarbourChannelIE, HarbourListIE, HarbourVideoIE)
}
