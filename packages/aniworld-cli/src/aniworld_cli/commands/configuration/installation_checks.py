"""Checks of `aniworld doctor`: each part of an installation, what was found and how to fix it."""

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio.to_thread
import attrs

from aniworld_cli.commands.catalogue.providers.views import Finding, ask_catalogues
from aniworld_cli.exit_codes import (
    DONE,
    PROVIDER_BROKEN,
    UNAVAILABLE,
    WRONG_USE,
    code_of,
)
from aniworld_cli.rendering.formats import bytes_text
from aniworld_cli.rendering.texts import said, tr
from aniworld_core.bootstrap.diagnosis import (
    Problem,
    incomplete_changes,
    installed_tools,
    late_copies,
    machine_problems,
    old_tool,
)
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.errors import (
    AniworldError,
    DiskFullError,
    LibraryUnavailableError,
    StorageCorruptError,
)
from aniworld_core.messages import Message

#: Warn below this much free space, in bytes; about one season.
_LOW_SPACE: Final = 10 * 1024**3
#: What each tool is needed for.
_PURPOSES: Final = {"yt-dlp": "pages of hosters", "av": "checking and joining files"}
_NOT_SET_UP: Final = 8
#: Most links that are named.
_MOST_NAMED: Final = 5


@attrs.frozen(kw_only=True)
class CheckView:
    """Result of one check.

    Attributes:
        check: Name of the check, such as `library` or `catalogue archive`.
        status: `ok`, `warning` or `problem`.
        detail: What was found.
        hint: How to fix it.
    """

    check: str
    status: str
    detail: str
    hint: str | None = None


@attrs.frozen(kw_only=True)
class Check:
    """Result of one check, with the exit code that it gives the command."""

    view: CheckView
    code: int = DONE


async def check_application(app: Application, *, remove_leftovers: bool) -> list[Check]:
    """Check every part of an opened application, and delete leftovers if wanted."""
    checks = [ok("settings", tr("data in {folder}", folder=str(app.settings.data_dir)))]
    checks += [await _library(app), await _disk_space(app), await _database(app), await _queue(app)]
    checks += [await _links(app), await _losses(app)]
    checks.append(await _leftovers(app, remove=remove_leftovers))
    checks += [await _recycle_bin(app), await _changes(app), await _copies(app)]
    checks += await _machines(app)
    checks += await _media_servers(app)
    return checks + _providers(await ask_catalogues(app))


async def _media_servers(app: Application) -> list[Check]:
    """Ask the media servers whether a refresh would work."""
    if not app.current_config.value.media_servers.servers:
        return []
    found = await app.setting_tests.run({}, "/media_servers")
    return [
        ok(f"media server {each.target}", each.detail)
        if each.works
        else _warning(f"media server {each.target}", each.detail, each.hint)
        for each in found
    ]


async def _machines(app: Application) -> list[Check]:
    """Check the processes that share the database."""
    if not app.membership.is_shared:
        return []
    try:
        nodes, problems = await app.membership.nodes(), await machine_problems(app)
    except AniworldError as error:
        return [problem_of("machines", error)]
    if problems:
        return [_warning(each.name, each.detail, each.hint) for each in problems]
    named = [
        f"{node.host} ({', '.join(tr(role) for role in sorted(node.roles))})" for node in nodes
    ]
    return [ok("machines", ", ".join(named) or tr("none runs at the moment"))]


async def _library(app: Application) -> Check:
    try:
        root = app.library.root
        async for _ in app.library.survey():
            break
    except AniworldError as error:
        return problem_of("library", error)
    if not os.access(root, os.W_OK | os.X_OK):
        return problem_of(
            "library",
            LibraryUnavailableError(
                str(root), Message("cannot_be_written", reason=Message("permission_denied"))
            ),
        )
    return ok("library", tr("{folder} can be read and written", folder=str(root)))


async def _links(app: Application) -> Check:
    """List the links of the last scan that lead outside the library folders."""
    try:
        found = await app.storage.files.with_reason("link_outside")
    except AniworldError as error:
        return problem_of("links", error)
    if not found:
        return ok("links", tr("none leads outside the library folders"))
    named = [f"{file.path}: {said(file.reason or '')}" for file in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        named.append(tr("and {n} more", n=len(found) - _MOST_NAMED))
    hint = tr("read further folders with: aniworld config set library.folders FOLDER")
    return _warning("links", "; ".join(named), hint)


async def _losses(app: Application) -> Check:
    """List the parts of the library that scans leave alone."""
    try:
        found = await app.storage.files.losses()
    except AniworldError as error:
        return problem_of("losses", error)
    if not found:
        return ok("losses", tr("no part of the library is gone"))
    named = "; ".join(f"{loss.path or tr('library folder')}: {said(loss.reason)}" for loss in found)
    hint = tr("check the disk; if the files were removed on purpose: aniworld scan --accept-loss")
    return _warning("losses", named, hint)


async def _leftovers(app: Application, *, remove: bool) -> Check:
    """List the unfinished files of removed items, or delete them."""
    try:
        found = await app.leftovers.find()
        if remove:
            await app.leftovers.remove(found)
    except AniworldError as error:
        return problem_of("leftovers", error)
    if not found:
        return ok("leftovers", tr("no unfinished files of removed items"))
    names = ", ".join(sorted(file.final for file in found))
    amount = bytes_text(sum(file.bytes for file in found))
    if remove:
        return ok(
            "leftovers", tr("deleted {size} of removed items: {names}", size=amount, names=names)
        )
    hint = tr("delete them: aniworld doctor --remove-leftovers")
    detail = tr("{size} of removed items: {names}", size=amount, names=names)
    return _warning("leftovers", detail, hint)


async def _recycle_bin(app: Application) -> Check:
    try:
        entries = await app.recycle_bin.entries()
    except AniworldError as error:
        return problem_of("recycle bin", error)
    if not entries:
        return ok("recycle bin", tr("empty"))
    amount = bytes_text(sum(entry.bytes for entry in entries))
    since = f"{entries[0].at:%Y-%m-%d}"
    return ok(
        "recycle bin",
        tr(
            "{size} of {n:# change|# changes} since {since}",
            size=amount,
            n=len(entries),
            since=since,
        ),
    )


async def _changes(app: Application) -> Check:
    try:
        entries = (await app.changes.history()).total
        found = await incomplete_changes(app)
    except AniworldError as error:
        return problem_of("changes of files", error)
    return _found(found) or ok(
        "changes of files", tr("{n:# change|# changes} in the history, all complete", n=entries)
    )


async def _copies(app: Application) -> Check:
    """Check the copies of the database."""
    try:
        found, last = await late_copies(app), await app.storage.last_copy()
    except AniworldError as error:
        return problem_of("database copies", error)
    moment = None if last is None else f"{last:%Y-%m-%d %H:%M}"
    detail = tr("the last one is of {moment} UTC", moment=moment) if moment else tr("no copy yet")
    return _found(found) or ok("database copies", detail)


async def _disk_space(app: Application) -> Check:
    try:
        place = app.library.root
    except AniworldError:
        place = (
            app.settings.data_dir
        )  # A library folder that is not set is reported by the library check.
    try:
        free = await anyio.to_thread.run_sync(_free_bytes, place)
    except OSError as error:
        return problem_of("disk", LibraryUnavailableError(str(place), str(error)))
    reserve = app.current_config.value.downloads.reserve_bytes
    detail = tr("{size} free in {folder}", size=bytes_text(free), folder=str(place))
    if free < reserve:
        return problem_of("disk", DiskFullError(str(place), reserve - free))
    if free < reserve + _LOW_SPACE:
        return _warning("disk", detail, tr("free some space before the next season"))
    return ok("disk", detail)


def _free_bytes(place: Path) -> int:
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


async def _database(app: Application) -> Check:
    try:
        await app.storage.ping()
    except AniworldError as error:
        return problem_of("database", error)
    if app.storage.notice:
        return _bad("database", app.storage.notice, StorageCorruptError.hint, _NOT_SET_UP)
    scheme, _, rest = app.settings.storage_url.partition("://")
    # Show only file paths: other URLs may contain a password.
    place = rest[1:] if "@" not in rest else None
    return ok("database", tr("{name} answers[ ({place})]", name=scheme, place=place))


async def _queue(app: Application) -> Check:
    try:
        queue = await app.queue_reader.overview({DownloadStatus.PENDING, DownloadStatus.FAILED})
    except AniworldError as error:
        return problem_of("queue", error)
    stuck = [entry.item.failure for entries in queue.lists.values() for entry in entries]
    links = {failure.link for failure in stuck if failure and failure.link}
    if links:
        detail = tr(
            "{n:# page has|# pages have} to be opened in a browser before downloads can continue",
            n=len(links),
        )
        hint = tr("open in a browser: {links}", links=" ".join(sorted(links)))
        return _warning("queue", detail, hint)
    if failed := queue.counts[DownloadStatus.FAILED]:
        hint = tr("see why: aniworld queue list; try again: aniworld queue retry")
        return _warning("queue", tr("{n:# episode|# episodes} failed", n=failed), hint)
    pending = queue.counts[DownloadStatus.PENDING]
    return ok("queue", tr("{n:# episode|# episodes} pending", n=pending))


def _providers(findings: Sequence[Finding]) -> list[Check]:
    asked = [f for f in findings if f.view.kind == "catalogue" and f.view.enabled]
    answers = any(f.view.status == "ok" for f in asked)
    checks = []
    for finding in findings:
        view, name = finding.view, f"{finding.view.kind} {finding.view.name}"
        if view.status == "ok":
            checks.append(ok(name, view.detail))
        elif view.status == "disabled":
            checks.append(ok(name, tr("disabled, {detail}", detail=view.detail)))
        elif view.status == "broken":
            checks.append(_bad(name, view.detail, view.hint, PROVIDER_BROKEN))
        elif finding.code == UNAVAILABLE and answers:
            checks.append(_warning(name, f"{finding.state}: {view.detail}", view.hint))
        else:
            checks.append(_bad(name, f"{finding.state}: {view.detail}", view.hint, finding.code))
    if not asked:
        hint = tr("enable one: aniworld config set providers.archive.enabled true")
        checks.append(_bad("catalogues", tr("none is enabled"), hint, WRONG_USE))
    return checks


def check_tools(now: datetime | None) -> list[Check]:
    """Check Python and the tools; without the time they have no age."""
    checks = [ok("python", sys.version.split()[0])]
    for name, tool in installed_tools(now).items():
        if tool is None:
            hint = tr("install it: it is needed for {purpose}", purpose=tr(_PURPOSES[name]))
            checks.append(_bad(name, tr("not installed"), hint, _NOT_SET_UP))
        else:
            checks.append(_found(old_tool(tool)) or ok(name, tool.version))
    return checks


def _found(finding: Problem | None) -> Check | None:
    return None if finding is None else _warning(finding.name, finding.detail, finding.hint)


def ok(check: str, detail: str) -> Check:
    """Return the result of a check that found nothing wrong."""
    return Check(view=CheckView(check=check, status="ok", detail=detail))


def _warning(check: str, detail: str, hint: str | None) -> Check:
    return Check(view=CheckView(check=check, status="warning", detail=detail, hint=hint))


def _bad(check: str, detail: str, hint: str | None, code: int) -> Check:
    view = CheckView(check=check, status="problem", detail=detail, hint=hint)
    return Check(view=view, code=code)


def problem_of(check: str, error: AniworldError) -> Check:
    """Return the result of a check that ended with an error."""
    return _bad(check, said(error.message), error.hint, code_of(error))
