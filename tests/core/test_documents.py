"""Strict parsing of JSON documents with a pointer for every problem."""

from typing import Annotated, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.documents import (
    MOST_DEPTH,
    MOST_DIGITS,
    NotJsonError,
    Problem,
    read_json,
    structure,
)
from aniworld_core.domain.media import Quality


@attrs.frozen
class Bound:
    """Bounds with the attributes of `msgspec.Meta`."""

    ge: int | None = None
    le: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@attrs.frozen(kw_only=True)
class Part:
    """An object in a list."""

    number: int


@attrs.frozen(kw_only=True)
class Body:
    """One field of each type."""

    text: Annotated[str, Bound(min_length=1, max_length=5, pattern="^a")] = "a"
    number: Annotated[int, Bound(ge=1, le=9)] | None = None
    share: float = 0.5
    on: bool = True
    mode: Literal["x", 1] = "x"
    quality: Quality = Quality.BEST
    parts: Annotated[
        tuple[Part | Annotated[str, Bound(min_length=2)], ...], Bound(max_length=3)
    ] = ()


def faults(text: str) -> dict[str, str]:
    return dict(read_json(text).faults)


def problems(document: object) -> list[Problem]:
    return structure(document, Body)[1]


@pytest.mark.parametrize(
    ("text", "pointer", "detail"),
    [
        ('{"a": 1, "a": 2}', "/a", "more than once"),
        ('{"a": [{"b/c": 1, "b/c": 1}]}', "/a/0/b~1c", "more than once"),
        ('{"a": NaN}', "/a", "NaN"),
        ("[1, [-Infinity]]", "/1/0", "Infinity"),
        ('{"a": 1e999}', "/a", "too large"),
        ('{"a": -' + "9" * 5000 + "}", "/a", "5000 digits"),
        ('{"a": ' + "[" * 80 + "]" * 80 + "}", "/a" + "/0" * (MOST_DEPTH - 1), "nested"),
    ],
)
def test_faults_of_single_values_are_named(text: str, pointer: str, detail: str) -> None:
    """Each invalid value has a pointer, and the rest of the document is parsed."""
    found = faults(text)
    assert list(found) == [pointer]
    assert detail in found[pointer]


def test_all_faults_are_named_at_once() -> None:
    """All problems are reported at once."""
    text = '{"a": NaN, "b": {"c": 1, "c": 1e400}, "d": ' + "1" * (MOST_DIGITS + 1) + "}"
    assert list(faults(text)) == ["/a", "/b/c", "/b/c", "/d"] or set(faults(text)) == {
        "/a",
        "/b/c",
        "/d",
    }


@pytest.mark.parametrize(
    "text", ["", "{", "{'a': 1}", "[" * 100_000, '"\\ud800"', "1 2", "\ufeff{}"]
)
def test_what_is_not_json_is_refused_as_a_whole(text: str) -> None:
    """Truncated, other, too deeply nested and non-Unicode text is refused completely."""
    with pytest.raises(NotJsonError):
        read_json(text)
    with pytest.raises(NotJsonError):
        read_json(b"\xff" + text.encode("utf-8", "surrogatepass"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    )
)
def test_sound_documents_are_read_as_they_are(value: object) -> None:
    """Valid JSON of another writer is parsed unchanged."""
    import json

    document = read_json(json.dumps(value))
    assert document.value == value
    assert document.faults == ()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"text": ""}, {"/text": "must not be empty"}),
        ({"text": "abcdef"}, {"/text": "must have at most 5 characters"}),
        ({"text": "b"}, {"/text": "must match the pattern ^a"}),
        ({"text": 5}, {"/text": "must be a text, not a number"}),
        ({"number": 0}, {"/number": "must be 1 to 9"}),
        ({"number": "1"}, {"/number": "must be a whole number, not a text"}),
        ({"number": True}, {"/number": "must be a whole number, not a truth value"}),
        ({"share": "1"}, {"/share": "must be a number, not a text"}),
        ({"share": 10**400}, {"/share": "is too large a number"}),
        ({"on": 1}, {"/on": "must be true or false, not a number"}),
        ({"mode": True}, {"/mode": "must be one of x, 1"}),
        ({"mode": []}, {"/mode": "must be one of x, 1"}),
        ({"quality": "4k"}, {"/quality": "must be one of best, worst, 360p, 480p, 720p, 1080p"}),
        ({"parts": "ab"}, {"/parts": "must be a list, not a text"}),
        (
            {"parts": [{}, "a", 5]},
            {
                "/parts/0/number": "is required",
                "/parts/1": "must have at least 2 characters",
                "/parts/2": "must be a text, not a number",
            },
        ),
        ({"parts": ["ab"] * 4}, {"/parts": "must have at most 3 entries"}),
        (
            {"a/b": 1, "on": 5},
            {"/a~1b": "is not known", "/on": "must be true or false, not a number"},
        ),
        ([], {"": "must be an object, not a list"}),
    ],
)
def test_wrong_values_are_named(document: object, expected: dict[str, str]) -> None:
    """No value is converted to another type; all problems are reported."""
    assert dict(problems(document)) == expected


def test_fitting_values_are_read() -> None:
    """Whole numbers may have a zero fraction; null is accepted where allowed."""
    document = {
        "number": 2.0,
        "share": 1,
        "mode": 1,
        "quality": "720p",
        "parts": [{"number": 1}, "ab"],
    }
    body, found = structure(document, Body)
    assert found == []
    assert body == Body(
        number=2, share=1.0, mode=1, quality=Quality.P720, parts=(Part(number=1), "ab")
    )
    assert structure({"number": None}, Body)[1] == []
