"""Match the files of a series to its episodes; every file gets exactly one state and a reason."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import attrs

from aniworld_core.domain.catalogue import SeasonPart, Series
from aniworld_core.domain.library.entry_rules import (
    DISC_FOLDERS,
    EntryRole,
    file_rule,
    folder_rule,
    media_suffix,
)
from aniworld_core.domain.library.file_names.folders import FolderHint, read_folders
from aniworld_core.domain.library.file_names.names import parse_file_name
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    ParsedName,
    SeasonSource,
    SequelKind,
)
from aniworld_core.domain.library.files import (
    FileState,
    FolderContents,
    FoundFile,
    LibraryFile,
)
from aniworld_core.domain.library.matching.choosing import Reading, choose_files
from aniworld_core.domain.library.matching.folder_names import read_folder_name, split_title
from aniworld_core.domain.library.matching.folding import title_keys
from aniworld_core.domain.library.matching.numbering import (
    Claim,
    Counting,
    EpisodeTable,
    Place,
    decide_counting,
    foreign_seasons,
    is_contradiction,
)
from aniworld_core.domain.library.matching.own_names import read_own_name, read_plain_name
from aniworld_core.domain.library.matching.parts import PartTitles, places_in_part
from aniworld_core.domain.library.matching.results import FileMatch, SeriesFiles
from aniworld_core.domain.library.matching.specials import place_special
from aniworld_core.domain.library.matching.versions import (
    reason_of_version,
)
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message

#: Rules whose season and number are written in the name itself.
_EXPLICIT: Final = frozenset({NameRule.OWN_NAME, NameRule.SEASON_EPISODE, NameRule.CROSS})
_BRACKET: Final = re.compile(r"[\[({【]")


def match_episodes(
    series: Series,
    folders: Iterable[FolderContents],
    *,
    known: Mapping[str, LibraryFile] | None = None,
    wanted: Sequence[Language] = (),
    unusable: Collection[str] = (),
) -> SeriesFiles:
    """Match the files in all folders of a series to its episodes.

    The result does not depend on the order of folders and files.

    Args:
        series: The series with the episodes of its catalogue and the files so far.
        folders: Its folders, or parts of folders.
        known: Stored path -> what is stored about the file: pins and facts.
        wanted: Languages of its policy, preferred first.
        unusable: Stored paths of damaged files; they represent no episode.
    """
    known = known or {}
    table = EpisodeTable.of(series)
    reader = _Reader.of(series, table, known)
    readings = [reading for contents in folders for reading in reader.read_folder(contents)]
    readings.sort(key=lambda reading: reading.path)
    _settle_claims(table, readings, read_folder_name(series.name).season)
    for reading in readings:
        if reading.state is None and not reading.places:
            reading.settle(FileState.EXTRA, _not_listed(reading.parsed))
    chosen = choose_files(series, readings, known, wanted, unusable)
    best = {reading.path for reading in chosen.values()}
    matches = {r.path: _match(r, is_best=r.path in best) for r in readings}
    return SeriesFiles(
        tuple(matches.values()),
        MappingProxyType({place: matches[r.path] for place, r in sorted(chosen.items())}),
    )


class _FolderRules(NamedTuple):
    """What a folder says about the files in it.

    Attributes:
        parents: It and the folders above it, outermost first.
        hint: Season and kind that they state.
        bonus_reason: Why files in it are no episodes; `None` if they can be.
        part: Later part of the series that it names.
    """

    parents: tuple[str, ...]
    hint: FolderHint
    bonus_reason: Message | None
    part: SeasonPart | None = None


@attrs.frozen
class _Reader:
    """Read the names of the files of one series.

    Attributes:
        titles: All titles of the series, without the year of its name, then those of its parts.
        keys: Folded titles of the series.
        parts: Its later parts.
    """

    series: Series
    table: EpisodeTable
    known: Mapping[str, LibraryFile]
    titles: tuple[str, ...]
    keys: frozenset[str]
    parts: PartTitles

    @classmethod
    def of(cls, series: Series, table: EpisodeTable, known: Mapping[str, LibraryFile]) -> "_Reader":
        """Return the reader of a series."""
        titles = (split_title(series.name, None)[0], series.name, *series.alternative_titles)
        unique = tuple(dict.fromkeys(title for title in titles if title))
        keys = frozenset(key for title in unique for key in title_keys(title).strict)
        of_parts = (title for part in series.parts for title in part.titles)
        return cls(
            series,
            table,
            known,
            tuple(dict.fromkeys((*unique, *of_parts))),
            keys,
            PartTitles.of(series, keys),
        )

    def read_folder(self, contents: FolderContents) -> Iterator[Reading]:
        """Read the files of a folder and place those that stand alone."""
        outer = self._outer(contents)
        outer_part = self.parts.of_folders([contents.folder.rpartition("/")[2]])
        rules = {"": _FolderRules(outer, read_folders(outer), None, outer_part)}
        for file in contents.files:
            below, _, name = file.path.rpartition("/")
            if below not in rules:
                inner = tuple(below.split("/"))
                parents = (*outer, *inner)
                rules[below] = _FolderRules(
                    parents,
                    read_folders(parents),
                    _bonus_reason(inner),
                    self.parts.of_folders(inner) or outer_part,
                )
            yield self._read(contents.path_of(file.path), file, name, rules[below])

    def _read(
        self,
        path: str,
        file: FoundFile,
        name: str,
        folder: _FolderRules,
    ) -> Reading:
        is_disc = name.lower() in DISC_FOLDERS
        rule = folder_rule(name) if is_disc else file_rule(name)
        parents = folder.parents
        if is_disc and parents:
            *rest, name = parents
            parents = tuple(rest)
        stem = name.removesuffix(media_suffix(name))
        parsed = read_own_name(stem, self.titles, folder.hint)
        if parsed is None and not self.parts.parts:
            parsed = read_plain_name(stem, self.titles, folder.hint, parents)
        if parsed is None:
            parsed = parse_file_name(stem, parents=parents, titles=self.titles)
        reading = Reading(path, file, parsed, is_opaque=rule.role is EntryRole.OPAQUE)
        reading.part = self.parts.named(parsed) or folder.part
        record = self.known.get(path)
        if record is not None and record.pinned:
            reading.is_pinned = True
            reading.places = _pinned(self.table, record)
        elif folder.bonus_reason is not None:
            reading.settle(FileState.IGNORED, folder.bonus_reason)
        elif rule.role in (EntryRole.EXTRA, EntryRole.IGNORED):
            reading.settle(FileState.IGNORED, rule.reason)
        else:
            _place(self.series, self.table, reading, stem)
            if record is not None and record.linked:
                _place_by_content(self.table, reading, record)
        return reading

    def _outer(self, contents: FolderContents) -> tuple[str, ...]:
        """Return the folder of the series if it speaks about its files.

        It does if its name is more than the title of the series: the season of `Alpha Staffel 2`
        counts, unless the series itself has that title.
        """
        folder = contents.folder.rpartition("/")[2]
        if folder in self.titles and not _BRACKET.search(folder):
            return ()
        name = read_folder_name(folder)
        is_more = name.season is not None or name.is_release or bool(name.base)
        return (folder,) if is_more and not title_keys(name.literal).strict & self.keys else ()


def _bonus_reason(folders: Sequence[str]) -> Message | None:
    """Return why files in these folders are no episodes, or `None`."""
    rules = (folder_rule(folder) for folder in folders)
    return next((r.reason for r in rules if r.role in (EntryRole.EXTRA, EntryRole.IGNORED)), None)


def _place(series: Series, table: EpisodeTable, reading: Reading, stem: str) -> None:
    """Set the episodes of a file, or its claim, or why it is none."""
    parsed = reading.parsed
    if parsed.kind is NameKind.EXTRA:
        reading.settle(FileState.IGNORED, Message("file_bonus_clip"))
    elif _place_in_part(table, reading):
        pass
    elif parsed.sequel is not None and parsed.season is None:
        _place_sequel(table, reading)
    elif parsed.doubt is not None:
        reading.settle(FileState.UNSURE, parsed.doubt)
    elif parsed.rule in _EXPLICIT and parsed.season is not None:
        reading.places = table.within_season(Claim(parsed.season, parsed.episodes))
    elif parsed.kind in (NameKind.SPECIAL, NameKind.MOVIE) or parsed.season == 0:
        places = place_special(series, parsed, stem)
        if places is None:
            reading.settle(FileState.UNSURE, Message("file_special_unclear"))
        reading.places = places or ()
    elif parsed.kind is NameKind.UNKNOWN:
        reading.places = place_special(series, parsed, stem) or ()
        if not reading.places:
            reading.settle(FileState.EXTRA, Message("file_no_number"))
    elif parsed.season is not None and parsed.season_from is SeasonSource.NAME:
        reading.places = table.within_season(Claim(parsed.season, parsed.episodes))
    else:
        numbers = parsed.episodes or parsed.absolute
        if numbers:
            reading.claim = Claim(parsed.season, numbers)


def _place_in_part(table: EpisodeTable, reading: Reading) -> bool:
    """Place a file of a later part; return False if its name does not count in the part.

    A season of the catalogue that the name states counts more than the part.
    """
    part, parsed = reading.part, reading.parsed
    if part is None or parsed.is_special or (parsed.season in table.seasons):
        return False
    if parsed.doubt is not None and parsed.sequel is None:
        return False
    stated = next((c.episodes for c in parsed.candidates if c.episodes), ())
    numbers = parsed.episodes or parsed.absolute or stated
    if numbers:
        reading.places = places_in_part(table, part, numbers)
    return bool(reading.places)


def _place_by_content(table: EpisodeTable, reading: Reading, record: LibraryFile) -> None:
    """Place a file by its record if its name says nothing sure and its content is the same."""
    found = reading.found
    is_open = not reading.places and reading.claim is None
    if is_open and record.is_same_content(found.size, found.modified_ns):
        places = _pinned(table, record)
        reading.places, reading.is_linked = places, bool(places)
        if places:
            reading.state = reading.reason = None


def _place_sequel(table: EpisodeTable, reading: Reading) -> None:
    """Place a file with a mark of a later part: `Alpha II - 01` if there is a second season."""
    parsed, mark = reading.parsed, reading.parsed.sequel
    numbers = parsed.episodes or next((c.episodes for c in parsed.candidates if c.episodes), ())
    if mark is not None and mark.kind is SequelKind.NUMERAL and mark.number in table.seasons:
        reading.places = table.within_season(Claim(mark.number, numbers))
    if not reading.places:
        text = mark.text if mark else ""
        reading.settle(FileState.UNSURE, Message("file_sequel", mark=text))


def _settle_claims(
    table: EpisodeTable, readings: Sequence[Reading], own_season: int | None
) -> None:
    """Place the files whose numbers can count in two ways, all of them alike.

    Args:
        table: The episodes.
        readings: The files.
        own_season: Season in the name of the series; a folder of it means the series.
    """
    claims = [(r, r.claim) for r in readings if r.claim is not None]
    foreign = foreign_seasons(table, [claim for _, claim in claims]) - {own_season}
    counted = [claim for _, claim in claims if claim.season not in foreign]
    way = decide_counting(table, counted)
    for reading, claim in claims:
        if claim.season in foreign:
            if table.through_seasons(claim):
                reading.settle(FileState.UNSURE, Message("file_counting_differs"))
        elif way is Counting.ABSOLUTE:
            reading.places = table.through_seasons(claim)
            if is_contradiction(table, claim):
                reading.places = ()
                reading.settle(FileState.UNSURE, Message("file_counting_differs"))
        else:
            reading.places = table.within_season(claim)


def _match(reading: Reading, *, is_best: bool) -> FileMatch:
    parsed = reading.parsed
    state, reason = reading.state, reading.reason
    if state is None:
        state = FileState.PRESENT if is_best else FileState.VERSION
        if reading.is_opaque:
            reason = Message("entry_opaque")
        elif not is_best:
            reason = reason_of_version(reading.path)
    places = reading.places
    is_one_season = len(places) == 1 or len({season for season, _ in places}) == 1
    return FileMatch(
        path=reading.path,
        found=reading.found,
        state=state,
        places=places if state in (FileState.PRESENT, FileState.VERSION) else (),
        season=places[0][0] if is_one_season else parsed.season,
        numbers=_numbers(reading, is_one_season=is_one_season),
        language=parsed.language,
        reason=reason,
        candidates=parsed.candidates if state is FileState.UNSURE else (),
        is_opaque=reading.is_opaque,
        is_linked=reading.is_linked,
    )


def _numbers(reading: Reading, *, is_one_season: bool) -> tuple[int, ...]:
    """Return the numbers within the season, with those that the catalogue does not list."""
    named = reading.parsed.episodes or reading.parsed.absolute
    placed = tuple(number for _, number in reading.places)
    return placed if is_one_season and not set(placed) <= set(named) else named


def _pinned(table: EpisodeTable, record: LibraryFile) -> tuple[Place, ...]:
    if record.season is None:
        return ()
    return table.within_season(Claim(record.season, record.numbers))


def _not_listed(parsed: ParsedName) -> Message:
    if not parsed.episodes and not parsed.absolute:
        return Message("file_no_number")
    return Message("file_not_listed")
