"""The pages as the server sends them; `e2e` tests them in a browser."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from yarl import URL

import aniworld_core
import aniworld_http
import aniworld_providers
import aniworld_sqlite
from aniworld_core.application.access import MasterPassword
from aniworld_core.application.configuration import all_settings
from aniworld_core.bootstrap.plugins import declared_settings
from aniworld_core.errors import AniworldError
from aniworld_core.messages import TEXTS, placeholders
from aniworld_core.messages.translation import message_texts
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_http.settings import HttpSettings
from support.english_words import has_english
from support.http_stage import KEY, Server, open_server
from support.page_paths import page_paths

pytestmark = pytest.mark.anyio

WEB = Path(aniworld_http.__file__).parent / "web"
PAGES = list(page_paths("attack-on-titan").values())
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
#: Code or style inside of a page, which its policy would refuse.
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


async def get(server: Server, path: str, **headers: str) -> ClientResponse:
    """Send the request of a browser that follows a link."""
    sent = {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = await server.client.get(path, headers=sent, allow_redirects=False)
    await response.read()
    return response


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_public_and_has_no_inline_code(tmp_path: Path, path: str) -> None:
    """Every page needs no token, has the strict policy, and no inline script or style."""
    async with open_server(tmp_path) as server:
        response = await get(server, path)
        text = await response.text()

    assert response.status == 200
    assert response.content_type == "text/html"
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not INLINE.search(text)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("path", PAGES)
async def test_before_set_up_every_page_redirects_to_the_set_up(tmp_path: Path, path: str) -> None:
    """After the set-up, /setup redirects to the library."""
    async with open_server(tmp_path, signed_in=False) as server:
        response = await get(server, path)
        assert response.status == 303
        assert response.headers["Location"] == "/setup"
        assert (await get(server, "/setup")).status == 200

        await server.sign_in()
        again = await get(server, "/setup")
        assert again.status == 303
        assert again.headers["Location"] == "/"


async def test_the_set_up_page_asks_for_the_code(tmp_path: Path) -> None:
    """Loopback is no exception, because proxies connect from there; the demo needs no code."""
    async with open_server(tmp_path, signed_in=False) as server:
        asked = await (await get(server, "/setup")).text()
    (tmp_path / "demo").mkdir()
    async with open_server(tmp_path / "demo", signed_in=False, needs_setup_code=False) as server:
        demo = await (await get(server, "/setup")).text()
    assert 'id="code"' in asked
    assert 'id="code"' not in demo


@pytest.mark.parametrize(
    ("accepted", "cookie", "language"),
    [
        ("", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "", "de"),
        ("fr,en;q=0.5,de;q=0.7", "", "de"),
        ("de;q=0,en;q=0.1", "", "en"),
        ("de;q=nonsense", "", "en"),
        ("de", "aniworld_language=en", "en"),
        ("en", "aniworld_language=../../etc", "en"),
    ],
)
async def test_a_page_is_in_the_visitors_language(
    tmp_path: Path, accepted: str, cookie: str, language: str
) -> None:
    """The stored choice wins, then `Accept-Language`, then English."""
    async with open_server(tmp_path) as server:
        response = await get(server, "/queue", Accept_Language=accepted, Cookie=cookie)
        text = await response.text()
    assert f'<html lang="{language}"' in text
    assert response.headers["Content-Language"] == language
    assert {"Cookie", "Accept-Language"} <= set(response.headers["Vary"].split(", "))


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [("", "system"), ("aniworld_theme=dark", "dark"), ("aniworld_theme=%22x", "system")],
)
async def test_a_page_comes_in_the_chosen_theme(tmp_path: Path, cookie: str, theme: str) -> None:
    """The theme is in the HTML, so that no other theme flashes up."""
    async with open_server(tmp_path) as server:
        text = await (await get(server, "/", Cookie=cookie)).text()
    assert f'data-theme="{theme}"' in text


@pytest.mark.parametrize("path", ["/nowhere", "/anime", "/anime/Not_A_Key", "/queue/"])
async def test_an_unknown_path_gets_a_page_with_404(tmp_path: Path, path: str) -> None:
    """The page has the technical details folded, and does not repeat the path."""
    async with open_server(tmp_path) as server:
        response = await get(server, path)
        text = await response.text()
    assert response.status == 404
    assert response.content_type == "text/html"
    assert "Location" not in response.headers
    assert "Page not found" in text
    request_id = response.headers["X-Request-Id"]
    assert f"HTTP 404 Not Found\nnot_found\nX-Request-Id: {request_id}\n" in text
    assert "Not_A_Key" not in text


async def test_programs_get_problem_documents(tmp_path: Path) -> None:
    """API paths and clients that do not accept HTML get no page."""
    async with open_server(tmp_path) as server:
        for path, accept in [("/api/nope", "text/html"), ("/nope", "application/json")]:
            response = await server.call("GET", path, headers={"Accept": accept})
            assert response.status == 404
            assert response.content_type == "application/problem+json"
        response = await server.call("POST", "/queue", {})
        assert response.status == 405


async def test_an_internal_error_gets_a_page_with_500(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page names the request for the log, and has no details of the error."""

    async def fail(_self: MasterPassword) -> bool:
        raise RuntimeError("a secret of the house")

    async with open_server(tmp_path) as server:
        monkeypatch.setattr(MasterPassword, "is_set_up", fail)
        response = await get(server, "/")
        text = await response.text()
        monkeypatch.undo()
    assert response.status == 500
    assert response.content_type == "text/html"
    assert "Something went wrong" in text
    assert response.headers["X-Request-Id"] in text
    assert "Try again" in text
    assert "secret" not in text


async def test_a_form_of_another_site_gets_a_page_with_403(tmp_path: Path) -> None:
    """The page says that nothing was done, and where to do it."""
    async with open_server(tmp_path) as server:
        headers = {"Accept": "text/html", "Origin": "https://evil.example"}
        response = await server.call("POST", "/queue", {}, headers=headers)
        text = await response.text()
    assert response.status == 403
    assert "The request came from another website, so it was not carried out." in text
    assert "evil.example" not in text


async def test_a_foreign_host_gets_a_page(tmp_path: Path) -> None:
    """The page explains where to allow the name, and does not repeat it."""
    async with open_server(tmp_path) as server:
        response = await get(server, "/", Host="rebound.example")
        text = await response.text()
    assert response.status == 421
    assert "Unknown host name" in text
    assert "rebound.example" not in text


@pytest.mark.parametrize("path", ["//evil.example", "/%5Cevil.example", "/%09/evil.example"])
async def test_no_path_leads_to_another_site(tmp_path: Path, path: str) -> None:
    """Paths that browsers may read as another site get 404."""
    async with open_server(tmp_path) as server:
        root = f"{server.client.make_url('/')}".rstrip("/")
        url = URL(root + path, encoded=True)
        async with server.client.session.get(url, allow_redirects=False) as response:
            assert response.status == 404
            assert "Location" not in response.headers


@pytest.mark.parametrize("name", ["next", "return_to", "redirect", "url", "continue", "to"])
@pytest.mark.parametrize("is_set_up", [True, False])
async def test_no_parameter_sets_a_redirect(tmp_path: Path, name: str, *, is_set_up: bool) -> None:
    """All redirects of pages stay on the server."""
    led = 0
    async with open_server(tmp_path, signed_in=is_set_up) as server:
        for page in ("/", "/login", "/setup", "/queue"):
            for target in ("https://evil.example/", "//evil.example/"):
                path = URL(page).with_query({name: target})
                response = await server.client.get(path, allow_redirects=False)
                led += response.status == 303
                assert response.headers.get("Location", "/") in {"/", "/setup", "/login"}
    assert led


async def test_static_files_are_cached_forever_and_compressed(tmp_path: Path) -> None:
    """The address has the digest of all files, and the response is immutable."""
    async with open_server(tmp_path) as server:
        text = await (await get(server, "/")).text()
        found = re.search(r'href="(/static/([0-9a-f]{16})/css/frame.css)"', text)
        assert found
        response = await server.call("GET", found[1], headers={"Accept-Encoding": "gzip"})
        assert response.status == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.content_type == "text/css"
        assert await response.read() == (WEB / "static/css/frame.css").read_bytes()

        tag = response.headers["ETag"]
        again = await server.call("GET", found[1], headers={"If-None-Match": tag})
        assert (again.status, await again.read()) == (304, b"")

        plain = await server.call("GET", found[1], headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers

        loose = await server.call("GET", "/static/websocket_client.js")
        assert loose.status == 200
        assert loose.headers["Cache-Control"] == "no-cache"
        assert loose.content_type == "text/javascript"


def test_the_documented_client_is_a_classic_script() -> None:
    """It has no module syntax, one global, and the documented methods."""
    script = (WEB / "static/websocket_client.js").read_text("utf-8")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", script, flags=re.DOTALL)

    assert not re.search(r"^\s*(?:import|export)\b|\bimport\s*[.(]", code, flags=re.MULTILINE)
    assert re.findall(r"globalThis\.(\w+) =", code) == ["io"]
    for method in ("emit", "on", "off", "join", "leave", "disconnect", "connect"):
        assert re.search(rf"^  {method}\(", code, flags=re.MULTILINE), method


async def test_every_file_of_a_page_exists(tmp_path: Path) -> None:
    """Each file that a page or script names is served."""
    async with open_server(tmp_path) as server:
        seen: set[str] = set()
        for page in PAGES:
            text = await (await get(server, page)).text()
            seen |= set(re.findall(r'(?:href|src)="(/(?:static/[^"#]+|manifest[^"]+))', text))
        for path in sorted(seen):
            response = await server.call("GET", path)
            assert response.status == 200, path
        manifest = await (await server.call("GET", "/manifest.webmanifest")).json(
            content_type="application/manifest+json"
        )
        share = manifest["share_target"]
        assert share["params"].keys() == {"title", "text", "url"}
        assert (await get(server, f"{share['action']}?text=https%3A%2F%2Fa.example")).status == 200
        for icon in manifest["icons"]:
            assert (await server.call("GET", icon["src"])).status == 200


async def test_pages_work_below_a_base_path(tmp_path: Path) -> None:
    """Each address has the base path, also in redirects."""
    settings = HttpSettings(secret_key=KEY, base_path="/home")
    async with open_server(tmp_path, settings=settings, signed_in=False) as server:
        response = await get(server, "/home/")
        assert response.headers["Location"] == "/home/setup"
        text = await (await get(server, "/home/setup")).text()
        assert 'data-base="/home"' in text
        paths = re.findall(r'(?:href|src)="(/[^"]*)"', text)
        assert paths
        assert all(path.startswith("/home/") for path in paths)
        bare = await get(server, "/home")
        assert (bare.status, bare.headers["Location"]) == (303, "/home/")


def texts_of(language: str) -> dict[str, str]:
    """The texts of a language."""
    path = WEB / "locale" / f"{language}.json"
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts


def test_both_languages_have_the_same_texts() -> None:
    """Both languages have the same keys and the same placeholders."""
    german, english = texts_of("de"), texts_of("en")
    assert german.keys() == english.keys()
    for name, text in german.items():
        places = set(re.findall(r"\{\w+\}", text))
        assert places == set(re.findall(r"\{\w+\}", english[name])), name


def test_german_texts_are_german() -> None:
    """No German text is empty, has English words, or is a whole English sentence."""
    german, english = texts_of("de"), texts_of("en")
    left = [name for name, text in german.items() if has_english(text)]
    same = [name for name, text in german.items() if text == english[name]]
    assert left == []
    assert [name for name in same if re.search(r"[a-z]{3,} [a-z]{2,}", german[name])] == []
    assert [name for name, text in english.items() if not text.strip()] == []


def error_templates() -> dict[str, str]:
    """The English template of every error class of the packages, by the kind on the wire."""
    for package in (aniworld_core, aniworld_http, aniworld_providers, aniworld_sqlite):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"\.testing|__main__|\.worker|\.migrations", module.name):
                importlib.import_module(module.name)
    found: dict[str, str] = {}
    classes = [AniworldError]
    while classes:
        each = classes.pop()
        classes += each.__subclasses__()
        if each.__module__.startswith("aniworld_") and each is not AniworldError:
            found[each.__new__(each).kind] = each.template
    return found


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_kind_of_message_has_a_text_with_its_values(language: str) -> None:
    """Every message kind has a text in both languages, and every text has a kind."""
    templates = {**TEXTS, **error_templates()}
    texts = message_texts(language)

    assert texts.keys() == templates.keys()
    for kind, text in texts.items():
        assert placeholders(text.replace("[", "").replace("]", "")) == placeholders(
            templates[kind]
        ), kind


def page_sources() -> str:
    """Return all templates and scripts, and the text keys that the server uses."""
    sources = [*WEB.glob("templates/*.html"), *WEB.glob("static/js/**/*.js")]
    sources += [WEB.parent / "rendering/error_pages.py", WEB.parent / "routes/pages.py"]
    return "\n".join(path.read_text("utf-8") for path in sources if path.exists())


def test_every_text_that_is_named_exists() -> None:
    """Every used text exists, and every existing text is used.

    A key that is composed at run time counts as used for all texts with the same beginning and end.
    """
    texts, code = texts_of("en"), page_sources()
    plain = set(re.findall(r"\bt\(\s*\"([\w.]+[\w])\"\s*[,)]", code))
    counted = set(re.findall(r"\bcount\(\s*\"([\w.]+)\"", code))
    wanted = plain | {f"{name}.{form}" for name in counted for form in ("one", "other")}
    assert not wanted - texts.keys()

    named = set(re.findall(r"\"([a-z][\w-]*(?:\.[\w-]+)+)\"", code)) | wanted
    settings = tuple(all_settings(declared_settings()))
    named |= {name for each in settings for name in (each.text, f"{each.text}.hint")}
    built = re.findall(r"`([a-z][\w-]*(?:\.[\w-]*)*\.)\$\{[^`}]*\}((?:\.[\w]+)?)`", code)
    built += [(begin, "") for begin in re.findall(r"\"([a-z]+(?:\.[a-z]+)*\.)\" *[~+]", code)]
    built += [(f"{each.description.texts}.", "") for each in settings if each.description.texts]
    unused = {
        name
        for name in texts.keys() - named
        if not any(name.startswith(begin) and name.endswith(end) for begin, end in built)
    }
    assert not unused


def test_no_script_recognises_prose() -> None:
    """No script matches words of a message with a regular expression."""
    literal = re.compile(r"(?:[(,=:?&|!;]|return) *(/(?![/*])(?:\\.|\[[^\]\n]*\]|[^/\\\n])+/)")
    for path in WEB.glob("static/**/*.js"):
        script = path.read_text("utf-8")
        assert "RegExp" not in script, path
        for expression in literal.findall(script):
            assert not re.search(r"[A-Za-z]{2,}(?: |\\s)", expression), (path.name, expression)


def test_scripts_make_no_markup_out_of_data() -> None:
    """No script inserts text as HTML or runs it as code."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|DOMParser|createContextualFragment|setHTML"
    )
    for path in WEB.glob("static/**/*.js"):
        assert not forbidden.search(path.read_text("utf-8")), path


async def test_the_list_is_saved_for_readers_only(tmp_path: Path) -> None:
    """`GET /library.html` needs a token; hostile names are text in it, and it has no scripts."""
    async with open_server(tmp_path) as server:
        episodes = (make_episode(1, 0), make_episode(1), make_episode(2))
        for series in (
            make_series("a-b", name="<script>alert(1)</script>", episodes=episodes),
            make_series("b", name="Beta", episodes=()),
        ):
            await server.stage.storage.series.add(series)
        stranger = await server.client.get("/library.html")
        whole = await server.call("GET", "/library.html?sort_by=key")
        text = await whole.text()
        missing = await (await server.call("GET", "/library.html?filter=missing")).text()
        one = await (await server.call("GET", "/library.html?key=b")).text()
        unknown = await server.call("GET", "/library.html?key=c")
        wrong = await server.call("GET", "/library.html?sort_by=size&key=A")

    assert stranger.status == 401
    assert whole.headers["Cache-Control"] == "no-store"
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "3: S00E01, S01E01, S01E02" in text
    assert "Beta" in text
    assert "Beta" not in missing
    assert "alert(1)" not in one
    assert (unknown.status, wrong.status) == (404, 422)
