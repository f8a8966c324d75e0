"""Which variant of a film and which of its sound tracks to take."""

from collections.abc import Sequence
from typing import TypeVar

import attrs

from aniworld_core.domain.media import Language, Quality, TrackRole
from aniworld_core.errors import UnsupportedSourceError
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist, Rendition, Variant


def ranked_variants(
    master: MasterPlaylist, quality: Quality, role: TrackRole = TrackRole.MAIN
) -> list[Variant]:
    """Order the variants by how well they suit; the later ones are fallbacks.

    The tallest picture not above the limit is best, then the highest bandwidth; a picture of
    unknown height is judged by its bandwidth among its like. When all are above the limit, the
    smallest comes first. Variants of sound alone, and pictures of another role than the wanted
    one, are last resorts.
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
    """Return the rendition of a redundant variant that is the same sound elsewhere."""
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
    """Return the ISO 639-3 code of a sound track, from its tag or else from its name."""
    return language_named(rendition.language, rendition.name)


_Offered = TypeVar("_Offered", Variant, Rendition)


def _of_role(offered: list[_Offered], role: TrackRole) -> list[_Offered]:
    """Return what has a role, else what is ordinary, else everything."""
    wanted = [one for one in offered if one.role is role]
    return wanted or [one for one in offered if one.role is TrackRole.MAIN] or offered


def chosen_audio(
    master: MasterPlaylist,
    variant: Variant,
    languages: Sequence[Language],
    role: TrackRole = TrackRole.MAIN,
) -> list[Rendition]:
    """Choose the sound tracks of a variant's group, the wanted language first.

    Every wanted language that exists is taken; without any match the group's default, or else
    its first. The first of the result is the one to play unless told otherwise. Audio
    descriptions, commentaries and the like are only taken when their role is asked for, or when
    there is nothing else.
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
    """Return what is on offer besides ordinary picture and sound."""
    roles = [variant.role for variant in master.variants] + [sound.role for sound in master.audio]
    return tuple(role for role in dict.fromkeys(roles) if role is not TrackRole.MAIN)


def require_role(role: TrackRole, offered: Sequence[TrackRole]) -> None:
    """Refuse a manifest that does not offer what is asked for.

    Raises:
        UnsupportedSourceError: If it does not.
    """
    if role is not TrackRole.MAIN and role not in offered:
        raise UnsupportedSourceError("the manifest", f"it offers nothing of the role {role.value}")
