"""Texts of the command in German and English."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniworld_cli
from aniworld_cli.rendering.texts import speaking, tr
from aniworld_core.domain.automation import ActorKind, AiringState, HistoryKind, Role
from aniworld_core.domain.downloads import DownloadStatus, Phase, Priority
from aniworld_core.domain.library import ChangeOrigin, ChangeStatus, FileState
from aniworld_core.messages import Message, placeholders
from aniworld_core.messages.texts import TEXTS
from aniworld_core.messages.translation import message_texts
from support.console import Console
from support.english_words import has_english

SOURCE = Path(aniworld_cli.__file__).parent
GERMAN: dict[str, str] = json.loads((SOURCE / "rendering/locale/de.json").read_text("utf-8"))
#: Texts of messages in place of those of the pages, by kind.
OWN: dict[str, str] = json.loads((SOURCE / "rendering/locale/messages.de.json").read_text("utf-8"))
#: Calls whose first argument is shown to people.
SHOWN = {"talk", "warn", "failure", "UsageError", "tr", "translated", "table", "facts"}
#: Words of the core that the command shows.
WORDS = {
    *(each.value for kind in (AiringState, DownloadStatus, Phase) for each in kind),
    *(each.name.lower() for each in Priority),
    *(each.value.replace("_", " ") for each in ActorKind),
    *(each.value for kind in (ChangeOrigin, ChangeStatus) for each in kind),
    *(each.value for each in Role),
    *(FileState.DAMAGED.value, FileState.SUSPECT.value),
    *(HistoryKind.QUEUED, HistoryKind.COMPLETED, HistoryKind.UPGRADED, HistoryKind.FAILED),
}
#: Files whose texts are for developers, or are not translated yet.
ENGLISH_FILES = {"commands/server/reload.py"}


def literals(node: ast.expr | None) -> Iterator[str]:
    """Return the texts of an argument: a constant, both sides of a choice, names of columns."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from literals(node.body)
            yield from literals(node.orelse)
        case ast.Tuple():
            for each in node.elts:
                yield from literals(each)
        case ast.Dict():
            for key in node.keys:
                yield from literals(key)
        case _:
            pass


def shown_texts() -> set[str]:
    """Return every text of the source that is shown to people."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).as_posix() in ENGLISH_FILES:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in SHOWN and node.args:
                    found |= set(literals(node.args[0]))
                hints = [each.value for each in node.keywords if each.arg == "hint"]
                found |= {text for hint in hints for text in literals(hint)}
    # Examples of commands, and what has no words.
    return {text for text in found if re.search("[a-z]{2}", text) and text[:9] != "aniworld "}


def test_every_text_is_in_the_catalogue() -> None:
    """A text without a German entry would be English in the middle of German output."""
    assert sorted(shown_texts() - GERMAN.keys()) == []


def test_every_entry_of_the_catalogue_is_used() -> None:
    """An entry that no code names is a leftover of a changed text."""
    constants = {
        node.value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(GERMAN.keys() - constants - WORDS) == []


def test_both_languages_have_the_same_values() -> None:
    """Every placeholder of the English text is in the German one."""

    def names(text: str) -> set[str]:
        return placeholders(re.sub(r"[\[\]]", "", text))

    assert [text for text, german in GERMAN.items() if names(text) != names(german)] == []
    assert GERMAN.keys() >= WORDS


def test_messages_name_the_same_commands_in_both_languages() -> None:
    """Where the English hint is a command, the German one is no page of the web interface."""
    german = {**message_texts("de"), **OWN}
    lost = {
        kind: german[kind]
        for kind, english in TEXTS.items()
        for command in re.findall(r"aniworld [a-z][a-z-]+", english)
        if command not in german[kind]
    }
    assert lost == {}
    pages = re.compile("Lade die Seite|Einstellungen →|auf der Seite")
    assert [kind for kind in TEXTS if kind[-5:] == ".hint" and pages.search(german[kind])] == []


def test_messages_of_the_command_have_the_values_of_their_kind() -> None:
    """A text in place of that of the pages is German and has no value that its kind lacks."""
    assert [text for text in OWN.values() if has_english(text)] == []
    for kind, text in OWN.items():
        assert placeholders(text) <= placeholders(re.sub(r"[\[\]]", "", TEXTS[kind]))


def test_german_texts_are_german() -> None:
    """No German text is empty, has English words, or is the English sentence."""
    assert [text for text, german in GERMAN.items() if has_english(german)] == []
    same = [text for text, german in GERMAN.items() if text == german]
    assert [text for text in same if re.search(r"[a-z]{3,} [a-z]{3,}", text)] == []


@pytest.mark.parametrize(
    ("number", "german"), [(1, "1 Folge"), (2, "2 Folgen"), (17065, "17.065 Folgen")]
)
def test_numbers_have_the_form_of_the_language(number: int, german: str) -> None:
    """Nouns follow the number, and large numbers are grouped."""
    text = "queued {n:# episode|# episodes}"
    with speaking("de"):
        assert tr(text, n=number) == f"{german} eingereiht"
    english = german.replace("Folgen", "episodes").replace("Folge", "episode").replace(".", ",")
    assert tr(text, n=number) == f"queued {english}"


def test_names_are_never_translated() -> None:
    """A series can be called like a word of the catalogue; messages are translated."""
    with speaking("de"):
        assert tr("added {name}", name="Missing") == "Missing hinzugefügt"
        reason = Message("no_space_left")
        assert "No" not in tr("{provider} did not answer: {error}", provider="x", error=reason)


@pytest.mark.parametrize(
    ("variables", "is_german"),
    [
        ({}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de"}, True),
        ({"LANG": "den_CA"}, False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_MESSAGES": "de_AT@euro", "LANG": "en_US"}, True),
        ({"ANIWORLD_LANGUAGE": "de", "LC_ALL": "en_US"}, True),
        ({"ANIWORLD_LANGUAGE": "en", "LC_ALL": "de_DE"}, False),
    ],
)
def test_the_environment_chooses_the_language(
    console: Console, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_german: bool
) -> None:
    """Errors, hints and messages are in its language; JSON and exit codes never change."""
    for name in ("ANIWORLD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    empty, lost, wrong = console("list"), console("show", "moss"), console("download")
    assert (empty.code, lost.code, wrong.code) == (0, 3, 2)
    assert console("show", "moss", "--json").error["kind"] == "series_not_found"
    assert "in the library" in console("show", "moss", "--json").error["error"]
    if is_german:
        assert empty.err == "die Bibliothek ist leer\n"
        assert lost.err == (
            "aniworld: Die Serie „moss“ wurde in der Bibliothek nicht gefunden"
            " (Füge sie zuerst hinzu: aniworld add moss)\n"
        )
        assert wrong.err.startswith("aniworld: gib eine Serie an")
    else:
        assert empty.err == "the library is empty\n"
        assert lost.err.startswith("aniworld: no series 'moss'")
        assert wrong.err.startswith("aniworld: give a series")
