"""Entry of the command line: global options, dispatch, and exit codes for errors."""

import errno
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, CycloptsError, Group, Parameter

from aniworld_cli.commands import register
from aniworld_cli.commands.help_texts import default_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import ENGLISH, chosen_language, language, speaking, tr
from aniworld_cli.standard_input import with_standard_input

if TYPE_CHECKING:
    from cyclopts import Token
    from cyclopts.help.protocols import HelpFormatter

    from aniworld_core.errors import AniworldError

# Copies of values in `exit_codes`: that module imports the core, which --help must not load.
_WRONG_USE: Final = 2
_UNAVAILABLE: Final = 6
_INTERRUPTED: Final = 130
_GLOBAL: Final = Group("Options of all commands", sort_key=99)


def run(argv: Sequence[str], adapters: Mapping[str, Any] | None = None) -> int:
    """Run the command and return its exit code; unexpected errors are reported, not raised.

    Args:
        argv: Arguments after the program name.
        adapters: Adapters to use instead of the installed ones, as for `open_application`.
    """
    is_json = _asks_for_json(argv)
    with speaking(ENGLISH if is_json else chosen_language()):
        return _run(argv, adapters or {}, is_json=is_json)


def _run(argv: Sequence[str], adapters: Mapping[str, Any], *, is_json: bool) -> int:
    outputs = [Output(is_json=is_json)]
    code = _outcome(argv, adapters, outputs)
    output = outputs[-1]
    output.flush()
    if output.write_error is None or code:
        return code
    from aniworld_core.messages import os_reason

    reason = os_reason(output.write_error)
    output.failure(tr("cannot write the output: {reason}", reason=reason), kind="output")
    return _UNAVAILABLE


def _outcome(argv: Sequence[str], adapters: Mapping[str, Any], outputs: list[Output]) -> int:
    try:
        return build_app(outputs, adapters).meta(argv) or 0
    except CycloptsError as error:
        from aniworld_cli.usage_errors import usage_hint, usage_text

        outputs[-1].failure(usage_text(error), kind="usage", hint=usage_hint(error))
        return _WRONG_USE
    except KeyboardInterrupt:
        output = outputs[-1]
        hint = output.after_interrupt if output.has_begun else "no work had started"
        output.failure("interrupted", kind="interrupted", hint=hint)
        return _INTERRUPTED
    except SystemExit:
        return 0  # The reader of the help has left: rich ends the program.
    except OSError as error:
        if error.filename is not None:
            return _report(error, outputs[-1])
        outputs[-1].give_up_writing(error)  # of the help, which cyclopts prints
        return 0
    # Outermost handler: every error ends as one line and an exit code.
    except Exception as error:
        return _report(error, outputs[-1])


def build_app(outputs: list[Output], adapters: Mapping[str, Any]) -> App:
    """Return the command line with all commands; it prints to the last of *outputs*."""
    app = App(
        name="aniworld",
        help="Find series, add them to a library and download their episodes.",
        version_flags=(),
        default_parameter=Parameter(negative=(), show_default=default_text),
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
        help_formatter=_help_formatter(),
    )
    app.meta.suppress_keyboard_interrupt = False
    app.meta.default(_launcher(app, outputs, adapters))
    app.register_install_completion_command(
        help="Install the completion of commands and keys in the shell."
    )
    register(app)
    return app


def _help_formatter() -> "HelpFormatter | None":
    """Return what prints the help in the reader's language; `None` for that of cyclopts."""
    if language() == ENGLISH:
        return None
    from aniworld_cli.rendering.help_panels import GermanHelp

    return GermanHelp()


def _launcher(app: App, outputs: list[Output], adapters: Mapping[str, Any]) -> Callable[..., int]:
    """Return the function that parses the global options and runs the requested command."""

    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        data_dir: Annotated[Path | None, Parameter(group=_GLOBAL, converter=_folder)] = None,
        library: Annotated[Path | None, Parameter(group=_GLOBAL, converter=_folder)] = None,
        json: Annotated[bool, Parameter(group=_GLOBAL)] = False,
        verbose: Annotated[
            int, Parameter(("--verbose", "-v"), count=True, show_default=False, group=_GLOBAL)
        ] = 0,
        quiet: Annotated[bool, Parameter(("--quiet", "-q"), group=_GLOBAL)] = False,
        bits: Annotated[bool, Parameter(group=_GLOBAL)] = False,
        version: Annotated[bool, Parameter(group=_GLOBAL)] = False,
    ) -> int:
        """Find series, add them to a library and download their episodes.

        Args:
            tokens: The command and its arguments.
            data_dir: Folder of database, configuration and backups.
            library: Library folder.
            json: Print data and errors as JSON.
            verbose: Print more details; -vv adds tracebacks of errors.
            quiet: Print only errors.
            bits: Show speeds in Mbit/s instead of MB/s.
            version: Print the version and exit.
        """
        outputs.append(Output(is_json=json, verbosity=-1 if quiet else verbose, in_bits=bits))
        if tokens == ("help", "--man"):
            _print_man_page(app, outputs[-1])
            return 0
        if tokens and tokens[0] == "help":
            tokens = (*tokens[1:], "--help")
        command, bound, injected = app.parse_args(with_standard_input(tokens))
        if "session" not in injected:
            # Help and completions, which cyclopts prints itself.
            outputs[-1].printing(lambda: command(*bound.args, **bound.kwargs))
            return 0
        return _run_in_session(
            partial(command, *bound.args, **bound.kwargs), outputs[-1], data_dir, library, adapters
        )

    return launch


def _folder(_: object, tokens: "Sequence[Token]") -> Path:
    """Return the folder that an option names.

    Raises:
        ValueError: If it is empty, as the value of an unset variable is, or cannot be a path. An
            empty name would be the current folder.
    """
    value = tokens[0].value
    if not value.strip():
        raise ValueError(tr("no folder is named"))
    try:
        os.lstat(Path(value).expanduser())
    except RuntimeError as error:
        raise ValueError(tr("there is no home folder for {path}", path=value)) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ValueError(tr("the path is too long")) from error
    return Path(value)


def _print_man_page(app: App, output: Output) -> None:
    from aniworld_cli.man_page import man_page

    for line in man_page(app).splitlines():
        output.line(line)


def _run_in_session(
    command: Callable[..., Awaitable[int]],
    output: Output,
    data_dir: Path | None,
    library: Path | None,
    adapters: Mapping[str, Any],
) -> int:
    from aniworld_cli.session import Session, run_command

    session = Session(output=output, data_dir=data_dir, library=library, adapters=adapters)
    return run_command(partial(command, session=session), output)


def _report(error: Exception, output: Output) -> int:
    from aniworld_cli.exit_codes import SOME_FAILED, code_of

    known = _own_error(error)
    if known is not None:
        output.error(known)
        return code_of(known)
    if output.verbosity >= 2:
        raise error
    cause: BaseException = error
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    output.failure(
        tr("unexpected error: {error}", error=f"{type(cause).__name__}: {cause}"),
        kind="unexpected",
        hint="this is a bug in the program; -vv shows the traceback",
    )
    return SOME_FAILED


def _own_error(error: BaseException) -> "AniworldError | None":
    """Return the first error of this project, also from the groups that concurrent tasks raise."""
    from aniworld_core.errors import AniworldError

    if isinstance(error, AniworldError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [_own_error(inner) for inner in error.exceptions]
        # Another error in the group is a bug, which must not be hidden.
        return found[0] if all(found) else None
    return None


def _asks_for_json(argv: Sequence[str]) -> bool:
    options = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in options
