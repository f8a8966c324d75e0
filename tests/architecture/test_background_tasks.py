"""Every background task of the server is in the registry that people see."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGES: Final = Path(__file__).parents[2] / "packages"
HTTP: Final = "aniworld-http/src/aniworld_http"

#: Module -> names of the functions that may start an asyncio task, and why it is no background
#: task of its own.
_MAY_START: Final = {
    # These three run work of `BackgroundTasks`.
    f"{HTTP}/lifespan/tasks.py": {"_running"},
    "aniworld-core/src/aniworld_core/application/automation/roles/queue_runner.py": {"start"},
    f"{HTTP}/websocket/__init__.py": {"context"},
    # The signals of the process, before and after everything else.
    f"{HTTP}/lifespan/signals.py": {"stop_signals"},
    # Opens one accepted connection.
    f"{HTTP}/lifespan/accepting.py": {"accept"},
    # Runs one call of an adapter in the task of that adapter.
    "aniworld-core/src/aniworld_core/bootstrap/adapter_host.py": {"_start"},
}
_STARTERS: Final = {"create_task", "ensure_future", "call_soon_threadsafe"}


def _starts(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls that start tasks, with the name of the innermost function around them."""

    def walk(node: ast.AST, name: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            inner = child.name if is_function else name  # type: ignore[attr-defined]
            if (
                isinstance(child, ast.Call)
                and isinstance(child.func, ast.Attribute)
                and child.func.attr in _STARTERS
            ):
                yield inner, child
            yield from walk(child, inner)

    return walk(tree, "")


def test_tasks_are_started_by_the_registry_only() -> None:
    """An asyncio task outside a task group is in the registry, or in the list with its reason."""
    found: dict[str, set[str]] = {}
    for package in ("aniworld-core", "aniworld-http", "aniworld-cli"):
        for path in (PACKAGES / package).rglob("src/**/*.py"):
            names = {name for name, _ in _starts(ast.parse(path.read_text("utf-8")))}
            if names:
                found[path.relative_to(PACKAGES).as_posix()] = names
    assert found == _MAY_START


def test_the_jobs_of_the_server_are_followed_by_the_registry() -> None:
    """What the server runs beside requests is passed to `follow` or is the registry itself."""
    tree = ast.parse((PACKAGES / HTTP / "lifespan/tasks.py").read_text("utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_running"
    ]
    assert [ast.unparse(argument) for argument in calls[0].args] == ["jobs"]
    assert {
        ast.unparse(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        and ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        in {"jobs", "jobs['scheduled tasks']"}
        for value in (node.value.values if isinstance(node.value, ast.Dict) else [node.value])
    } == {
        "{str(name): follow(name, loop) for name, loop in loops.items()}",
        "application.tasks.accept()",
        "application.membership.run(roles, slots=slots)",
        "application.duties.run()",
    }
    roles = "aniworld-core/src/aniworld_core/application/automation/roles"
    for path, text in (
        (f"{roles}/queue_runner.py", "follow(TaskName."),
        (f"{roles}/leader_duties.py", "group.start_soon(self._tasks.follow, name, loop)"),
        (f"{HTTP}/websocket/__init__.py", "follow(TaskName."),
    ):
        assert text in (PACKAGES / path).read_text("utf-8")
