"""Choose the file of each episode among the files that are one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import SeasonPart, Series
from aniworld_core.domain.library.file_names.reading import ParsedName
from aniworld_core.domain.library.files import FileFacts, FileState, FoundFile, LibraryFile
from aniworld_core.domain.library.matching.numbering import Claim, Place
from aniworld_core.domain.library.matching.versions import (
    VersionTraits,
    best_version,
    height_in_name,
    part_in_name,
)
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message


@attrs.define(eq=False)
class Reading:
    """A file while it is matched.

    Attributes:
        claim: Numbers that count within a season or through all, until that is decided.
        part: Later part of the series that the name of the file or its folder names.
    """

    path: str
    found: FoundFile
    parsed: ParsedName
    is_opaque: bool
    state: FileState | None = None
    reason: Message | None = None
    places: tuple[Place, ...] = ()
    claim: Claim | None = None
    part: SeasonPart | None = None
    is_pinned: bool = False
    is_linked: bool = False

    def settle(self, state: FileState, reason: Message | None) -> None:
        """Set the final state of a file that is no episode."""
        self.state, self.reason = state, reason


def choose_files(
    series: Series,
    readings: Sequence[Reading],
    known: Mapping[str, LibraryFile],
    wanted: Sequence[Language],
    unusable: Collection[str],
) -> dict[Place, Reading]:
    """Return the file of each episode that has one."""
    current = {(e.season, e.number): e for e in series.episodes if e.file}
    by_place: defaultdict[Place, list[Reading]] = defaultdict(list)
    for reading in readings:
        if reading.state is None and reading.path not in unusable:
            for place in reading.places:
                by_place[place].append(reading)
    chosen: dict[Place, Reading] = {}
    for place, files in by_place.items():
        if len(files) == 1:
            chosen[place] = files[0]
            continue
        episode = current.get(place)
        held = (episode.file, episode.file_language) if episode else (None, None)
        traits = {_traits(r, known.get(r.path), held, wanted): r for r in files}
        chosen[place] = traits[best_version(tuple(traits), wanted)]
    return chosen


def _traits(
    reading: Reading,
    record: LibraryFile | None,
    held: tuple[str | None, Language | None],
    wanted: Sequence[Language],
) -> VersionTraits:
    facts = record.facts if record else None
    is_current = reading.path == held[0]
    language = (held[1] if is_current else None) or reading.parsed.language
    return VersionTraits(
        file=reading.path,
        language=language or (_language(facts, wanted) if facts else None),
        height=(facts.height if facts else None) or height_in_name(reading.path),
        version=reading.parsed.version,
        part=part_in_name(reading.path),
        count=len(reading.places),
        size=reading.found.size,
        is_pinned=reading.is_pinned,
        is_current=is_current,
        is_opaque=reading.is_opaque,
    )


def _language(facts: FileFacts, wanted: Sequence[Language]) -> Language | None:
    """Return the first wanted language that the tracks offer."""
    return next(
        (
            language
            for language in wanted
            if language.audio in facts.audio_languages
            and (language.subtitles is None or language.subtitles in facts.subtitle_languages)
        ),
        None,
    )
