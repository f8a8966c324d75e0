"""Which variant of a film and which of its sound tracks to take."""

from collections.abc import Sequence

from aniworld_core.domain.media import Language, Quality
from aniworld_providers.media.language_names import language_named
from aniworld_providers.transfer.playlist import MasterPlaylist, Rendition, Variant


def ranked_variants(master: MasterPlaylist, quality: Quality) -> list[Variant]:
    """Order the variants by how well they suit; the later ones are fallbacks.

    The tallest picture not above the limit is best, then the highest bandwidth; a picture of
    unknown height is judged by its bandwidth among its like. When all are above the limit, the
    smallest comes first. Variants of sound alone are last resorts.
    """
    pictures = [variant for variant in master.variants if not variant.is_audio_only]
    candidates = pictures or list(master.variants)
    if quality is Quality.WORST:
        return sorted(candidates, key=lambda v: (v.height or 1_000_000, v.bandwidth))
    limit = quality.max_height
    best_first = sorted(candidates, key=lambda v: (v.height, v.bandwidth), reverse=True)
    if limit is None:
        return best_first
    below = [variant for variant in best_first if variant.height <= limit]
    above = [variant for variant in reversed(best_first) if variant.height > limit]
    return below + above


def same_film(first: Variant, second: Variant) -> bool:
    """Whether two variants are one encode offered twice, so that one replaces the other."""
    return (first.height, first.bandwidth, first.codecs) == (
        second.height,
        second.bandwidth,
        second.codecs,
    )


def rendition_language(rendition: Rendition) -> str | None:
    """Return the ISO 639-3 code of a sound track, from its tag or else from its name."""
    return language_named(rendition.language, rendition.name)


def chosen_audio(
    master: MasterPlaylist, variant: Variant, languages: Sequence[Language]
) -> list[Rendition]:
    """Choose the sound tracks of a variant's group, the wanted language first.

    Every wanted language that exists is taken; without any match the group's default, or else
    its first. The first of the result is the one to play unless told otherwise.
    """
    group = [r for r in master.audio if r.group == variant.audio_group]
    if not group:
        return []
    chosen: list[Rendition] = []
    for language in languages:
        matches = [r for r in group if rendition_language(r) == language.audio and r not in chosen]
        chosen += sorted(matches, key=lambda r: not r.is_default)[:1]
    if chosen:
        return chosen
    return [next((r for r in group if r.is_default), group[0])]
