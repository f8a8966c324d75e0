"""Names of API keys: shown only to callers that may list the keys."""

import attrs
from aiohttp import web

from aniworld_core.application.automation import HistoryEntryView
from aniworld_core.application.downloads import JobView
from aniworld_core.domain.access import Scope
from aniworld_core.domain.automation import ActorKind
from aniworld_http.security.callers import require_caller


async def may_see_key_names(request: web.Request) -> bool:
    """Return whether the caller may list the API keys."""
    return (await require_caller(request)).scope.includes(Scope.ADMIN)


def job_without_key_name(view: JobView) -> JobView:
    """Return a job without the name of the API key that started it."""
    return attrs.evolve(view, by_name=None) if view.by == ActorKind.API_KEY else view


def entry_without_key_name(view: HistoryEntryView) -> HistoryEntryView:
    """Return an entry without the name of the API key that caused it."""
    if view.by != ActorKind.API_KEY:
        return view
    job = None if view.job is None else job_without_key_name(view.job)
    return attrs.evolve(view, by_name=None, job=job)
