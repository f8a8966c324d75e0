"""Messages for people: kind, values and the English text."""

import ast
import errno
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from aniworld_core.errors import DiskFullError, FetchInterruptedError, SeriesNotFoundError
from aniworld_core.messages import (
    TEXTS,
    Message,
    clipped,
    fill,
    kind_of,
    message_from_wire,
    message_to_wire,
    os_reason,
    placeholders,
    values_of,
)

PACKAGES = Path(__file__).parents[2] / "packages"


def test_a_message_is_its_english_text() -> None:
    """It compares, formats and joins as a `str`, and keeps kind and values."""
    message = Message("host_http_status", host="example.org", status=503)

    assert message == "example.org answers HTTP 503"
    assert (message.kind, message.values) == (
        "host_http_status",
        {"host": "example.org", "status": 503},
    )


def test_values_stay_messages_inside_messages() -> None:
    """The JSON form has kind, values and text at every depth, and is read back."""
    inner = Message("http_status", status=404)
    outer = Message("part_reason", part="segment 1 of 2", reason=inner)

    wire = message_to_wire(outer)
    assert wire == {
        "kind": "part_reason",
        "values": {
            "part": "segment 1 of 2",
            "reason": {
                "kind": "http_status",
                "values": {"status": 404},
                "text": "it answers HTTP 404",
            },
        },
        "text": "segment 1 of 2: it answers HTTP 404",
    }
    assert message_to_wire(message_from_wire(wire)) == wire


def test_other_text_has_no_kind() -> None:
    """Text of plug-ins without a kind is unchanged."""
    assert (message_to_wire("asleep"), kind_of("asleep"), values_of("asleep")) == (
        "asleep",
        None,
        {},
    )
    assert (kind_of(None), values_of(None)) == (None, {})


def test_messages_and_errors_survive_pickling() -> None:
    """Pickling keeps kind and values."""
    message = Message("part_reason", part="a", reason=Message("too_slow"))
    copy = pickle.loads(pickle.dumps(message))  # noqa: S301 - our own bytes
    assert message_to_wire(copy) == message_to_wire(message)


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{a} of {b}", {"a": 1, "b": "x"}, "1 of x"),
        ("{raw!r} is wrong", {"raw": "a\nb"}, "'a\\nb' is wrong"),
        ("full[, {needed_bytes:bytes} more]", {"needed_bytes": None}, "full"),
        ("full[, {needed_bytes:bytes} more]", {"needed_bytes": 1_500_000}, "full, 1.5 MB more"),
        ("has {x_languages}", {"x_languages": ["ger-dub", "jpn"]}, "has ger-dub, jpn"),
        ("bad: {problems:; }", {"problems": ["a", "b"]}, "bad: a; b"),
        ("till {t_at:time}", {"t_at": "2026-11-29T10:00:00Z"}, "till 2026-11-29 10:00:00 UTC"),
        ("{s_seconds:.1f} s", {"s_seconds": 1.25}, "1.2 s"),
    ],
)
def test_templates_are_filled(template: str, values: dict[str, object], text: str) -> None:
    """Templates format bytes, times and lists; missing values remove their brackets."""
    assert fill(template, values) == text  # type: ignore[arg-type]


def test_values_with_braces_or_brackets_are_text() -> None:
    """Values with braces or brackets are not treated as templates."""
    assert fill("{a}[ ({b})]", {"a": "{b}[x]", "b": "{0}"}) == "{b}[x] ({0})"


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EACCES, "permission_denied"), (errno.ENOSPC, "no_space_left")]
)
def test_reasons_of_the_operating_system_have_kinds(number: int, kind: str) -> None:
    """Known error numbers have a kind; others have the text of the system."""
    assert kind_of(os_reason(OSError(number, "whatever"))) == kind
    assert os_reason(OSError(errno.EXDEV, "a cross-device link")) == "a cross-device link"


def test_errors_build_their_text_from_their_values() -> None:
    """The message of an error contains its values, including optional ones."""
    assert str(SeriesNotFoundError("a", where="b", reason="dark")) == "no series 'a' in b (dark)"
    assert str(SeriesNotFoundError("a")) == "no series 'a' in the library"
    assert DiskFullError("/srv", 5).values == {"path": "/srv", "needed_bytes": 5}
    error = FetchInterruptedError(Message("nothing_arrived", waited_seconds=60))
    assert str(error) == "the transfer was interrupted: nothing arrived for 60 s"


def test_text_of_unknown_origin_is_cut() -> None:
    """Untrusted text is cut to 80 characters."""
    assert clipped("x" * 81) == "x" * 77 + "..."


def built_messages() -> Iterator[tuple[str, str, set[str | None]]]:
    """Return every call of `Message` in the packages with kind and names of values."""
    for path in sorted(PACKAGES.glob("*/src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="Message"), args=[ast.Constant(value=str() as kind)]
                ):
                    yield f"{path.name}:{node.lineno}", kind, {word.arg for word in node.keywords}


def test_every_built_message_has_a_text_and_its_values() -> None:
    """Every call uses an existing kind with all its values."""
    found = 0
    for place, kind, given in built_messages():
        assert kind in TEXTS, place
        assert given == placeholders(TEXTS[kind]), place
        found += 1
    assert found > 20


def test_every_kind_is_built_somewhere() -> None:
    """Every kind in `TEXTS` is used."""
    sources = "\n".join(p.read_text("utf-8") for p in PACKAGES.glob("*/src/**/*.py"))
    unused = [kind for kind in TEXTS if sources.count(f'"{kind}"') < 2]
    assert not unused


def test_only_parts_of_a_page_are_missing() -> None:
    """`provider_changed` says that a piece is missing: a part, never what an answer should be.

    "An answer below 16.8 MB is missing" explains nothing; such an answer is `unusable_answer`.
    """
    pieces = {kind: text for kind, text in TEXTS.items() if kind.startswith("piece_")}

    assert pieces
    for kind, text in pieces.items():
        assert text.startswith(("the ", "a list of ", "{what} in ")), kind
        assert not {"that", "below", "within", "usable", "readable"} & set(text.split()), kind
