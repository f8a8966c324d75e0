"""Write the reference pages `docs/cli.md`, `docs/rest.md` and `docs/exit-codes.md` from the code.

`python docs/make_reference.py` writes all three. The commands come from the command tree with its
help texts, the operations of the REST API from the records that also make its OpenAPI document,
the exit codes and errors from the error classes.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from cyclopts import App, Argument

from aniworld_cli import exit_codes
from aniworld_cli.app import build_app
from aniworld_cli.exit_codes import CODES
from aniworld_cli.rendering.output import Output
from aniworld_core import errors
from aniworld_core.errors import AniworldError
from aniworld_http.errors import STATUSES
from aniworld_http.operations import Operation
from aniworld_http.routes import TABLE
from aniworld_http.websocket import ENDPOINTS as SOCKET_ENDPOINTS

FOLDER: Final = Path(__file__).parent
_OPTIONS: Final = "| option | meaning |\n|---|---|\n"
#: Exit codes that are not those of an error class.
_OTHER_CODES: Final = {
    exit_codes.DONE: "everything was done",
    exit_codes.SOME_FAILED: "a part failed, or an unexpected error",
    exit_codes.INTERRUPTED: "interrupted with Ctrl-C",
}


def commands() -> str:
    """Return the page of the command line."""
    app = build_app([Output(is_json=False)], {})
    parts = [
        "# Command line\n\nMade from the command tree. `aniworld COMMAND --help` shows the same, in"
        " German too. [Exit codes](exit-codes.md) are the same for all commands.\n",
        f"## Options of all commands\n\n{_table(app.meta)}",
        *_commands(app, "aniworld"),
    ]
    return "\n".join(parts)


def _commands(app: App, name: str) -> Iterator[str]:
    for word in sorted(word for word in app if not word.startswith("-")):
        command, whole = app[word], f"{name} {word}"
        heading = "#" * len(whole.split())
        about = inspect.cleandoc(command.help)
        if command.default_command is None:
            yield f"{heading} {whole}\n\n{about}\n"
            yield from _commands(command, whole)
            continue
        usage = " ".join([whole, *map(_written, _positional(command)), "[OPTIONS]"])
        yield f"{heading} {whole}\n\n{about}\n\n```text\n{usage}\n```\n\n{_table(command)}"


def _positional(command: App) -> list[Argument]:
    return [each for each in _arguments(command) if not each.name.startswith("-")]


def _arguments(command: App) -> Sequence[Argument]:
    collection = command.assemble_argument_collection(parse_docstring=True)
    # "*" stands for a group of options that are listed one by one as well.
    return [each for each in collection if each.parameter.show is not False and each.name != "*"]


def _written(argument: Argument) -> str:
    several = "…" if argument.field_info.kind is inspect.Parameter.VAR_POSITIONAL else ""
    return f"{argument.name}{several}" if argument.required else f"[{argument.name}{several}]"


def _table(command: App) -> str:
    rows = [
        f"| {_names(each)} | {_cell(each.parameter.help or '')}{_choices(each)} |\n"
        for each in _arguments(command)
    ]
    return f"{_OPTIONS}{''.join(rows)}" if rows else ""


def _names(argument: Argument) -> str:
    names = [each for each in argument.names if each not in argument.negatives]
    return ", ".join(f"`{_cell(name)}`" for name in names) + (
        " (required)" if argument.required else ""
    )


def _choices(argument: Argument) -> str:
    choices = argument.get_choices()
    return f" One of {', '.join(f'`{each}`' for each in choices)}." if choices else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("*", "\\*")


def operations() -> str:
    """Return the page of the REST API."""
    tags: dict[str, list[Operation]] = {}
    sockets = [each for each in SOCKET_ENDPOINTS if isinstance(each, Operation)]
    for each in (*TABLE, *sockets):
        tags.setdefault(each.tag, []).append(each)
    parts = [
        "# REST API\n\nMade from the records of the operations. A running server has the whole"
        " description, with types of all requests and responses, at `/api/docs` and"
        " `/api/openapi.json`.\n\nSend an API key in the header `X-Api-Key`, or the token of a"
        " sign-in as `Authorization: Bearer TOKEN`. Failed requests are answered with a problem"
        " document (RFC 9457).\n"
    ]
    head = "| method | path | scope | what it does |\n|---|---|---|---|\n"
    for tag, found in tags.items():
        rows = [
            f"| {each.method} | `{each.path}` | {_scope(each)} | {_cell(each.summary)} |\n"
            for each in found
        ]
        parts.append(f"## {tag}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def _scope(operation: Operation) -> str:
    return "(public)" if operation.policy.is_public else f"`{operation.scope}`"


def codes() -> str:
    """Return the page of the exit codes and errors."""
    rows = {code: f"| {code} | {text} | |\n" for code, text in _OTHER_CODES.items()}
    for base, code in CODES.items():
        rows[code] = f"| {code} | {_cell(_summary(base))} | `{base.__name__}` |\n"
    parts = [
        "# Exit codes and errors\n\nMade from the error classes. A command that works on several"
        " things returns the code that all failures share, else 1.\n",
        "| code | meaning | error |\n|---|---|---|\n"
        + "".join(rows[code] for code in sorted(rows)),
        "The kind of an error is in `--json` output and in the problem documents of the REST"
        " API.\n",
    ]
    head = "| kind | HTTP status | class | meaning |\n|---|---|---|---|\n"
    for base, code in CODES.items():
        classes = [each for each in _classes() if issubclass(each, base) and each is not base]
        table = "".join(
            f"| `{_kind(each)}` | {_status(each)} | `{each.__name__}` | {_cell(_summary(each))} |\n"
            for each in classes
        )
        parts.append(f"## {base.__name__}: exit code {code}\n\n{head}{table}")
    return "\n".join(parts)


def _classes() -> Sequence[type[AniworldError]]:
    found = [each for each in vars(errors).values() if inspect.isclass(each)]
    return sorted((e for e in found if issubclass(e, AniworldError)), key=lambda e: e.__name__)


def _kind(error: type[AniworldError]) -> str:
    return error.kind.fget(error.__new__(error))


def _status(error: type[AniworldError]) -> int:
    return next(status for base, status in STATUSES.items() if issubclass(error, base))


def _summary(documented: type) -> str:
    return (documented.__doc__ or "").partition("\n\n")[0]


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli.md": commands,
    "rest.md": operations,
    "exit-codes.md": codes,
}


def main() -> int:
    """Write the pages, and return whether one was out of date."""
    changed = 0
    for name, page in PAGES.items():
        path, made = FOLDER / name, page()
        changed |= not path.exists() or path.read_text("utf-8") != made
        path.write_text(made, "utf-8")
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
