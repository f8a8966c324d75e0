"""Which catalogue takes a link."""

import attrs
import pytest

from aniworld_core.application.catalogue import Loaders
from aniworld_core.errors import InvalidLinkError
from aniworld_core.messages import kind_of
from aniworld_core.ports.loader import Breadth
from aniworld_core.testing.fakes import FakeLoader

pytestmark = pytest.mark.anyio


@attrs.define(eq=False, kw_only=True)
class _Loader(FakeLoader):
    """Loader that owns links with one of its words, and recognises links with another."""

    width: Breadth
    owned: str = "http"
    recognised: str = "nothing"
    asked: list[str] = attrs.field(factory=list)

    @property
    def breadth(self) -> Breadth:
        return self.width

    def owns(self, link: str) -> bool:
        return self.owned in link

    async def recognises(self, link: str) -> bool:
        self.asked.append(link)
        return self.owns(link) or self.recognised in link


async def test_narrow_catalogues_come_first() -> None:
    """A site, then a format by its link, then a format by a request, then any link."""
    any_link = _Loader(width=Breadth.ANY)
    form = _Loader(width=Breadth.FORMAT, owned=".rss", recognised="podcast")
    site = _Loader(width=Breadth.SITE, owned="site.example")
    loaders = Loaders({"any": any_link, "form": form, "site": site})

    for link, owner, requests in (
        ("http://site.example/show.rss", site, 0),
        ("http://other.example/show.rss", form, 0),
        ("http://other.example/podcast", form, 1),
        ("http://other.example/channel", any_link, 1),
    ):
        form.asked.clear()
        assert await loaders.owner_of(link) is owner
        assert len(form.asked) == requests
    with pytest.raises(InvalidLinkError):
        await Loaders({"form": form}).owner_of("http://other.example/channel")


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("ftp://x.example/show", "not_web_link"),
        ("https://x.example/show", "no_catalogue_takes_link"),
    ],
)
async def test_a_link_of_no_catalogue_is_refused_with_its_reason(link: str, reason: str) -> None:
    """A link that no catalogue could read names that instead of the catalogues."""
    site = _Loader(width=Breadth.SITE, owned="site.example")
    with pytest.raises(InvalidLinkError) as caught:
        await Loaders({"fake": site}).owner_of(link)
    assert kind_of(caught.value.reason) == reason
