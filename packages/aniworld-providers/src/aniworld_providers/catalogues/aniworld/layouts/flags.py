"""Which language a flag or a label stands for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aniworld_core.domain.media import ENG_SUB, GER_SUB, Language, parse_language

#: Names of the flag files, by ISO 639-3 code of the language.
_TAGS: Final = {
    "arabic": "ara",
    "chinese": "zho",
    "english": "eng",
    "french": "fra",
    "german": "deu",
    "italian": "ita",
    "japanese": "jpn",
    "korean": "kor",
    "polish": "pol",
    "portuguese": "por",
    "russian": "rus",
    "spanish": "spa",
    "turkish": "tur",
}
#: What buttons say: spoken language, or language of the subtitles.
_SPOKEN: Final = MappingProxyType(
    {"deutsch": "deu", "german": "deu", "ger-dub": "deu", "englisch": "eng", "english": "eng"}
    | {"eng-dub": "eng"}
)
#: Catalogues promise the subtitles and mean the original sound, be it Japanese or, as with
#: many series of s.to, English; so do the people who ask for `ger-sub`.
_SUBTITLED: Final = MappingProxyType({"deu": GER_SUB, "eng": ENG_SUB})


def flag_name(source: str | None) -> str:
    """Return the name of a flag file without folder and suffix, in lower case."""
    path = (source or "").partition("?")[0].partition("#")[0]
    return path.rpartition("/")[2].partition(".")[0].strip().lower()


def language_of_flag(name: str) -> Language | None:
    """Return the language of a flag: before the hyphen the audio, after it the subtitles."""
    tags = [_TAGS.get(part) for part in name.split("-")]
    if not 1 <= len(tags) <= 2 or None in tags:
        return None
    *spoken, last = filter(None, tags)
    if spoken and spoken[0] != last and last in _SUBTITLED:
        return _SUBTITLED[last]
    return parse_language("+".join((*spoken, last)))


def language_of_label(label: str) -> Language | None:
    """Return the language of a label such as `Deutsch` or `Ger-Sub`."""
    name = label.strip().lower()
    if name in _SPOKEN:
        return parse_language(_SPOKEN[name])
    return {"ger-sub": GER_SUB, "eng-sub": ENG_SUB}.get(name)


def language_of_key(
    key: str, shown: Mapping[str, Language | None], usual: Mapping[str, Language]
) -> Language | None:
    """Return the language of a key number on one page.

    What the page shows decides. The usual meaning is only for keys the page does not show,
    and only on pages that do not contradict it elsewhere.

    Args:
        key: The number.
        shown: Languages by key, as the flags of the page tell; `None` for an unknown flag.
        usual: Languages by key, as they used to be.
    """
    if key in shown:
        return shown[key]
    meant = usual.get(key)
    is_trusted = all(usual.get(k) == language for k, language in shown.items() if language)
    return meant if is_trusted and meant not in shown.values() else None
