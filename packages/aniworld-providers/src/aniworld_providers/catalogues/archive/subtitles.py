"""Assign the subtitle files of an item to its videos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aniworld_core.domain.subtitles import TextTrack, flags_in
from aniworld_providers.catalogues.archive.item import ArchiveFile, ArchiveSubtitle
from aniworld_providers.media.probe.language_names import language_named

_SUFFIXES: Final = frozenset({"srt", "vtt", "ass", "ssa"})
#: Most words between the name of the video and the suffix: language and flags.
_MOST_WORDS: Final = 3
#: Words that are also language tags, but are flags in this position.
_FLAGS: Final = frozenset({"sdh", "cc", "forced"})
#: Word for subtitles that the site made by speech recognition.
_HEARD: Final = "asr"


def subtitles_by_stem(files: Iterable[ArchiveFile]) -> Mapping[str, tuple[ArchiveSubtitle, ...]]:
    """Return the subtitles of an item by the path of their video without suffix.

    The name of a subtitle file is the name of the video, optionally with language and flags:
    `a.de.forced.srt` belongs to `a.mkv`.
    """
    found: defaultdict[str, list[ArchiveSubtitle]] = defaultdict(list)
    for file in files:
        stem, _, suffix = file.name.rpartition(".")
        if suffix.lower() not in _SUFFIXES or file.private:
            continue
        words: list[str] = []
        while stem and len(words) <= _MOST_WORDS:
            track = _track(words)
            if track is not None:
                found[stem].append(ArchiveSubtitle(file.name, track))
            stem, _, word = stem.rpartition(".")
            words.insert(0, word.lower())
    return {stem: tuple(texts) for stem, texts in found.items()}


def _track(words: Sequence[str]) -> TextTrack | None:
    """Parse the words between name and suffix; return `None` if they belong to the name."""
    if _HEARD in words:
        return None
    language, rest = None, words
    if words and words[0] not in _FLAGS:
        language, rest = language_named(words[0], words[0]), words[1:]
        if language is None:
            return None
    forced, hearing_impaired = flags_in(" ".join(rest))
    return TextTrack(language=language, forced=forced, hearing_impaired=hearing_impaired)
