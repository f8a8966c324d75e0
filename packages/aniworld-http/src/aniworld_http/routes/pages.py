"""Web pages: shells without data, which their scripts fill with the visitor's token.

To add a page, add a line to `PAGES`, a template and a script of its name, and its texts. Routes,
menu and tests follow from the table.

The saved list is the exception: one file with data and without scripts, for readers with a token.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import anyio.to_thread
import attrs
from aiohttp import web

from aniworld_core.application.library import AnimeSummary
from aniworld_core.domain.access import Scope
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.domain.identity import format_episode_code, parse_series_key
from aniworld_core.errors import SeriesNotFoundError
from aniworld_http.checks import FOLDER_PROBE
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION, AUTHENTICATOR, SETTINGS
from aniworld_http.middlewares.admission import SETUP_PAGE
from aniworld_http.operations import EARLY_PAGE, PAGE, Endpoint, redirect_to
from aniworld_http.rendering import (
    LANGUAGES,
    OFFLINE_PATH,
    TEMPLATES,
    Page,
    filter_series_by_missing_episodes,
    get_series_by_key,
    list_available_templates,
    prepare_series_context,
    render_template,
)
from aniworld_http.schemas import read_query
from aniworld_http.schemas.anime import SavedListQuery
from aniworld_http.security.oidc import OIDC
from aniworld_http.security.setup_code import SETUP_CODE

#: Same rule for keys as in the operations. Anything else is not a page.
_KEY: Final = "{key:[a-z0-9]+(?:-[a-z0-9]+)*}"
_CODE: Final = "{code:[Ss][0-9]+[Ee][0-9]+}"
_HOME: Final = "library"
#: Seconds that a page waits for a test of the library folder, which decides on its banner.
_FOLDER_SECONDS: Final = 0.2

#: All pages but the set-up, which is shown before there is a password.
PAGES: Final = (
    Page("/", _HOME, "library"),
    Page("/add", "add", "add", Scope.REQUEST),
    Page("/queue", "queue", "queue"),
    Page("/wanted", "wanted", "wanted"),
    Page("/calendar", "calendar", "calendar"),
    Page("/attention", "attention", "warn", Scope.CONTROL),
    Page("/changes", "changes", "retry", Scope.CONTROL),
    Page("/history", "history", "clock"),
    Page("/statistics", "statistics", "table"),
    Page("/import", "importing", needs=Scope.CONTROL),
    Page("/settings", "settings", "settings", Scope.ADMIN),
    Page("/system", "system", "system"),
    Page(f"/anime/{_KEY}", "series"),
    Page(f"/watch/{_KEY}/{_CODE}", "watch"),
    Page("/users", "users"),
    Page("/login", "login"),
)
#: Pages in the menu.
MENU: Final = tuple(page for page in PAGES if page.icon)


async def show(request: web.Request, page: Page) -> web.Response:
    """Return a page."""
    await request.app[FOLDER_PROBE].look(_FOLDER_SECONDS)
    return render_template(page.name, request, {"needs": page.needs.value})


async def show_login(request: web.Request) -> web.Response:
    """Return the page to sign in, which asks for a name if there are accounts."""
    has_accounts = bool(await request.app[AUTHENTICATOR].accounts.list())
    context = {"has_accounts": has_accounts, "provider": request.app[OIDC].label}
    return render_template("login", request, context)


async def show_setup(request: web.Request) -> web.Response:
    """Return the page for the first set-up; redirect to the library when it is done."""
    if await request.app[AUTHENTICATOR].password.is_set_up():
        return redirect_to(request, _HOME)
    needs_code = request.app[SETUP_CODE].is_needed
    return render_template("setup", request, {"needs_code": needs_code})


async def show_offline(request: web.Request) -> web.Response:
    """Return the page that the service worker shows while the server cannot be reached.

    It is stored by the browser before it is needed, so it has its texts in every language.
    """
    texts = {code: request.app[TEMPLATES].texts(code) for code in LANGUAGES}
    return render_template("offline", request, {"texts": texts}, is_cached=False)


async def show_library(request: web.Request) -> web.Response:
    """Redirect from the base path without a slash to the library."""
    return redirect_to(request, _HOME)


async def save_list(request: web.Request) -> web.Response:
    """Return the library as one HTML file to print or to keep, without scripts and styles."""
    query = read_query(request, SavedListQuery)
    if query.key is not None:
        with blame("/key"):
            parse_series_key(query.key)
    page = await request.app[APPLICATION].overview.find(SeriesQuery())
    # In a thread: thousands of series take more than a second, in which others must get answers.
    rows = await anyio.to_thread.run_sync(_rows, page.items, query)
    fill = partial(render_template, "saved_list", request, {"series": rows}, is_cached=False)
    response = await anyio.to_thread.run_sync(fill)
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(listed: Sequence[AnimeSummary], query: SavedListQuery) -> Sequence[Mapping[str, Any]]:
    series = prepare_series_context([attrs.asdict(each) for each in listed], query.sort_by)
    if query.key is not None:
        one = get_series_by_key(series, query.key)
        if one is None:
            raise SeriesNotFoundError(query.key)
        series = [dict(one)]
    if query.filter == "missing":
        series = [dict(each) for each in filter_series_by_missing_episodes(series)]
    return [{**each, "codes": _codes(each["missing_episodes"])} for each in series]


def _codes(missing: Mapping[str, Sequence[int]]) -> str:
    return ", ".join(
        format_episode_code(int(season), number)
        for season, numbers in missing.items()
        for number in numbers
    )


def page_endpoints(app: web.Application) -> Iterator[Endpoint]:
    """Yield the endpoints of all pages.

    Raises:
        LookupError: If a page has no template.
    """
    templates = list_available_templates()
    for page in PAGES:
        if f"{page.name}.html" not in templates:
            raise LookupError(f"the page {page.path} has no template {page.name}.html")
        yield Endpoint(
            method="GET",
            path=page.path,
            name=page.name,
            handler=show_login if page.name == "login" else partial(show, page=page),
            policy=PAGE,
        )
    # The sections of the settings are one page whose script shows the section of the address.
    yield Endpoint(
        method="GET",
        path="/settings/{section:[a-z]+(?:_[a-z]+)*}",
        name="settings-section",
        handler=partial(show, page=next(page for page in PAGES if page.name == "settings")),
        policy=PAGE,
    )
    yield Endpoint(
        method="GET", path="/setup", name=SETUP_PAGE, handler=show_setup, policy=EARLY_PAGE
    )
    yield Endpoint(method="GET", path="/library.html", handler=save_list)
    yield Endpoint(method="GET", path=OFFLINE_PATH, handler=show_offline, policy=EARLY_PAGE)
    if app[SETTINGS].base_path.rstrip("/"):
        yield Endpoint(method="GET", path="", handler=show_library, policy=EARLY_PAGE)
