"""Recognise the role of a track by its name, in several languages."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from aniworld_core.domain.media import TrackRole

#: Characters of a name that are read.
_LONGEST: Final = 300
_WORD = re.compile(r"\w+")

#: Words and phrases in lower case without accents; the first role with a match is used.
_WORDS: Final[Mapping[TrackRole, frozenset[str]]] = {
    TrackRole.DESCRIPTION: frozenset(
        (
            *("ad", "dvs", "qad", "audiodeskription", "horfilm", "bildbeschreibung", "blinde"),
            *("sehbehinderte", "audio description", "audio described", "audio descriptive"),
            *("audiodescription", "descriptive", "described", "description", "descriptions"),
            *("described video", "video description", "visually impaired", "audiovision"),
            *("audiodescripcion", "audiodescricao", "audiodescrizione", "audiodescriere"),
            *("audio descripcion", "audio descrizione", "malvoyants", "audiodescriptie"),
            *("audiobeschrijving", "syntolkning", "synstolking", "synstolkning", "lektor ad"),
            *("kuvailutulkkaus", "audiodeskrypcja", "audiodeskripce"),
            *("音声解説", "音声ガイド", "解説音声"),
        )
    ),
    TrackRole.COMMENTARY: frozenset(
        (
            *("commentary", "commentaries", "audiocommentary", "director s commentary"),
            *("kommentar", "kommentare", "audiokommentar", "regiekommentar", "kommentarspur"),
            *("commentaire", "commentaires", "comentario", "comentarios", "commento", "commenti"),
            *("audiocommentaire", "commentaar", "kommentti", "komentarz", "コメンタリー"),
        )
    ),
    TrackRole.CLEAR_SPEECH: frozenset(
        (
            *("klare sprache", "klarer dialog", "klare dialoge", "deutliche sprache", "qks"),
            *("leichte sprache", "einfache sprache", "schwerhorige", "horgeschadigte"),
            *("clear speech", "clear dialogue", "clear dialog", "clean audio", "easy language"),
            *("enhanced dialogue", "enhanced dialog", "dialogue enhancement", "dialog boost"),
            *("dialogue boost", "dialogue enhanced", "enhanced speech", "hearing impaired"),
            *("hard of hearing", "voix claires", "voix claire", "dialogues renforces"),
            *("voz clara", "dialogo claro", "dialogo chiaro", "voce chiara"),
        )
    ),
    TrackRole.SIGN_LANGUAGE: frozenset(
        (
            *("gebardensprache", "gebarden", "gebardendolmetscher", "sign language", "signed"),
            *("dgs", "ogs", "bsl", "asl", "lsf", "lis", "auslan", "langue des signes"),
            *("lengua de signos", "lengua de senas", "lingua dei segni", "gebarentaal"),
            *("teckensprak", "tegnsprog", "tegnsprak", "手話"),
        )
    ),
    TrackRole.TRICK_MODE: frozenset(
        ("trick", "trickmode", "trickplay", "trick mode", "trick play", "thumbnails", "iframes")
    ),
}
#: Media characteristics of HLS (RFC 8216bis section 4.4.6.1) by a part of their name.
_CHARACTERISTICS: Final = (
    ("describes-video", TrackRole.DESCRIPTION),
    ("enhances-speech-intelligibility", TrackRole.CLEAR_SPEECH),
    ("easy-to-read", TrackRole.CLEAR_SPEECH),
    ("sign-language", TrackRole.SIGN_LANGUAGE),
    ("commentary", TrackRole.COMMENTARY),
)


def role_named(name: str, *, is_sound: bool = True) -> TrackRole:
    """Return the role that a track's name describes.

    Args:
        name: The name as written in the manifest.
        is_sound: Whether it is an audio track; a video track cannot be an audio description.
    """
    plain = unicodedata.normalize("NFKD", name[:_LONGEST].casefold())
    words = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    text = f" {' '.join(words)} "
    for role, known in _WORDS.items():
        if (is_sound or not role.is_of_sound) and any(_has(text, phrase) for phrase in known):
            return role
    return TrackRole.MAIN


def _has(text: str, phrase: str) -> bool:
    # Japanese has no spaces between words.
    return f" {phrase} " in text or (not phrase.isascii() and phrase in text)


def role_characterised(characteristics: str) -> TrackRole:
    """Return the role in the `CHARACTERISTICS` of an HLS rendition."""
    named = characteristics[:1000].lower()
    return next((role for part, role in _CHARACTERISTICS if part in named), TrackRole.MAIN)


def role_tagged(language: str | None) -> TrackRole:
    """Return the role in a private subtag of a language tag (`de-x-ad`)."""
    tag = (language or "")[:100].lower()
    private = tag if tag.startswith("q") else tag.partition("-x-")[2]
    return role_named(private.replace("-", " ")) if private else TrackRole.MAIN
