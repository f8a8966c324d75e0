"""Ordinary video and audio are preferred, whatever is listed first or has a higher bandwidth."""

from pathlib import Path

import pytest

from aniworld_core.domain.media import (
    GER_DUB,
    JPN,
    Language,
    Quality,
    Stream,
    StreamKind,
    TrackRole,
)
from aniworld_core.errors import BadPlaylistError, UnsupportedSourceError
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_providers.transfer.manifests.dash.choice import Choice, choose
from aniworld_providers.transfer.manifests.dash.tree import parse_manifest
from aniworld_providers.transfer.manifests.hls.choice import (
    chosen_audio,
    offered_roles,
    ranked_variants,
)
from aniworld_providers.transfer.manifests.hls.playlist import parse_playlist
from aniworld_providers.transfer.manifests.playlists import MasterPlaylist
from aniworld_providers.transfer.manifests.track_names import role_named

URL = "https://cdn.example/a/list"

NAMES = {
    TrackRole.DESCRIPTION: [
        *("Audiodeskription", "Deutsch (Audiodeskription)", "Hörfilm", "DE AD"),
        *("Deutsch mit Bildbeschreibung", "für Blinde und Sehbehinderte", "Audio Description"),
        *(
            "English [Audio-Described]",
            "Descriptive Audio",
            "DVS",
            "Described Video",
            "English - AD",
        ),
        *("Audiodescription", "Audio-description", "Français (malvoyants)", "Audiodescripción"),
        *("Audiodescrizione", "Syntolkning", "日本語（音声解説）"),
    ],
    TrackRole.COMMENTARY: [
        *("Kommentar", "Audiokommentar", "Regiekommentar", "Director's Commentary", "commentary"),
        *("Commentaire du réalisateur", "Comentario del director", "コメンタリー"),
    ],
    TrackRole.CLEAR_SPEECH: [
        *("Klare Sprache", "Deutsch (Klare Sprache)", "Clear Speech", "Enhanced dialogue"),
        *("English (Dialogue Boost)", "Hard of hearing", "Leichte Sprache", "Dialogues renforcés"),
    ],
    TrackRole.SIGN_LANGUAGE: ["Gebärdensprache", "DGS", "Sign Language", "Langue des signes (LSF)"],
    TrackRole.MAIN: [
        *(
            "Deutsch",
            "German 5.1",
            "Original",
            "Stereo",
            "日本語",
            "Français",
            "main",
            "Ada",
            "Bad AF",
        ),
        *("Deutsch (Dolby Digital)", "commented", "Adriatic", "", "English Dub", "Descript"),
    ],
}


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for role, names in NAMES.items() for name in names]
)
def test_names_in_several_languages_tell_the_role(name: str, role: TrackRole) -> None:
    """German, English, French, Spanish, Italian, Swedish, Japanese; nothing by accident."""
    assert role_named(name) is role


def _master(*sounds: str, variants: str = "") -> MasterPlaylist:
    lines = [f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",{sound}' for sound in sounds]
    default = '#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=160x90,AUDIO="a"\nv.m3u8'
    found = parse_playlist("\n".join(["#EXTM3U", *lines, variants or default]), URL)
    assert isinstance(found, MasterPlaylist)
    return found


#: A sound that is not ordinary, in every way in which HLS can say so.
SPECIAL_SOUNDS = [
    ('NAME="x",CHARACTERISTICS="public.accessibility.describes-video"', TrackRole.DESCRIPTION),
    ('NAME="Deutsch (Audiodeskription)"', TrackRole.DESCRIPTION),
    ('NAME="Hörfilm"', TrackRole.DESCRIPTION),
    ('NAME="Director\'s commentary"', TrackRole.COMMENTARY),
    ('NAME="Klare Sprache"', TrackRole.CLEAR_SPEECH),
    (
        'NAME="x",CHARACTERISTICS="public.accessibility.enhances-speech-intelligibility"',
        TrackRole.CLEAR_SPEECH,
    ),
]


@pytest.mark.parametrize(("special", "role"), SPECIAL_SOUNDS)
@pytest.mark.parametrize("wanted", [[], [GER_DUB]], ids=["any", "german"])
def test_hls_takes_ordinary_sound_first(
    special: str, role: TrackRole, wanted: list[Language]
) -> None:
    """Also if the other track is the default, comes first and has the wanted language."""
    found = _master(
        f'{special},LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,URI="special.m3u8"',
        'NAME="Deutsch",LANGUAGE="de",URI="plain.m3u8"',
        'NAME="Japanisch",LANGUAGE="ja",URI="ja.m3u8"',
    )
    variant = found.variants[0]

    (plain,) = chosen_audio(found, variant, wanted)
    (asked,) = chosen_audio(found, variant, wanted, role)

    assert plain.url is not None
    assert plain.url.endswith("/plain.m3u8")
    assert asked.url is not None
    assert asked.url.endswith("/special.m3u8")
    assert offered_roles(found) == (role,)


def test_a_wanted_language_is_not_spoken_by_a_description() -> None:
    """Rather the ordinary sound of another language, about which the check of languages decides."""
    found = _master(
        'NAME="Hörfilm",LANGUAGE="de",URI="de.m3u8"', 'NAME="Japanisch",LANGUAGE="ja",URI="ja.m3u8"'
    )

    assert [r.language for r in chosen_audio(found, found.variants[0], [GER_DUB])] == ["ja"]
    only = _master('NAME="Hörfilm",LANGUAGE="de",URI="de.m3u8"')
    assert [r.language for r in chosen_audio(only, only.variants[0], [JPN])] == ["de"]


@pytest.mark.parametrize(
    ("special", "role"),
    [
        ('NAME="Gebärdensprache"', TrackRole.SIGN_LANGUAGE),
        ('NAME="1080p sign language"', TrackRole.SIGN_LANGUAGE),
        ('NAME="trick play"', TrackRole.TRICK_MODE),
        ("FRAME-RATE=1.000", TrackRole.TRICK_MODE),
    ],
)
def test_hls_takes_the_ordinary_picture(special: str, role: TrackRole) -> None:
    """Also if the other variant is taller, has more bits and comes first."""
    found = _master(
        variants=f"#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=1920x1080,{special}\nspecial.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=1280x720,FRAME-RATE=25.000\nplain.m3u8"
    )

    assert [v.url[-11:] for v in ranked_variants(found, Quality.BEST)] == ["/plain.m3u8"]
    assert ranked_variants(found, Quality.BEST, role)[0].url.endswith("/special.m3u8")


def test_hls_views_have_roles_too() -> None:
    """A variant is what its view is: the rendition of its video group without a link."""
    found = _master(
        variants='#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="s",NAME="Gebärdensprache"\n'
        '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="m",NAME="Normal"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=1280x720,VIDEO="s"\nsign.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=1280x720,VIDEO="m"\nplain.m3u8'
    )

    assert ranked_variants(found, Quality.BEST)[0].url.endswith("/plain.m3u8")


def _choose(sets: str, role: TrackRole = TrackRole.MAIN, *languages: Language) -> Choice:
    text = f'<MPD mediaPresentationDuration="PT6S"><Period>{sets}</Period></MPD>'
    stream = Stream(url=URL, kind=StreamKind.DASH)
    context = FetchRequest(
        stream=stream, destination=_NOWHERE, role=role, languages=tuple(languages)
    )
    return choose(parse_manifest(text, URL), context)


_NOWHERE = Path("Episode.mp4")
_PLAIN_PICTURE = (
    '<AdaptationSet mimeType="video/mp4">'
    '<Representation id="v" bandwidth="900" height="720" codecs="avc1.4d"/></AdaptationSet>'
)


def _set(kind: str, name: str, bandwidth: int, inside: str = "", more: str = "") -> str:
    return (
        f'<AdaptationSet mimeType="{kind}/mp4" lang="de" {more}>{inside}'
        f'<Representation id="{name}" bandwidth="{bandwidth}" height="1080"/></AdaptationSet>'
    )


_ROLE = '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="{}"/>'
_ACCESS = '<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="{}"/>'


@pytest.mark.parametrize(
    ("inside", "more", "role"),
    [
        (_ROLE.format("description"), "", TrackRole.DESCRIPTION),
        (_ROLE.format("alternate") + _ROLE.format("description"), "", TrackRole.DESCRIPTION),
        (_ROLE.format("main") + _ACCESS.format(1), "", TrackRole.DESCRIPTION),
        (
            '<Accessibility schemeIdUri="urn:mpeg:dash:role:2011" value="description"/>',
            "",
            TrackRole.DESCRIPTION,
        ),
        ("<Label>Audiodeskription</Label>", "", TrackRole.DESCRIPTION),
        ("", 'label="Hörfilm"', TrackRole.DESCRIPTION),
        (_ROLE.format("commentary"), "", TrackRole.COMMENTARY),
        (_ACCESS.format(4), "", TrackRole.COMMENTARY),
        (_ROLE.format("enhanced-audio-intelligibility"), "", TrackRole.CLEAR_SPEECH),
        (_ACCESS.format(2), "", TrackRole.CLEAR_SPEECH),
        ('<Label lang="de">Klare Sprache</Label>', "", TrackRole.CLEAR_SPEECH),
    ],
)
@pytest.mark.parametrize("wanted", [(), (GER_DUB,)], ids=["any", "german"])
def test_dash_takes_ordinary_sound_first(
    inside: str, more: str, role: TrackRole, wanted: tuple[Language, ...]
) -> None:
    """Roles, accessibility and labels count, not the order or the bits."""
    sets = _PLAIN_PICTURE + _set("audio", "special", 900, inside, more) + _set("audio", "a", 64)

    plain = _choose(sets, TrackRole.MAIN, *wanted)
    asked = _choose(sets, role, *wanted)

    assert [track.leading.id for track in plain.sounds] == ["a"]
    assert [track.leading.id for track in asked.sounds] == ["special"]
    assert plain.roles == (role,)
    assert plain.audio_languages == ("deu",)


def test_dash_takes_the_main_sound_before_an_alternative() -> None:
    """Both are ordinary; the manifest marks the main one."""
    sets = (
        _PLAIN_PICTURE
        + _set("audio", "other", 900, _ROLE.format("alternate"))
        + _set("audio", "a", 64, _ROLE.format("main"))
    )

    assert [track.leading.id for track in _choose(sets).sounds] == ["a"]
    assert [t.leading.id for t in _choose(sets, TrackRole.MAIN, GER_DUB).sounds] == ["a"]


@pytest.mark.parametrize(
    ("inside", "more"),
    [
        ('<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>', ""),
        ('<SupplementalProperty schemeIdUri="http://dashif.org/guidelines/trickmode"/>', ""),
        ("", 'maxPlayoutRate="16" codingDependency="false"'),
        (_ROLE.format("sign"), ""),
        ('<Accessibility schemeIdUri="urn:mpeg:dash:role:2011" value="sign"/>', ""),
        ("<Label>Gebärdensprache</Label>", ""),
        ('<EssentialProperty schemeIdUri="urn:mpeg:dash:srd:2014" value="0,0,0,1,1"/>', ""),
    ],
)
def test_dash_takes_the_ordinary_picture(inside: str, more: str) -> None:
    """Trick mode, sign language and tiles are taller and come first, and are not meant."""
    choice = _choose(_set("video", "special", 9000, inside, more) + _PLAIN_PICTURE)

    assert choice.picture.leading.id == "v"
    assert "special" not in {part.id for part in choice.picture.parts.values()}


def test_what_is_asked_for_and_not_offered_is_refused() -> None:
    """Rather than something else under its name."""
    with pytest.raises(UnsupportedSourceError, match="description"):
        _choose(_PLAIN_PICTURE + _set("audio", "a", 64), TrackRole.DESCRIPTION)


def test_sound_alone_is_no_film() -> None:
    """Audio without video is refused in any role."""
    with pytest.raises(BadPlaylistError, match="no video"):
        _choose(_set("audio", "a", 64))
