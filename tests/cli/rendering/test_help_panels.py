"""The help of every command in German."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

import aniworld_cli
from aniworld_cli.app import build_app
from aniworld_cli.commands.help_texts import EXAMPLES
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import speaking
from support.console import Console

LOCALE = Path(aniworld_cli.__file__).parent / "rendering/locale/help_de.json"
GERMAN: dict[str, str] = json.loads(LOCALE.read_text("utf-8"))
#: Frequent English words that are no German ones.
ENGLISH = re.compile(r"\b(the|of|and|with|for|that|which|this|only|its|from|are|is|to|be|or|if)\b")
#: What cyclopts puts around the texts.
FRAME = {
    *("Commands", "Arguments", "Parameters", "Options of all commands", "Usage:", "COMMAND"),
    *("[OPTIONS]", "[ARGS]", "[ARGS...]", "choices", "default", "required"),
}


def commands(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Yield every command and group of commands, except flags."""
    yield path, app
    for name in app:
        if not name.startswith("-"):
            yield from commands(app[name], (*path, name))


def english_texts(app: App) -> Iterator[str]:
    """Yield the text of each command, option, flag and label."""
    for _, command in commands(app):
        yield command.help
        if command.default_command is not None:
            yield from argument_texts(command)
    yield from argument_texts(app.meta)
    yield from (app[name].help for name in app if name.startswith("-"))


def argument_texts(command: App) -> Iterator[str]:
    """Yield the text of each argument and option."""
    for argument in command.assemble_argument_collection(parse_docstring=True):
        if argument.show:
            yield argument.parameter.help or ""


def help_texts() -> set[str]:
    """Return all texts as the help shows them."""
    found = english_texts(build_app([Output()], {}))
    # cyclopts describes a flag with its docstring, of which it shows the first lines.
    return {" ".join(re.split(r"Args:|Parameters\n", text)[0].split()) for text in found}


def test_every_text_of_the_help_is_german() -> None:
    """Each command, option, argument and flag has a German text of its own."""
    texts = help_texts()

    assert len(texts) > 200
    assert sorted(texts - GERMAN.keys()) == []
    assert [text for text in texts if GERMAN[text] == text] == []


def test_every_german_text_is_used() -> None:
    """An entry that no help names is a leftover of a changed text."""
    texts = help_texts()
    sentences = {text for text in GERMAN if " " in text}

    # A help of a single command shows the first paragraph, a list of commands its first sentence.
    shown = texts | {re.split(r"(?<=\.) ", text)[0] for text in texts} | FRAME
    assert sorted(sentences - shown) == []


def test_german_texts_have_no_english_words() -> None:
    """Names of options and their values may be English, other words not."""
    for text in GERMAN.values():
        words = re.sub(r"`.*?`|aniworld [a-z -]+|\B--?[a-z-]+", "", text)
        assert ENGLISH.findall(words) == [], text


@pytest.mark.parametrize(
    "words", ["", "queue", "fetch", "users add", "history", "bulk set", "config set"]
)
def test_german_help_is_german_throughout(
    console: Console, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Usage, titles, texts and notes are German; options, values and examples stay the same."""
    monkeypatch.setenv("COLUMNS", "400")
    english = console(*words.split(), "--help").out
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "de")

    shown = console(*words.split(), "--help").out

    assert shown.startswith(f"Aufruf: aniworld {words}".rstrip())
    if words in EXAMPLES:
        assert shown.splitlines()[-1] == f"Beispiel: aniworld {EXAMPLES[words]}"
    columns = [re.split(r"\s{2,}", line.strip("│ "), maxsplit=1) for line in shown.splitlines()]
    texts = [column[1] for column in columns if len(column) == 2]
    assert [text for text in texts if text in english] == []
    assert not re.search(r"\[(choices|default|required)|COMMAND|OPTIONS|ARGS|\bSTR\b", shown)
    options = re.compile(r"^│ (--?[a-z-]+)", re.MULTILINE)
    assert options.findall(shown) == options.findall(english)


def test_only_german_help_reads_german_texts() -> None:
    """English needs none of it at start-up."""
    with speaking("en"):
        assert build_app([Output()], {}).help_formatter is None
    with speaking("de"):
        assert build_app([Output()], {}).help_formatter is not None
