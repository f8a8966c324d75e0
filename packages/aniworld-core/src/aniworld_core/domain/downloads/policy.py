"""Choice of language, source and stream."""

from collections.abc import Iterable, Sequence

from aniworld_core.domain.media import Language, MediaSource, Quality, Stream
from aniworld_core.domain.subtitles import SubtitleChoice


def wanted_languages(
    item: Sequence[Language] | None,
    series: Sequence[Language] | None,
    everywhere: Sequence[Language],
) -> tuple[Language, ...]:
    """Return the languages of the item, else those of the series, else the global ones."""
    return tuple(item or series or everywhere)


def rank_sources(
    sources: Iterable[MediaSource], wanted: Sequence[Language]
) -> tuple[MediaSource, ...]:
    """Return the sources of wanted languages, ordered by language, then as given.

    Sources without language information come last.
    """
    places = {language: place for place, language in enumerate(wanted)}
    ranked = [
        (len(places) if s.language is None else places[s.language], s)
        for s in sources
        if s.language is None or s.language in places
    ]
    return tuple(source for _, source in sorted(ranked, key=lambda pair: pair[0]))


def rank_streams(
    streams: Iterable[Stream], quality: Quality, wanted: Sequence[Language] = ()
) -> tuple[Stream, ...]:
    """Return the streams of one source ordered by language, then quality, best choice first.

    Streams spoken in a wanted language come first, in the order of *wanted*; then those of
    unknown language, then others. Within a language, heights up to the maximum come first, tallest
    first; then unknown heights in the given order; then taller ones, shortest first. `worst`
    reverses the order of known heights.
    """
    ceiling = quality.max_height
    given = list(streams)

    def spoken(stream: Stream) -> int:
        if stream.language is None or not wanted:
            return len(wanted)
        audio = stream.language.audio
        fitting = (place for place, each in enumerate(wanted) if each.allows_audio(audio))
        return next(fitting, len(wanted) + 1)

    def rank(stream: Stream) -> tuple[int, int, int]:
        place = spoken(stream)
        if stream.height is None:
            return (place, 1, 0)
        if quality is Quality.WORST:
            return (place, 0, stream.height)
        if ceiling is not None and stream.height > ceiling:
            return (place, 2, stream.height)
        return (place, 0, -stream.height)

    return tuple(sorted(given, key=rank))


def text_languages(choice: SubtitleChoice, wanted: Sequence[Language]) -> frozenset[str] | None:
    """Return the languages of wanted subtitles as ISO 639-3 codes; `None` means all.

    A dub gets subtitles in its own language too, for translated signs.
    """
    if choice is SubtitleChoice.ALL:
        return None
    if choice is SubtitleChoice.NONE:
        return frozenset()
    return frozenset(language.subtitles or language.audio for language in wanted)


def is_upgrade(current: Language | None, offered: Language, wanted: Sequence[Language]) -> bool:
    """Return whether *offered* comes before the language of the library file in *wanted*."""
    if offered not in wanted:
        return False
    if current is None or current not in wanted:
        return current is not None
    return list(wanted).index(offered) < list(wanted).index(current)
