"""Calls that the product must not make because they are known security risks."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))
#: Name -> what can go wrong when it is called or passed on.
FORBIDDEN = {
    "os.system": "a shell reads what a stranger wrote",
    "os.popen": "a shell reads what a stranger wrote",
    "subprocess.getoutput": "a shell reads what a stranger wrote",
    "subprocess.getstatusoutput": "a shell reads what a stranger wrote",
    "asyncio.create_subprocess_shell": "a shell reads what a stranger wrote",
    "eval": "text becomes code",
    "exec": "text becomes code",
    "compile": "text becomes code",
    "__import__": "text becomes code",
    "pickle.load": "data becomes code",
    "pickle.loads": "data becomes code",
    "marshal.loads": "data becomes code",
    "shelve.open": "data becomes code",
    "yaml.load": "data becomes code",
    "ssl._create_unverified_context": "nobody knows who answers",
    "ssl.CERT_NONE": "nobody knows who answers",
    "tempfile.mktemp": "somebody else makes the file first",
}
#: Arguments with a value that disables a protection.
FORBIDDEN_ARGUMENTS = {
    ("shell", True): "a shell reads what a stranger wrote",
    ("verify", False): "nobody knows who answers",
    ("ssl", False): "nobody knows who answers",
    ("verify_ssl", False): "nobody knows who answers",
    ("check_hostname", False): "nobody knows who answers",
    ("trust_env", True): "variables of the environment lead requests elsewhere",
    ("follow_symlinks", True): "links lead out of the folder",
    ("autoescape", False): "data becomes markup",
}
#: Calls that start a process; without `timeout` it may run forever.
STARTING = {
    *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"),
    *("subprocess.Popen", "anyio.run_process", "anyio.open_process"),
    *("asyncio.create_subprocess_exec", "os.posix_spawn", "os.spawnv"),
}
#: Names of values that a log must not show as they are; `shown_link` cuts what is secret.
UNSHOWN = re.compile(
    r"(?:.*_)?(?:urls?|links?|tokens?|passwords?|secrets?|cookies?|authorization|api_keys?|headers)",
    re.IGNORECASE,
)
LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
#: Permitted exceptions: a part of the path, the call, and the reason.
EXCEPTIONS = {
    ("ytdlp/process.py", "pickle.load"): "both ends of the pipe are processes of ours",
    ("ytdlp/process.py", "pickle.loads"): "both ends of the pipe are processes of ours",
    ("aniworld_core/lazy_names.py", "__import__"): "a face names its own modules",
    (
        "aniworld_sqlite/_repositories/listing.py",
        "literal_column",
    ): "the part is a member of an enumeration",
    ("aniworld_sqlite/_dialects.py", "literal_column"): "repositories write each path themselves",
    ("server/reload.py", "anyio.open_process"): "the server of a developer, until it is stopped",
    ("catalogues/feed/reading.py", "anyio.run_process"): "READ_SECONDS, by a cancel scope",
    ("ytdlp/process.py", "anyio.open_process"): "its callers wait in a scope with a deadline",
    ("probe/facts/process.py", "subprocess.Popen"): "each answer has a deadline, then it is killed",
    ("remux/process.py", "subprocess.Popen"): "a remux takes as long as its film; it is cancelled",
    ("contracts/shared_storage.py", "subprocess.Popen"): "a test ends it",
}
#: Functions whose first argument is SQL.
STATEMENTS = {"text", "exec_driver_sql", "executescript", "literal_column"}


def _findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = ast.unparse(node)
            if name in FORBIDDEN:
                yield node.lineno, f"{name}: {FORBIDDEN[name]}"
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


@cache
def _found_in(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple(_findings(ast.parse(path.read_text())))


def _of_call(call: ast.Call) -> Iterator[tuple[int, str]]:
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant) and keyword.arg is not None:
            why = FORBIDDEN_ARGUMENTS.get((keyword.arg, keyword.value.value is True))
            if why is not None and isinstance(keyword.value.value, bool):
                yield call.lineno, f"{keyword.arg}: {why}"
    called = ast.unparse(call.func).rpartition(".")[2]
    is_made = bool(call.args) and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    if called in STATEMENTS and is_made:
        yield call.lineno, f"{called}: a statement put together from parts"
    starter = ast.unparse(call.func)
    if starter in STARTING and all(keyword.arg != "timeout" for keyword in call.keywords):
        yield call.lineno, f"{starter}: no limit ends the process"
    if called in LOGGING and starter.partition(".")[0] in {"logger", "logging", "log"}:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        for name in (name for value in values for name in _bare(value)):
            yield call.lineno, f"{starter}({name}): a log may show a secret"


def _bare(value: ast.expr) -> Iterator[str]:
    """Return the names of secrets in a logged value that no call makes fit to be shown."""
    if isinstance(value, ast.Call):
        return
    last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    if UNSHOWN.fullmatch(last):
        yield ast.unparse(value)
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr):
            yield from _bare(child)


@pytest.mark.parametrize("package", sorted({path.relative_to(ROOT).parts[1] for path in SOURCES}))
def test_no_part_does_what_is_forbidden(package: str) -> None:
    """No package runs a shell, evaluates data, skips certificate checks or builds SQL.

    None starts a process without a limit, and none logs a link or a secret as it is.
    """
    own = [path for path in SOURCES if path.relative_to(ROOT).parts[1] == package]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in own
        for line, what in _found_in(path)
        if _exception(path, what) is None
    ]

    assert own
    assert found == []


def _exception(path: Path, what: str) -> tuple[str, str] | None:
    called = what.partition(":")[0]
    return next(
        (each for each in EXCEPTIONS if path.as_posix().endswith(each[0]) and called == each[1]),
        None,
    )


def test_every_exception_is_needed() -> None:
    """Every permitted exception is still in use."""
    used = {_exception(path, what) for path in SOURCES for _, what in _found_in(path)}

    assert used == set(EXCEPTIONS)


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.system('x')",
        "from subprocess import run; run('x', shell=True)",
        "value = eval(text)",
        "client(verify=False)",
        "context.verify_mode = ssl.CERT_NONE",
        "session(trust_env=True)",
        "connection.execute(sa.text(f'SELECT {name}'))",
        "connection.exec_driver_sql('SELECT ' + name)",
        "loads = pickle.loads",
        "subprocess.run(['x'], check=False)",
        "anyio.open_process(['x'])",
        "logger.info('ask %s', self.url)",
        "logger.warning(f'wrong: {password}')",
        "logger.debug('sent', extra={'h': headers})",
    ],
)
def test_what_is_forbidden_is_found(code: str) -> None:
    """The search finds a sample of each forbidden call."""
    assert list(_findings(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(['x'], check=False, timeout=5)",
        "logger.info('ask %s', shown_link(self.url))",
        "logger.info('%d links', len(links))",
    ],
)
def test_what_is_permitted_is_not_found(code: str) -> None:
    """A limit, and a link of which the secret part is cut, are no findings."""
    assert list(_findings(ast.parse(code))) == []
