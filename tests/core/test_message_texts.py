"""Every kind of message, rendered in both languages with example values."""

import re
from collections.abc import Mapping
from typing import Final

import pytest

from aniworld_core.messages import Value, fill, placeholders
from aniworld_core.messages.translation import message_texts
from support.english_words import has_english

#: Values that count things: with 1 and with 2 the words around them differ.
COUNTS: Final[Mapping[str, frozenset[str]]] = {
    "changes": frozenset({"changes_incomplete"}),
    "before": frozenset({"tracks_change"}),
    "after": frozenset({"tracks_change"}),
    "gaps": frozenset({"segments_declared_missing"}),
    "links": frozenset({"versions_change"}),
    "series": frozenset({"scan_result", "bulk_download", "bulk_edit", "bulk_remove"}),
    "missing": frozenset({"bytes_missing", "scan_result"}),
    "files": frozenset({"scan_result"}),
    "lost": frozenset({"library_lost"}),
    "known": frozenset({"library_lost"}),
    "episodes": frozenset({"library_emptied", "notified_found"}),
    "actual": frozenset({"wrong_size", "key_wrong_size"}),
    "most": frozenset({"most_characters", "too_long", "too_many_entries"}),
    "least": frozenset({"least_characters", "least_entries"}),
    **{
        name: frozenset({kind})
        for name, kind in {
            "codings": "too_many_codings",
            "digits": "number_too_long",
            "failures": "failed_in_a_row",
            "height": "image_measures",
            "missed": "subscriber_lagged",
            "rows": "rows_without_target",
            "there": "packets_cut_off",
            "trailing": "bytes_behind_end",
        }.items()
    },
    "damaged": frozenset({"packets_damaged"}),
    "size": frozenset({"only_bytes", "encrypted_size"}),
    "count": frozenset(
        {"task_deleted", "task_series_changed", "task_inspected", "task_measured", "undone_partly"}
    ),
}
#: Counts whose words are the same for every number in a language.
SAME_FORMS = {
    ("de", "most", "most_characters"),
    ("de", "least", "least_characters"),
    ("de", "height", "image_measures"),
    ("de", "most", "too_long"),
    ("en", "gaps", "segments_declared_missing"),
    ("en", "missing", "scan_result"),
    ("en", "series", "scan_result"),
    ("en", "series", "bulk_download"),
    ("en", "series", "bulk_edit"),
    ("en", "series", "bulk_remove"),
}
#: Numbers that count nothing, or whose noun does not follow: positions, codes, heights, limits.
PLAIN_NUMBERS = {
    *("block", "change", "column", "days", "entries", "expected", "failed", "height", "least"),
    *("levels", "limit", "line", "most", "number", "others", "packets", "pid", "place"),
    *("promised", "queued", "segments", "start", "status", "wanted_height", "width"),
}
#: Texts that are the same in both languages.
SAME_TEXTS = {
    "database_setting": "DATABASE_URL: {place}: {reason}",
    "status_code": "HTTP {status}",
    "type_null": "null",
}

ENGLISH_TEXTS, GERMAN_TEXTS = message_texts("en"), message_texts("de")
TEXTS = {"en": ENGLISH_TEXTS, "de": GERMAN_TEXTS}


def names_in(text: str) -> set[str]:
    """The placeholders of a text, also of those in brackets."""
    return placeholders(text.replace("[", "").replace("]", ""))


def example(kind: str, name: str, number: int = 2) -> Value:
    """Return a value such as the program gives, which no language owns."""
    if name.endswith(("_bytes", "_seconds")) or name in PLAIN_NUMBERS:
        return number
    if kind in COUNTS.get(name, ()):
        return number
    if name.endswith("_at"):
        return "2026-11-30T12:00:00Z"
    if name.endswith("_languages") or name in {"names", "problems", "violations", "sites", "hosts"}:
        return ["X7", "Y8"]
    return "X7"


def rendered(language: str, kind: str, **values: Value) -> str:
    """Return the text of a kind with example values, some of them given."""
    text = TEXTS[language][kind]
    return fill(text, {name: example(kind, name) for name in names_in(text)} | values)


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_message_is_complete(language: str) -> None:
    """Every value is shown, and no placeholder, form or `None` stays."""
    wrong = []
    for kind, template in TEXTS[language].items():
        text = rendered(language, kind)
        examples = [example(kind, name) for name in names_in(template)]
        values = [str(each[0] if isinstance(each, list) else each) for each in examples]
        # Templates for file names are examples in two texts: {name}, {season}.
        left = re.sub(r"\{(?:X7|X7:2|code|episode|key|name|season)\}", "", text)
        if not text.strip() or re.search(r"[{}|]|None", left.replace("\\ | ? *", "")):
            wrong.append((kind, text))
        if not all(value in text for value in values):
            wrong.append((kind, text))
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_values_with_a_unit_get_no_second_one(language: str) -> None:
    """Durations and sizes are shown with their unit, so that no template adds one."""
    unit = re.compile(r"\{\w+_(?:seconds|bytes)\} ?(?:s|seconds|Sekunden|bytes|Bytes)\b")
    assert [kind for kind, text in TEXTS[language].items() if unit.search(text)] == []


def test_no_english_is_left_in_german() -> None:
    """German texts differ from the English ones and have no English words."""
    english = []
    for kind, template in GERMAN_TEXTS.items():
        words = re.sub(r"\{[^}]*\}|[^A-Za-zÄÖÜäöüß ]", "", template).strip()
        if kind in SAME_TEXTS:
            assert ENGLISH_TEXTS[kind] == template == SAME_TEXTS[kind]
            continue
        text = rendered("de", kind)
        is_same = bool(words) and text == rendered("en", kind)
        if is_same or has_english(text):
            english.append((kind, text))
    assert english == []


def counted() -> list[tuple[str, str, str]]:
    """Return language, kind and name of every count."""
    return [
        (language, kind, name)
        for language in TEXTS
        for name, kinds in COUNTS.items()
        for kind in sorted(kinds)
    ]


@pytest.mark.parametrize(("language", "kind", "name"), counted())
def test_the_form_follows_the_number(language: str, kind: str, name: str) -> None:
    """With 1 and with 2 the words differ, unless the language has one form for both."""
    one, two = (rendered(language, kind, **{name: number}) for number in (1, 2))

    is_same = re.sub("[12]", "", one) == re.sub("[12]", "", two)
    assert is_same is ((language, name, kind) in SAME_FORMS), (one, two)
    if language == "en":
        assert not re.search(r"\b1 (?!s\b|series\b)\w+s\b", one), one


def test_every_number_of_a_message_is_known() -> None:
    """A new placeholder of a message that is filled with a number is a count or a plain number."""
    formed = {
        (kind, name)
        for texts in TEXTS.values()
        for kind, text in texts.items()
        for name in re.findall(r"\{(\w+):[^{}]*\|", text)
    }
    known = {(kind, name) for name, kinds in COUNTS.items() for kind in kinds}
    assert formed == known
