"""What makes an installation fail sooner or later, for `aniworld doctor` and the System page.

Old tools, copies of the database that are missing or late, and changes of library files that are
not complete. Each problem says how to fix it.
"""

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final

import attrs
from anyio import to_thread

from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import Node, TaskName, is_leaderless, silent_nodes
from aniworld_core.domain.library import ChangeStatus
from aniworld_core.messages import Message, kind_of

#: Tools that are needed; the sites that they read change often.
TOOLS: Final = ("yt-dlp", "av")
#: Age in days from which a tool is old; hosters change about as often.
_OLD: Final = 90
#: Version numbers of yt-dlp are dates.
_DATED: Final = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\.|$)", re.ASCII)
#: Time after which a change that is still running has lost its process.
_LOST: Final = timedelta(hours=1)


@attrs.frozen(kw_only=True)
class Tool:
    """An installed tool.

    Attributes:
        age: Time since its release, where the version is a date.
    """

    name: str
    version: str
    age: timedelta | None = None

    @property
    def is_old(self) -> bool:
        """Whether a newer one probably exists, and is needed."""
        return self.age is not None and self.age.days > _OLD


@attrs.frozen(kw_only=True)
class Problem:
    """Something that needs attention.

    Attributes:
        name: What it is about: the name of a tool, `database copies`, `changes of files`
            or `machines`.
        detail: What was found.
        hint: How to fix it.
    """

    name: str
    detail: Message
    hint: Message


def installed_tools(now: datetime | None) -> Mapping[str, Tool | None]:
    """Return the tools by name, `None` for those that are not installed; reads the disk.

    Args:
        now: Current time; without it the tools have no age.
    """
    found: dict[str, Tool | None] = {}
    for name in TOOLS:
        try:
            found[name] = _tool(name, version(name), now)
        except PackageNotFoundError:
            found[name] = None
    return found


def _tool(name: str, installed: str, now: datetime | None) -> Tool:
    dated = _DATED.match(installed)
    try:
        made = datetime(*map(int, dated.groups()), tzinfo=UTC) if dated else None  # type: ignore[arg-type, misc]
    except ValueError:
        made = None  # it only looks like a date
    if made is None or now is None or made > now:
        return Tool(name=name, version=installed)
    return Tool(name=name, version=installed, age=now - made)


def old_tool(tool: Tool) -> Problem | None:
    """Return the problem of a tool that is old."""
    if not tool.is_old or tool.age is None:
        return None
    detail = Message("tool_is_old", tool=tool.name, version=tool.version, days=tool.age.days)
    return Problem(
        name=tool.name, detail=detail, hint=Message("update_tool", command=_upgrade(tool.name))
    )


def _upgrade(name: str) -> str:
    """Return the command that updates one tool in the environment of this program."""
    python = shlex.quote(sys.executable)
    if find_spec("pip") is None:  # environments of uv have none
        return f"uv pip install --python {python} --upgrade {name}"
    return f"{python} -m pip install --upgrade {name}"


async def late_copies(app: Application) -> Problem | None:
    """Return the problem of copies of the database that are missing or late.

    Raises:
        StorageUnavailableError: If the database cannot be read.
    """
    wanted = app.current_config.value.backup.database
    if not wanted.enabled:
        return None
    last, now = await app.storage.last_copy(), app.clock.now()
    if last is None:
        runs = await app.storage.tasks.find()
        run = next((each for each in runs if each.name == TaskName.DATABASE_COPY.value), None)
        # Without a run the first copy is still to come; some databases are copied elsewhere.
        if run is None or run.finished_at is None or kind_of(run.result) == "task_not_copied":
            return None
        detail = Message("copy_missing")
    elif now - last > 2 * timedelta(hours=wanted.interval_hours):
        detail = Message("copy_is_old", copied_at=last.isoformat())
    else:
        return None
    return Problem(name="database copies", detail=detail, hint=Message("make_copy"))


async def machine_problems(app: Application) -> Sequence[Problem]:
    """Return the problems of the machines that share the database; none without such machines.

    Raises:
        StorageUnavailableError: If the database cannot be read.
    """
    nodes, now = await app.membership.nodes(), app.clock.now()
    found = []
    if is_leaderless(nodes, now):
        found.append((Message("no_leader"), Message("no_leader.hint")))
    found += [
        (
            Message("machine_silent", host=node.host, silent_seconds=_seconds(now, node)),
            Message("machine_silent.hint", host=node.host),
        )
        for node in silent_nodes(nodes, now)
    ]
    versions = sorted({node.version for node in nodes})
    if len(versions) > 1:
        hosts = sorted({f"{node.host} ({node.version})" for node in nodes})
        found.append((Message("machine_versions", hosts=hosts), Message("other_version.hint")))
    return [Problem(name="machines", detail=detail, hint=hint) for detail, hint in found]


def _seconds(now: datetime, node: Node) -> float:
    return round((now - node.seen_at).total_seconds())


async def incomplete_changes(app: Application) -> Problem | None:
    """Return the problem of changes of library files that could not be completed.

    Raises:
        StorageUnavailableError: If the database cannot be read.
    """
    lost = app.clock.now() - _LOST
    stuck = [
        change
        for change in await app.storage.changes.unfinished()
        if change.status is ChangeStatus.STUCK or change.at < lost
    ]
    if not stuck:
        return None
    reason = next((each.reason for each in stuck if each.reason), None)
    detail = Message("changes_incomplete", changes=len(stuck), reason=reason)
    return Problem(
        name="changes of files", detail=detail, hint=Message("undo_change", change=stuck[0].id)
    )


async def find_problems(app: Application) -> Sequence[Problem]:
    """Return everything that needs attention.

    Raises:
        StorageUnavailableError: If the database cannot be read.
    """
    tools = await to_thread.run_sync(installed_tools, app.clock.now())
    found = [old_tool(tool) for tool in tools.values() if tool is not None]
    found += [await late_copies(app), await incomplete_changes(app)]
    found += await machine_problems(app)
    return [each for each in found if each is not None]
