"""Episodes whose file is not the best that the policy of their series asks for."""

from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.downloads.policy import is_upgrade
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.library import FileFacts
from aniworld_core.domain.media import Language, Quality
from aniworld_core.messages import Message

#: Part of the wanted height that is enough: encoders cut a few lines off.
_ENOUGH: Final = 0.95


@attrs.frozen(kw_only=True)
class UpgradeCandidate:
    """An episode that waits for a better file.

    Attributes:
        file: Stored path of the present file.
        language: Language of the present file, if it is known.
        better: Languages that the policy prefers to that one, best first.
        available: Those of `better` that the catalogue lists now.
        height: Height of the picture in lines, if it is known.
        wanted_height: The wanted height, if the picture is lower; otherwise `None`.
    """

    episode: EpisodeRef
    series_name: str
    file: str
    language: Language | None
    better: tuple[Language, ...] = ()
    available: tuple[Language, ...] = ()
    height: int | None = None
    wanted_height: int | None = None

    @property
    def reasons(self) -> tuple[Message, ...]:
        """Return what of the present file is not as the policy asks for."""
        reasons: list[Message] = []
        if self.better:
            reasons.append(
                Message(
                    "waits_for_language",
                    file_languages=_codes(self.language),
                    better_languages=_codes(*self.better),
                )
            )
        if self.wanted_height is not None:
            reasons.append(
                Message("waits_for_height", height=self.height, wanted_height=self.wanted_height)
            )
        return tuple(reasons)

    @property
    def reason_to_queue(self) -> Message:
        """Return why an item for a better file is in the queue."""
        if self.available:
            return Message(
                "better_language",
                file_languages=_codes(self.language),
                better_languages=_codes(*self.available),
            )
        return Message("taller_picture", height=self.height, wanted_height=self.wanted_height)

    @property
    def can_be_queued(self) -> bool:
        """Return whether a download may give a better file.

        Catalogues list languages, not heights: whether a picture is taller shows the download.
        """
        return bool(self.available) or self.wanted_height is not None


def upgrade_candidate(
    series: Series,
    episode: Episode,
    *,
    order: Sequence[Language],
    quality: Quality,
    facts: FileFacts | None,
) -> UpgradeCandidate | None:
    """Return what is better than the file of an episode; `None` if nothing is.

    An unknown language counts as good enough, as does an unknown height.

    Args:
        series: The series.
        episode: One of its episodes.
        order: Preferred languages, best first.
        quality: Preferred quality.
        facts: Facts about the media of the file, if it was inspected.
    """
    if episode.file is None or not (episode.downloaded and episode.wanted):
        return None
    current = episode.file_language
    better = tuple(each for each in order if is_upgrade(current, each, order))
    height = None if facts is None else facts.height
    wanted_height = None if facts is None else _missing_height(facts, quality)
    if not better and wanted_height is None:
        return None
    return UpgradeCandidate(
        episode=series.ref(episode),
        series_name=series.name,
        file=episode.file,
        language=current,
        better=better,
        available=tuple(each for each in better if each in (episode.languages or ())),
        height=height,
        wanted_height=wanted_height,
    )


def _missing_height(facts: FileFacts, quality: Quality) -> int | None:
    """Return the wanted height if the picture is lower; a wide picture counts by its width."""
    wanted = quality.max_height
    if wanted is None or facts.height is None:
        return None
    counted = max(facts.height, (facts.width or 0) * 9 // 16)
    return wanted if counted < wanted * _ENOUGH else None


def _codes(*languages: Language | None) -> list[str]:
    return [language.code for language in languages if language is not None]
