"""Which subtitle files of an item belong to which of its videos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aniworld_core.domain.subtitles import TextTrack, flags_in
from aniworld_providers.catalogues.archive.item import ArchiveFile, ArchiveText
from aniworld_providers.media.probe.language_names import language_named

_SUFFIXES: Final = frozenset({"srt", "vtt", "ass", "ssa"})
#: Between the name of a video and the suffix there may be a language and what is special.
_MOST_WORDS: Final = 3
#: Words that are language tags as well, but never meant so in front.
_FLAGS: Final = frozenset({"sdh", "cc", "forced"})
#: What the site itself made by listening.
_HEARD: Final = "asr"


def texts_by_stem(files: Iterable[ArchiveFile]) -> Mapping[str, tuple[ArchiveText, ...]]:
    """Return the subtitles of an item by the path, without suffix, of the video they belong to.

    They are called like it, perhaps with a language and what is special behind: `a.de.forced.srt`
    belongs to `a.mkv`.
    """
    found: defaultdict[str, list[ArchiveText]] = defaultdict(list)
    for file in files:
        stem, _, suffix = file.name.rpartition(".")
        if suffix.lower() not in _SUFFIXES or file.private:
            continue
        words: list[str] = []
        while stem and len(words) <= _MOST_WORDS:
            track = _track(words)
            if track is not None:
                found[stem].append(ArchiveText(file.name, track))
            stem, _, word = stem.rpartition(".")
            words.insert(0, word.lower())
    return {stem: tuple(texts) for stem, texts in found.items()}


def _track(words: Sequence[str]) -> TextTrack | None:
    """Read the words between name and suffix; `None` if they are part of the name instead."""
    if _HEARD in words:
        return None
    language, rest = None, words
    if words and words[0] not in _FLAGS:
        language, rest = language_named(words[0], words[0]), words[1:]
        if language is None:
            return None
    forced, hearing_impaired = flags_in(" ".join(rest))
    return TextTrack(language=language, forced=forced, hearing_impaired=hearing_impaired)
