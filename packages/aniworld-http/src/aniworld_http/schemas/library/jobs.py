"""Bodies and queries of `/api/jobs`."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.application.downloads import SeriesSelection
from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery
from aniworld_core.domain.downloads import JobAction, JobKind, SeasonChoice
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Quality
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.schemas.anime import FilterName, LanguageCode, QualityName, read_languages
from aniworld_http.schemas.paging import Needle, SeriesKeyText

#: Most series of one body; a filter has no limit.
MAX_KEYS = 10_000


@attrs.frozen(kw_only=True)
class SelectionBody:
    """Series of a job: `keys`, or all series that match `filter` and `search`.

    Attributes:
        keys: The series. Unknown keys are left out.
        search: Words that are all part of the name or of another title.
    """

    keys: Annotated[tuple[SeriesKeyText, ...], Meta(min_length=1, max_length=MAX_KEYS)] | None = (
        None
    )
    filter: FilterName = "all"
    search: Needle = ""

    def to_domain(self) -> SeriesSelection:
        """Return the selection in the types of the core."""
        if self.keys is not None:
            return SeriesSelection(keys=tuple(map(SeriesKey, self.keys)))
        query = SeriesQuery(filter=SeriesFilter(self.filter), search=self.search)
        return SeriesSelection(query=query)


@attrs.frozen(kw_only=True)
class JobBody:
    """A job: what is done with which series.

    Attributes:
        kind: `download` queues missing episodes, `edit` changes settings, and `remove` removes
            series from the library.
        monitored_only: Of a download: leave out series that are not monitored.
        monitored: Of an edit: the new value; null leaves it as it is. The same holds for the
            following.
        languages: Wanted languages in order; empty for the global order.
        quality: Wanted quality; empty for the global one.
        parent: Folder below the library folder, or in an additional one, that has the folders of
            the series; empty for the library folder itself. No file is moved.
        seasons: Seasons whose episodes are wanted. `films` and `no_films` change season 0 only.
        files: Of a removal: move the folders of the series to the recycle bin.
    """

    kind: Literal["download", "edit", "remove"]
    selection: SelectionBody
    monitored_only: bool = False
    monitored: bool | None = None
    languages: Annotated[tuple[LanguageCode, ...], Meta(max_length=20)] | None = None
    quality: QualityName | Literal[""] | None = None
    parent: Annotated[str, Meta(max_length=4096)] | None = None
    seasons: Literal["all", "latest", "none", "films", "no_films"] | None = None
    files: bool = False

    def to_domain(self) -> JobAction:
        """Return the action in the types of the core.

        Raises:
            InvalidFieldsError: If a language is unknown, or fields do not belong to the kind.
        """
        kind = JobKind(self.kind)
        self._require_fields_of(kind)
        languages = None if self.languages is None else read_languages(self.languages)
        return JobAction(
            kind=kind,
            monitored_only=self.monitored_only,
            monitored=self.monitored,
            languages=languages,
            quality=Quality(self.quality) if self.quality else self.quality,
            parent=self.parent,
            seasons=None if self.seasons is None else SeasonChoice(self.seasons),
            files=self.files,
        )

    def _require_fields_of(self, kind: JobKind) -> None:
        edits = ("monitored", "languages", "quality", "parent", "seasons")
        given = [name for name in edits if getattr(self, name) is not None]
        if kind is JobKind.EDIT and not given:
            raise InvalidFieldsError([("/kind", Message("nothing_to_change"))])
        wrong = [] if kind is JobKind.EDIT else given
        if self.files and kind is not JobKind.REMOVE:
            wrong.append("files")
        if self.monitored_only and kind is not JobKind.DOWNLOAD:
            wrong.append("monitored_only")
        if wrong:
            problem = Message("not_of_job_kind", job_kind=kind.value)
            raise InvalidFieldsError([(f"/{name}", problem) for name in wrong])


@attrs.frozen(kw_only=True)
class JobsQuery:
    """Query of `GET /api/jobs`."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
