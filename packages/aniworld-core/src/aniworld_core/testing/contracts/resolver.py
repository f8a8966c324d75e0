"""Contract suite of `StreamResolver`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.media import GER_SUB, MediaSource
from aniworld_core.ports.resolver import StreamResolver

_NO_LINKS = ("", " ", "no link", "http://", "http://[", "javascript:alert(1)", "//x", "\x00")


class StreamResolverContract:
    """Subclass it as `Test…` and provide a `resolver` and a `source` that it resolves."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def resolver(self) -> StreamResolver:
        """Return the resolver under test; subclasses override it."""
        raise TypeError("override the `resolver` fixture")

    @pytest.fixture
    async def source(self) -> MediaSource:
        """Return a source; subclasses override it."""
        raise TypeError("override the `source` fixture")

    async def test_it_has_a_name(self, resolver: StreamResolver) -> None:
        """A resolver has a name."""
        assert resolver.name.strip() == resolver.name != ""

    @pytest.mark.parametrize("link", _NO_LINKS)
    async def test_accepting_never_fails(
        self, resolver: StreamResolver, source: MediaSource, link: str
    ) -> None:
        """`accepts` returns a boolean for any source."""
        assert resolver.accepts(attrs.evolve(source, url=link)) in {True, False}

    async def test_it_accepts_what_it_resolves(
        self, resolver: StreamResolver, source: MediaSource
    ) -> None:
        """The resolver accepts the source that it resolves."""
        assert resolver.accepts(source)

    async def test_streams_carry_over_what_the_source_says(
        self, resolver: StreamResolver, source: MediaSource
    ) -> None:
        """Streams have the language, reach, provider and hoster of the source."""
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
        """Resolving again returns streams of the same media."""
        first = await resolver.resolve(source)
        second = await resolver.resolve(source)

        assert [(s.kind, s.height) for s in first] == [(s.kind, s.height) for s in second]
