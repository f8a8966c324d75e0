"""The manual page `aniworld(1)`, written from the commands and their options."""

from collections.abc import Iterator
from importlib.metadata import version

from cyclopts import App
from cyclopts.argument import Argument, ArgumentCollection

from aniworld_cli.commands.help_texts import EXAMPLES, default_text
from aniworld_cli.exit_codes import MEANINGS


def man_page(app: App) -> str:
    """Return the page in the man macros of roff (man(7)).

    Args:
        app: The command line, with the global options at its meta app.
    """
    lines = [
        f'.TH ANIWORLD 1 "" "aniworld {version("aniworld-cli")}"',
        *(".SH NAME", "aniworld \\- " + _escaped(_sentence(app.help))),
        *(".SH SYNOPSIS", ".B aniworld", "COMMAND [OPTIONS]"),
        *(".SH DESCRIPTION", _escaped(app.help)),
        *(".SH COMMANDS", *_commands(app, ())),
        *(".SH OPTIONS OF ALL COMMANDS", *_arguments(app.meta)),
        ".SH EXIT STATUS",
    ]
    for code, meaning in MEANINGS.items():
        lines += [".TP", f".B {code}", _escaped(meaning)]
    return "\n".join(lines) + "\n"


def _commands(app: App, path: tuple[str, ...]) -> Iterator[str]:
    for name in app:
        if name.startswith("-"):
            continue
        command, words = app[name], (*path, name)
        if command.default_command is not None:
            yield f".SS aniworld {_escaped(' '.join(words))}"
            yield _escaped(_description(command))
            yield from _arguments(command)
            yield from (".PP", "Example:", f".B aniworld {_escaped(EXAMPLES[' '.join(words)])}")
        yield from _commands(command, words)


def _description(command: App) -> str:
    """Return what stands before the list of arguments in the docstring."""
    text = (command.default_command.__doc__ if command.default_command else "") or command.help
    return " ".join(text.partition("Args:")[0].split())


def _arguments(command: App) -> Iterator[str]:
    for argument in _shown(command.assemble_argument_collection(parse_docstring=True)):
        yield from (".TP", f".B {_escaped(', '.join(_names(argument)))}")
        yield _escaped(_meaning(argument))


def _shown(arguments: ArgumentCollection) -> list[Argument]:
    return [each for each in arguments if each.show]


def _names(argument: Argument) -> list[str]:
    """Return the names without `--no-…` forms, which commands do not have unless they say so."""
    has_negatives = bool(argument.parameter.negative)
    return [n for n in argument.names if has_negatives or n not in argument.negatives]


def _meaning(argument: Argument) -> str:
    text = " ".join((argument.parameter.help or "").split())
    choices = argument.get_choices()
    if choices:
        text += f" One of: {', '.join(choices)}."
    default = default_text(argument.field_info.default) if not argument.required else None
    return f"{text} Default: {default}." if default else text


def _sentence(text: str) -> str:
    return text.partition(".")[0]


def _escaped(text: str) -> str:
    """Escape what roff would interpret (groff(7), section *Escape sequences*)."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in {".", "'"} else escaped
