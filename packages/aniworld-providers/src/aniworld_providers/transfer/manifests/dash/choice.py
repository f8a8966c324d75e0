"""Choose the representations of a film from a DASH manifest: one of each kind per period.

Periods may name the same encode differently. Representations that belong together are found by
kind, codec, height, language and role.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from aniworld_core.domain.media import Language, TrackRole, normalise_tag
from aniworld_core.errors import BadPlaylistError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.manifests.dash.tree import Manifest, Representation
from aniworld_providers.transfer.manifests.hls.choice import ranked_variants, require_role
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist, Variant

#: Largest share of the playing time that may be left out, such as adverts.
_MOST_FOREIGN: Final = 1 / 3


@attrs.frozen(kw_only=True)
class Track:
    """One representation per period; left-out periods have none.

    Attributes:
        leading: The chosen representation; the others belong to it.
        parts: The representations by period.
    """

    leading: Representation
    parts: dict[int, Representation]


@attrs.frozen(kw_only=True)
class Choice:
    """The wanted tracks of a manifest.

    Attributes:
        picture: The video track.
        sounds: The audio tracks, in the order of the wanted languages.
        heights: Heights of the offered ordinary video, tallest first.
        audio_languages: Languages of the offered ordinary audio.
        roles: The roles of further offered tracks.
        notices: What is left out and why.
    """

    picture: Track
    sounds: tuple[Track, ...]
    heights: tuple[int, ...]
    audio_languages: tuple[str, ...]
    roles: tuple[TrackRole, ...]
    notices: tuple[str, ...]


def choose(manifest: Manifest, request: FetchRequest) -> Choice:
    """Choose video and audio.

    Raises:
        BadPlaylistError: If there is no video, or none that continues through the periods.
        UnsupportedSourceError: If the wanted role is not offered.
    """
    film = [r for r in manifest.representations if r.kind in {"video", "audio"}]
    pictures = [r for r in film if r.kind == "video"]
    sounds = [r for r in film if r.kind == "audio"]
    if not pictures:
        raise BadPlaylistError(Message("lists_no_video"))
    require_role(request.role, [r.role for r in film])
    of_sound = request.role if request.role.is_of_sound else TrackRole.MAIN
    of_picture = TrackRole.MAIN if request.role.is_of_sound else request.role
    fitting_pictures = _by_period(pictures, of_picture)
    fitting_sounds = _by_period(sounds, of_sound)
    picture = _best_picture(manifest, fitting_pictures, request)
    wanted = _wanted_sounds(manifest, fitting_sounds, request.languages)
    tracks = tuple(_joined(sound, fitting_sounds, _sound_of) for sound in wanted)
    kept, notices = _common_periods(manifest, picture, tracks)
    ordinary = [r for r in sounds if r.role is of_sound] or sounds
    main = [r for r in pictures if r.role is of_picture] or pictures
    return Choice(
        picture=_only(picture, kept),
        sounds=tuple(_only(track, kept) for track in tracks),
        heights=tuple(sorted({r.height for r in main if r.height}, reverse=True)),
        audio_languages=tuple(dict.fromkeys(language_of(r) or "und" for r in ordinary)),
        roles=tuple(dict.fromkeys(r.role for r in film if r.role is not TrackRole.MAIN)),
        notices=notices,
    )


def language_of(representation: Representation) -> str | None:
    """Return the ISO 639-3 code of a representation's language."""
    return normalise_tag(representation.language[:100]) if representation.language else None


def _by_period(
    offered: Sequence[Representation], role: TrackRole
) -> dict[int, list[Representation]]:
    """Group representations by period: those of the wanted role, else ordinary ones."""
    periods: dict[int, list[Representation]] = {}
    for representation in offered:
        periods.setdefault(representation.period, []).append(representation)
    return {number: _fitting(found, role) for number, found in periods.items()}


def _fitting(offered: list[Representation], role: TrackRole) -> list[Representation]:
    tests: list[Callable[[Representation], bool]] = [
        lambda r: r.role is role,
        lambda r: r.role in {role, TrackRole.MAIN},
        lambda r: r.role is not TrackRole.TRICK_MODE,
    ]
    found = next((kept for test in tests if (kept := [r for r in offered if test(r)])), offered)
    for is_better in (_is_clear, _is_understood):
        found = [r for r in found if is_better(r)] or found
    return found


def _is_clear(representation: Representation) -> bool:
    return representation.protection is None


def _is_understood(representation: Representation) -> bool:
    return not representation.is_doubtful


def _longest(manifest: Manifest, periods: Iterable[int]) -> int:
    return max(periods, key=lambda number: (manifest.durations[number], -number))


def _best_picture(
    manifest: Manifest, periods: dict[int, list[Representation]], request: FetchRequest
) -> Track:
    """Return the best video that continues through all periods, else that of the longest one."""
    first = periods[_longest(manifest, periods)]
    # The main view is preferred to an alternative one of the same quality.
    first = [r for r in first if r.is_main] or first
    variants = [
        Variant(url=str(place), bandwidth=r.bandwidth, height=r.height)
        for place, r in enumerate(first)
    ]
    ranked = ranked_variants(MasterPlaylist(url="", variants=tuple(variants)), request.quality)
    tracks = [_joined(first[int(v.url)], periods, _picture_of) for v in _one_per_height(ranked)]
    return next((track for track in tracks if len(track.parts) == len(periods)), tracks[0])


def _one_per_height(ranked: Sequence[Variant]) -> list[Variant]:
    seen: dict[int, Variant] = {}
    for variant in ranked:
        seen.setdefault(variant.height, variant)
    return list(seen.values())


def _wanted_sounds(
    manifest: Manifest,
    periods: dict[int, list[Representation]],
    languages: Sequence[Language],
) -> list[Representation]:
    if not periods:
        return []
    first = periods[_longest(manifest, periods)]
    best_first = sorted(first, key=lambda r: (not r.is_main, -r.bandwidth))
    chosen: list[Representation] = []
    for language in languages:
        spoken = [r for r in best_first if language_of(r) == language.audio]
        chosen += [r for r in spoken if r not in chosen][:1]
    leader = next((r for r in first if r.is_main), first[0])
    default = [r for r in best_first if r.language == leader.language]
    return chosen or default[:1]


def _joined(
    leading: Representation,
    periods: dict[int, list[Representation]],
    part_of: Callable[[Representation, Sequence[Representation]], Representation | None],
) -> Track:
    parts = {number: part_of(leading, offered) for number, offered in periods.items()}
    parts[leading.period] = leading
    return Track(
        leading=leading, parts={n: part for n, part in sorted(parts.items()) if part is not None}
    )


def _picture_of(
    leading: Representation, offered: Sequence[Representation]
) -> Representation | None:
    """Return the video that continues another one: same codec and height."""
    alike = [r for r in offered if _is_same(r.codec, leading.codec)]
    alike = [r for r in alike if _is_same(r.height, leading.height)]
    return min(alike, key=lambda r: _distance(r, leading), default=None)


def _sound_of(leading: Representation, offered: Sequence[Representation]) -> Representation | None:
    """Return the audio that continues another one: same codec, and same language if offered."""
    alike = [r for r in offered if _is_same(r.codec, leading.codec)]
    spoken = [r for r in alike if language_of(r) == language_of(leading)] or alike
    return min(spoken, key=lambda r: _distance(r, leading), default=None)


def _is_same(one: object, other: object) -> bool:
    """Whether two values are equal, as far as both are known."""
    return not one or not other or one == other


def _distance(one: Representation, other: Representation) -> tuple[bool, bool, bool, int]:
    return (
        one.role is not other.role,
        one.codecs != other.codecs,
        one.id != other.id,
        abs(one.bandwidth - other.bandwidth),
    )


def _common_periods(
    manifest: Manifest, picture: Track, sounds: Sequence[Track]
) -> tuple[set[int], tuple[str, ...]]:
    """Return the periods to join, and notices about the others.

    A period without any audio is a pause of the audio, unless the film begins with it. A period
    whose video or audio does not continue the others is left out.

    Raises:
        BadPlaylistError: If too much would be left out.
    """
    offered = {r.period for r in manifest.representations if r.kind == "video"}
    spoken = {r.period for r in manifest.representations if r.kind == "audio"}
    kept = sorted(n for n in picture.parts if all(n in t.parts or n not in spoken for t in sounds))
    while kept and any(kept[0] not in track.parts for track in sounds):
        del kept[0]
    notices: list[str] = []
    silent = [n for n in kept if sounds and n not in spoken]
    if silent:
        notices.append(Message("periods_silent", periods=_listed(manifest, silent)))
    gone = sorted(offered - set(kept))
    if gone:
        missing = sum(manifest.durations[n] for n in gone)
        whole = sum(manifest.durations[n] for n in offered)
        if not kept or not missing or missing > _MOST_FOREIGN * whole:
            names = _listed(manifest, gone)
            raise BadPlaylistError(Message("periods_do_not_continue", names=names))
        notices.append(Message("periods_left_out", periods=_listed(manifest, gone)))
    return set(kept), tuple(notices)


def _listed(manifest: Manifest, periods: Sequence[int]) -> Message:
    names = ", ".join(str(n + 1) for n in periods[:10]) + (", ..." if len(periods) > 10 else "")
    seconds = sum(manifest.durations[n] for n in periods)
    kind = "one_period" if len(periods) == 1 else "several_periods"
    return Message(kind, names=names, length_seconds=seconds)


def _only(track: Track, periods: set[int]) -> Track:
    return attrs.evolve(track, parts={n: p for n, p in track.parts.items() if n in periods})
