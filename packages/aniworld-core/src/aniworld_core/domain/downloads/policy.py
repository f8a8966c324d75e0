"""Which language and which source is taken."""

from collections.abc import Iterable, Sequence

from aniworld_core.domain.media import Language, MediaSource, Quality, Stream
from aniworld_core.domain.subtitles import SubtitleChoice


def wanted_languages(
    item: Sequence[Language] | None,
    series: Sequence[Language] | None,
    everywhere: Sequence[Language],
) -> tuple[Language, ...]:
    """The order that applies: the item's own, else the series' own, else the global one."""
    return tuple(item or series or everywhere)


def rank_sources(
    sources: Iterable[MediaSource], wanted: Sequence[Language]
) -> tuple[MediaSource, ...]:
    """Order sources by wanted language; within one language the given order stays.

    Only wanted languages are taken. A source without language information is acceptable last.
    """
    places = {language: place for place, language in enumerate(wanted)}
    ranked = [
        (len(places) if s.language is None else places[s.language], s)
        for s in sources
        if s.language is None or s.language in places
    ]
    return tuple(source for _, source in sorted(ranked, key=lambda pair: pair[0]))


def rank_streams(streams: Iterable[Stream], quality: Quality) -> tuple[Stream, ...]:
    """Order streams of one source by the wanted quality, best choice first.

    Heights up to the ceiling come first, tallest first; then unknown heights in the given order;
    then what is too tall, shortest first. `worst` turns the order of known heights round.
    """
    ceiling = quality.max_height
    given = list(streams)

    def rank(stream: Stream) -> tuple[int, int]:
        if stream.height is None:
            return (1, 0)
        if quality is Quality.WORST:
            return (0, stream.height)
        if ceiling is not None and stream.height > ceiling:
            return (2, stream.height)
        return (0, -stream.height)

    return tuple(sorted(given, key=rank))


def text_languages(choice: SubtitleChoice, wanted: Sequence[Language]) -> frozenset[str] | None:
    """The languages, as ISO 639-3 codes, in which somebody who wants *wanted* reads subtitles.

    Who wants a dub reads in its language too, if only the signs. `None` means any language.
    """
    if choice is SubtitleChoice.ALL:
        return None
    if choice is SubtitleChoice.NONE:
        return frozenset()
    return frozenset(language.subtitles or language.audio for language in wanted)


def is_upgrade(current: Language | None, offered: Language, wanted: Sequence[Language]) -> bool:
    """Whether *offered* stands earlier in the wanted order than what the library holds."""
    if offered not in wanted:
        return False
    if current is None or current not in wanted:
        return current is not None
    return list(wanted).index(offered) < list(wanted).index(current)
