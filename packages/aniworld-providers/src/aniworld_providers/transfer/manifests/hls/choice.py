"""Choose a variant and its audio tracks from an HLS playlist."""

from collections.abc import Sequence
from typing import TypeVar

import attrs

from aniworld_core.domain.media import Language, Quality, TrackRole
from aniworld_core.errors import UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist, Rendition, Variant


def ranked_variants(
    master: MasterPlaylist, quality: Quality, role: TrackRole = TrackRole.MAIN
) -> list[Variant]:
    """Return the variants by suitability; later ones are fallbacks.

    The tallest picture within the limit is best, then the highest bandwidth. A picture of unknown
    height is compared by bandwidth. If all are above the limit, the smallest comes first. Variants
    with audio only, and those of an unwanted role, are used only if there are no others.
    """
    pictures = [variant for variant in master.variants if not variant.is_audio_only]
    candidates = _of_role(pictures or list(master.variants), role)
    if quality is Quality.WORST:
        return sorted(candidates, key=lambda v: (v.height or 1_000_000, v.bandwidth))
    limit = quality.max_height
    best_first = sorted(candidates, key=lambda v: (v.height, v.bandwidth), reverse=True)
    if limit is None:
        return best_first
    below = [variant for variant in best_first if variant.height <= limit]
    above = [variant for variant in reversed(best_first) if variant.height > limit]
    return below + above


def is_redundant(first: Variant, second: Variant) -> bool:
    """Whether two variants are one encode at two addresses (RFC 8216 section 6.2.4)."""
    if first.url == second.url or not first.bandwidth:
        return False
    return attrs.evolve(first, url="", audio_group=None, text_group=None) == attrs.evolve(
        second, url="", audio_group=None, text_group=None
    )


def same_sound(master: MasterPlaylist, rendition: Rendition, variant: Variant) -> Rendition | None:
    """Return the same audio track in the group of a redundant variant."""
    known = (rendition.name, rendition.language, rendition.role)
    return next(
        (
            other
            for other in master.audio
            if other.group == variant.audio_group
            and other.url not in {None, rendition.url}
            and (other.name, other.language, other.role) == known
        ),
        None,
    )


def rendition_language(rendition: Rendition) -> str | None:
    """Return the ISO 639-3 code of an audio track, from its tag or its name."""
    return language_named(rendition.language, rendition.name)


_Offered = TypeVar("_Offered", Variant, Rendition)


def _of_role(offered: list[_Offered], role: TrackRole) -> list[_Offered]:
    """Return those with the role, else ordinary ones, else all."""
    wanted = [one for one in offered if one.role is role]
    return wanted or [one for one in offered if one.role is TrackRole.MAIN] or offered


def chosen_audio(
    master: MasterPlaylist,
    variant: Variant,
    languages: Sequence[Language],
    role: TrackRole = TrackRole.MAIN,
) -> list[Rendition]:
    """Choose the audio tracks of a variant's group, the wanted languages first.

    Every wanted language that is offered is taken; without a match, the group's default or first
    track. The first result is the default track. Audio descriptions, commentaries and the like are
    taken only if their role is wanted or nothing else is offered.
    """
    group = _of_role([r for r in master.audio if r.group == variant.audio_group], role)
    if not group:
        return []
    chosen: list[Rendition] = []
    for language in languages:
        matches = [r for r in group if rendition_language(r) == language.audio and r not in chosen]
        chosen += sorted(matches, key=lambda r: not r.is_default)[:1]
    if chosen:
        return chosen
    return [min(group, key=lambda r: (not r.is_default, not r.is_automatic))]


def offered_roles(master: MasterPlaylist) -> tuple[TrackRole, ...]:
    """Return the roles of the offered tracks, except the ordinary one."""
    roles = [variant.role for variant in master.variants] + [sound.role for sound in master.audio]
    return tuple(role for role in dict.fromkeys(roles) if role is not TrackRole.MAIN)


def require_role(role: TrackRole, offered: Sequence[TrackRole]) -> None:
    """Refuse a manifest that does not offer the wanted role.

    Raises:
        UnsupportedSourceError: If the role is not offered.
    """
    if role is not TrackRole.MAIN and role not in offered:
        raise UnsupportedSourceError(
            Message("the_manifest"), Message("no_track_with_role", role=role.value)
        )
