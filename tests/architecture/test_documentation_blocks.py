"""Code blocks of the documentation can be run: commands exist, and files can be parsed."""

import importlib
import json
import tomllib

import cyclopts
import pytest

from aniworld_cli.app import build_app
from aniworld_cli.rendering.output import Output
from aniworld_cli.standard_input import with_standard_input
from support.documentation import PAGES, SHELLS, Block, aniworld_commands, blocks_of

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
COMMANDS = [
    (block.place, command)
    for block in BLOCKS
    if block.language in SHELLS
    for command in aniworld_commands(block.text)
]
FILES = [block for block in BLOCKS if block.language in ("toml", "json", "yaml")]


def check(command: list[str]) -> None:
    """Parse a command line without running it.

    Raises:
        cyclopts.CycloptsError: If a command, an option or an argument is wrong.
    """
    app = build_app([Output(is_json=False)], {})
    _, bound, _ = app.meta.parse_args(command, exit_on_error=False, print_error=False)
    tokens = with_standard_input(bound.args)
    # `help` is answered before the commands: of what follows, only the names count.
    if tokens[0] == "help":
        for name in tokens[1:]:
            if name != "--man":
                app = app[name]
        return
    app.parse_args(tokens)


def test_pages_have_commands() -> None:
    """The blocks are found."""
    assert len(COMMANDS) > 30
    assert FILES


@pytest.mark.parametrize(("place", "command"), COMMANDS)
def test_every_command_line_is_valid(place: str, command: list[str]) -> None:
    """Every `aniworld` command of a page exists, with its options and required arguments."""
    try:
        check(command)
    except cyclopts.CycloptsError as error:
        pytest.fail(f"{place}: aniworld {' '.join(command)}: {error}")


@pytest.mark.parametrize(
    "command",
    [["ad", "LINK"], ["add", "LINK", "--no-such"], ["config", "set"], ["queue", "shuffle"]],
    ids=["no such command", "no such option", "arguments missing", "no such subcommand"],
)
def test_wrong_command_lines_are_noticed(command: list[str]) -> None:
    """A command line that the program refuses fails the check."""
    with pytest.raises(cyclopts.CycloptsError):
        check(command)


@pytest.mark.parametrize("block", FILES, ids=[block.place for block in FILES])
def test_every_file_can_be_parsed(block: Block) -> None:
    """Blocks of TOML, JSON and YAML have the syntax of their language."""
    read = {
        "toml": tomllib.loads,
        "json": json.loads,
        "yaml": importlib.import_module("yaml").safe_load,
    }

    assert read[block.language](block.text)
