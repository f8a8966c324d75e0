"""Languages of flags, labels and key numbers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aniworld_core.domain.media import ENG_SUB, GER_SUB, Language, parse_language

#: ISO 639-3 codes of languages by the names of their flag files.
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
#: Audio languages by button label.
_SPOKEN: Final = MappingProxyType(
    {"deutsch": "deu", "german": "deu", "ger-dub": "deu", "englisch": "eng", "english": "eng"}
    | {"eng-dub": "eng"}
)
#: Subtitle flags mean the original audio with these subtitles. The audio is Japanese or, for many
#: series of s.to, English; a request for `ger-sub` means the same.
_SUBTITLED: Final = MappingProxyType({"deu": GER_SUB, "eng": ENG_SUB})


def flag_name(source: str | None) -> str:
    """Return the name of a flag file in lower case, without folder and suffix."""
    path = (source or "").partition("?")[0].partition("#")[0]
    return path.rpartition("/")[2].partition(".")[0].strip().lower()


def language_of_flag(name: str) -> Language | None:
    """Return the language of a flag name: audio before the hyphen, subtitles after it."""
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

    The flags of the page decide. The usual meaning applies only to keys without a flag, and only
    if no other flag on the page contradicts the usual meanings.

    Args:
        key: The key number.
        shown: Languages by key according to the flags; `None` for an unknown flag.
        usual: Usual languages by key.
    """
    if key in shown:
        return shown[key]
    meant = usual.get(key)
    is_trusted = all(usual.get(k) == language for k, language in shown.items() if language)
    return meant if is_trusted and meant not in shown.values() else None
