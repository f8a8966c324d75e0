"""Rendering of templates, and preparation of series for them."""

from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.errors import InvalidInputError
from aniworld_http.rendering.templates import (
    filter_series_by_missing_episodes,
    get_base_context,
    get_series_by_key,
    list_available_templates,
    prepare_series_context,
    render_template,
    validate_template_exists,
)
from aniworld_http.routes.pages import PAGES
from support.http_stage import open_server

TITAN = {"key": "attack-on-titan", "name": "Attack on Titan", "folder": "Attack on Titan (2013)"}
PIECE = {"key": "one-piece", "name": "one Piece", "folder": "A", "missing_episodes": {"1": [2, 3]}}
DONE = {"key": "dark", "missing_episodes": {"1": []}}


@pytest.mark.anyio
async def test_templates_are_rendered_with_the_base_context(tmp_path: Path) -> None:
    """Every template may use the names of the base context, in the visitor's language."""
    seen = []

    async def page(request: web.Request) -> web.Response:
        seen.append(get_base_context(request))
        return render_template("error.html", request, {"code": 404, "said": 404}, status=404)

    def configure(app: web.Application) -> None:
        app.router.add_get("/health/test-page", page)

    async with open_server(tmp_path, configure=configure) as server:
        headers = {"Accept-Language": "de", "Cookie": "aniworld_theme=dark"}
        answer = await server.call("GET", "/health/test-page", headers=headers)
        body = await answer.text()

    assert (answer.status, answer.headers["Content-Language"]) == (404, "de")
    assert 'lang="de"' in body
    assert 'data-theme="dark"' in body
    (context,) = seen
    assert (context["language"], context["theme"], context["base"]) == ("de", "dark", "")
    assert context["static"].startswith("/static/")


def test_every_page_has_a_template() -> None:
    """Names are valid with and without suffix; nothing outside the folder is a template."""
    for page in PAGES:
        assert validate_template_exists(page.name)
        assert f"{page.name}.html" in list_available_templates()
    assert list_available_templates() == sorted(list_available_templates())
    for name in ("", "nothing", "../templates/library", "/etc/passwd", "library.txt"):
        assert not validate_template_exists(name)


def test_series_are_prepared_by_key() -> None:
    """Series are sorted without regard to case, completed and counted."""
    prepared = prepare_series_context([PIECE, DONE, TITAN])

    assert [each["key"] for each in prepared] == ["attack-on-titan", "dark", "one-piece"]
    assert [each["missing_count"] for each in prepared] == [0, 0, 2]
    assert (prepared[1]["name"], prepared[1]["folder"]) == ("dark", "")
    by_folder = prepare_series_context([TITAN, PIECE], sort_by="folder")
    assert [each["key"] for each in by_folder] == ["one-piece", "attack-on-titan"]


@pytest.mark.parametrize("series", [{}, {"name": "N"}, {"key": "Not A Key"}, {"key": 5}])
def test_a_series_without_a_key_is_refused(series: dict[str, object]) -> None:
    """The folder never replaces the key."""
    with pytest.raises(InvalidInputError):
        prepare_series_context([series])


def test_series_are_found_by_key_and_filtered() -> None:
    """A folder finds nothing; empty seasons are not missing."""
    assert get_series_by_key([TITAN, PIECE], "one-piece") is PIECE
    assert get_series_by_key([TITAN, PIECE], "Attack on Titan (2013)") is None
    assert filter_series_by_missing_episodes([TITAN, PIECE, DONE]) == [PIECE]


@pytest.mark.anyio
async def test_pages_have_the_name_of_the_installation(tmp_path: Path) -> None:
    """A changed name is in the titles at once."""
    async with open_server(tmp_path) as server:
        await server.call("PUT", "/api/config", {"name": "Attic & Sons"})
        page = await (await server.call("GET", "/login")).text()
        manifest = await (await server.call("GET", "/manifest.webmanifest")).json(content_type=None)

    assert "Attic &amp; Sons</title>" in page
    assert manifest["name"] == "Attic & Sons"
