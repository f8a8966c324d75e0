"""Match folders of the library to series.

Rules in this order, the first that finds a series decides: the stored folder, the key file or the
ids of `tvshow.nfo`, ids in the folder's name, the folded name with year, the folded name without
year, another title of the series. A year, id or key that contradicts a series excludes it. Two
series that fit alike are a question for a person, never a guess.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

import attrs

from aniworld_core.domain.catalogue import SeasonPart, Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library.matching.folder_names import (
    FolderTitle,
    read_folder_name,
    split_title,
)
from aniworld_core.domain.library.matching.folding import TitleKeys, title_keys
from aniworld_core.domain.library.matching.marks import FolderMarks
from aniworld_core.domain.library.matching.parts import marked_part
from aniworld_core.domain.library.safe_names import fold_name
from aniworld_core.messages import Message

#: Most candidates that are kept for a folder.
_CANDIDATES: Final = 8


class FolderRule(StrEnum):
    """The rule that matched a folder; most reliable first."""

    STORED = "stored"
    KEY = "key"
    NFO_ID = "nfo_id"
    NAME_ID = "name_id"
    TITLE_YEAR = "title_year"
    TITLE = "title"
    ALIAS = "alias"
    NONE = "none"


@attrs.frozen(kw_only=True)
class FolderOwner:
    """Result of matching a folder.

    Attributes:
        key: The series; `None` if none fits or several do.
        rule: The rule that decided.
        candidates: Series that may be meant if it is not sure, most likely first.
        reason: Why it is not sure, or why a series of that name does not fit.
    """

    key: SeriesKey | None = None
    rule: FolderRule = FolderRule.NONE
    candidates: tuple[SeriesKey, ...] = ()
    reason: Message | None = None

    @property
    def is_exact(self) -> bool:
        """Return whether more than a title without year decided, or the stored folder did."""
        return self.rule not in (FolderRule.TITLE, FolderRule.ALIAS, FolderRule.NONE)


@attrs.frozen
class _Entry:
    """A series in the index."""

    year: int | None
    ids: Mapping[str, str]
    keys: frozenset[str]
    catalogue_key: SeriesKey
    parts: tuple[SeasonPart, ...]


_NO_MARKS: Final = FolderMarks()
_K = TypeVar("_K")
_NO_OWNER: Final = FolderOwner()


@attrs.frozen
class FolderIndex:
    """Stored series by folder, id and folded title; built once for a scan."""

    _entries: Mapping[SeriesKey, _Entry]
    _folders: Mapping[str, SeriesKey]
    _ids: Mapping[tuple[str, str], tuple[SeriesKey, ...]]
    _names: Mapping[str, tuple[SeriesKey, ...]]
    _aliases: Mapping[str, tuple[SeriesKey, ...]]

    @classmethod
    def of(cls, series: Iterable[Series]) -> "FolderIndex":
        """Return the index of these series."""
        entries: dict[SeriesKey, _Entry] = {}
        folders: dict[str, SeriesKey] = {}
        ids: defaultdict[tuple[str, str], list[SeriesKey]] = defaultdict(list)
        names: defaultdict[str, list[SeriesKey]] = defaultdict(list)
        aliases: defaultdict[str, list[SeriesKey]] = defaultdict(list)
        for one in sorted(series, key=lambda each: each.key):
            title, year = split_title(one.name, one.year)
            for folder in (one.folder, *one.other_folders):
                if folder:
                    folders.setdefault(fold_name(folder), one.key)
            for pair in _id_pairs(one.external_ids):
                ids[pair].append(one.key)
            own = _all_keys(title_keys(title))
            of_parts = (title for part in one.parts for title in part.titles)
            others = {
                key
                for other in (*one.alternative_titles, *of_parts)
                for key in _all_keys(title_keys(split_title(other, None)[0]))
            }
            for key in own:
                names[key].append(one.key)
            for key in others:
                aliases[key].append(one.key)
            entries[one.key] = _Entry(
                year,
                dict(_id_pairs(one.external_ids)),
                frozenset(own | others),
                one.catalogue_key or one.key,
                one.parts,
            )
        return cls(entries, folders, _frozen(ids), _frozen(names), _frozen(aliases))

    def stored(self, folder: str) -> SeriesKey | None:
        """Return the series with this stored folder."""
        return self._folders.get(fold_name(folder))

    def owner(self, folder: str, marks: FolderMarks = _NO_MARKS) -> FolderOwner:
        """Return the series of a folder.

        Args:
            folder: Stored path of the folder; only its last part names the series.
            marks: What its key file and NFO say.
        """
        stored = self.stored(folder)
        if stored is not None:
            return FolderOwner(key=stored, rule=FolderRule.STORED)
        if marks.key is not None and (keyed := self._with_key(marks.key)):
            return _decided(keyed, FolderRule.KEY)
        name = read_folder_name(folder.rpartition("/")[2])
        for ids, rule in ((marks.ids, FolderRule.NFO_ID), (name.ids, FolderRule.NAME_ID)):
            found = self._with_ids(ids)
            if found:
                return _decided(found, rule)
        return self._by_title(name, marks)

    def titled(self, title: str) -> FolderOwner:
        """Return the series of a title, as a file name gives it."""
        return self._by_title(read_folder_name(title), _NO_MARKS)

    def _with_key(self, key: SeriesKey) -> tuple[SeriesKey, ...]:
        if key in self._entries:
            return (key,)
        return tuple(own for own, entry in self._entries.items() if entry.catalogue_key == key)

    def _with_ids(self, ids: Mapping[str, str]) -> tuple[SeriesKey, ...]:
        found = (key for pair in ids.items() for key in self._ids.get(pair, ()))
        return tuple(dict.fromkeys(found))

    def _by_title(self, name: FolderTitle, marks: FolderMarks) -> FolderOwner:
        titles = [*((title, marks.year) for title in marks.titles), *name.titles]
        excluded: list[SeriesKey] = []
        for index, rule in ((self._names, FolderRule.TITLE), (self._aliases, FolderRule.ALIAS)):
            for found, year in _look_up(index, titles):
                is_alias = rule is FolderRule.ALIAS
                fitting = [k for k in found if self._fits(k, year, name, marks, as_part=is_alias)]
                excluded += (key for key in found if key not in fitting)
                if not fitting:
                    continue
                dated = [k for k in fitting if year is not None and self._entries[k].year == year]
                if dated and rule is FolderRule.TITLE:
                    return _decided(tuple(dated), FolderRule.TITLE_YEAR)
                return _decided(tuple(dated or fitting), rule)
        return self._without_owner(name, marks, excluded)

    def _fits(
        self,
        key: SeriesKey,
        year: int | None,
        name: FolderTitle,
        marks: FolderMarks,
        *,
        as_part: bool,
    ) -> bool:
        """Return whether neither year nor ids nor key contradict the series, or a part of it."""
        entry = self._entries[key]
        if marks.key is not None and marks.key not in (key, entry.catalogue_key):
            return False
        given = {**name.ids, **marks.ids}
        if marks.titles and not any(entry.ids.get(place) == given[place] for place in given):
            named = {folded for title in marks.titles for folded in _all_keys(title_keys(title))}
            if not named & entry.keys:
                return False
        years = {None, entry.year, *(part.year for part in entry.parts if as_part)}
        if entry.year is not None and {year, marks.year} - years:
            return False
        return all(entry.ids.get(place, number) == number for place, number in given.items())

    def _without_owner(
        self, name: FolderTitle, marks: FolderMarks, excluded: Sequence[SeriesKey]
    ) -> FolderOwner:
        if excluded:
            return FolderOwner(
                candidates=_limited(excluded), reason=Message("folder_contradicts_series")
            )
        if name.base:
            found = [k for keys, _ in _look_up(self._names, [(name.base, None)]) for k in keys]
            fitting = [k for k in found if self._fits(k, name.year, name, marks, as_part=True)]
            if len(set(fitting)) == 1 and marked_part(self._entries[fitting[0]].parts, name.mark):
                return FolderOwner(key=fitting[0], rule=FolderRule.ALIAS)
            if found:
                return FolderOwner(
                    candidates=_limited(found), reason=Message("folder_sequel", title=name.base)
                )
        return _NO_OWNER


def _look_up(
    index: Mapping[str, tuple[SeriesKey, ...]], titles: Iterable[tuple[str, int | None]]
) -> Iterator[tuple[tuple[SeriesKey, ...], int | None]]:
    """Yield series by title: those with the same words first, then looser spellings."""
    readings = [(title_keys(title), year) for title, year in titles]
    for keys, year in readings:
        strict = [key for folded in sorted(keys.strict) for key in index.get(f"={folded}", ())]
        if strict:
            yield tuple(dict.fromkeys(strict)), year
    for keys, year in readings:
        if keys.loose in index:
            yield index[keys.loose], year


def _id_pairs(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield database and id of ids such as `tvdb-81189`."""
    for each in ids:
        database, hyphen, number = each.partition("-")
        if hyphen:
            yield database, number


def _all_keys(keys: TitleKeys) -> set[str]:
    """Return the keys of a title in the index; strict ones are marked."""
    return {*(f"={key}" for key in keys.strict), keys.loose} - {""}


def _decided(found: tuple[SeriesKey, ...], rule: FolderRule) -> FolderOwner:
    if len(found) == 1:
        return FolderOwner(key=found[0], rule=rule)
    shown = _limited(found)
    return FolderOwner(
        rule=rule,
        candidates=shown,
        reason=Message("folder_of_several_series", names=list(shown)),
    )


def _limited(keys: Iterable[SeriesKey]) -> tuple[SeriesKey, ...]:
    return tuple(dict.fromkeys(keys))[:_CANDIDATES]


def _frozen(lists: Mapping[_K, list[SeriesKey]]) -> dict[_K, tuple[SeriesKey, ...]]:
    return {key: tuple(dict.fromkeys(keys)) for key, keys in lists.items()}
