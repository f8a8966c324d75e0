"""What every resolver must keep to."""

import attrs
import pytest

from aniworld_core.domain.media import GER_SUB, MediaSource
from aniworld_core.ports.resolver import StreamResolver

_NO_LINKS = ("", " ", "no link", "http://", "http://[", "javascript:alert(1)", "//x", "\x00")


class StreamResolverContract:
    """Subclass it, name the class `Test…`, give a `resolver` and a `source` it resolves."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    async def resolver(self) -> StreamResolver:
        """Give the resolver under test; subclasses override this."""
        raise TypeError("override the `resolver` fixture")

    @pytest.fixture
    async def source(self) -> MediaSource:
        """Give a source; subclasses override this."""
        raise TypeError("override the `source` fixture")

    async def test_it_has_a_name(self, resolver: StreamResolver) -> None:
        """The name says which it is."""
        assert resolver.name.strip() == resolver.name != ""

    @pytest.mark.parametrize("link", _NO_LINKS)
    async def test_accepting_never_fails(
        self, resolver: StreamResolver, source: MediaSource, link: str
    ) -> None:
        """Whatever a catalogue gives is answered with yes or no."""
        assert resolver.accepts(attrs.evolve(source, url=link)) in {True, False}

    async def test_it_accepts_what_it_resolves(
        self, resolver: StreamResolver, source: MediaSource
    ) -> None:
        """The given source is taken."""
        assert resolver.accepts(source)

    async def test_streams_carry_over_what_the_source_says(
        self, resolver: StreamResolver, source: MediaSource
    ) -> None:
        """Language, reach, provider and hoster stay with the stream."""
        told = attrs.evolve(
            source,
            language=GER_SUB,
            provider="some-provider",
            hoster="some-hoster",
            reach=source.reach | {"127.0.0.1:9"},
        )

        streams = await resolver.resolve(told)

        assert streams
        for stream in streams:
            assert stream.language == GER_SUB
            assert stream.provider == "some-provider"
            assert stream.hoster == "some-hoster"
            assert stream.reach == told.reach

    async def test_resolving_again_gives_the_same_media(
        self, resolver: StreamResolver, source: MediaSource
    ) -> None:
        """Links may differ; what they lead to does not."""
        first = await resolver.resolve(source)
        second = await resolver.resolve(source)

        assert [(s.kind, s.height) for s in first] == [(s.kind, s.height) for s in second]
