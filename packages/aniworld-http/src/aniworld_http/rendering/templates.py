"""Page templates: rendering, and preparation of series for templates.

Most pages of this server contain no data; their scripts fetch it with the visitor's token. The
functions for series prepare the list that is saved as one file, and templates of programs that
embed the server.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.keys import APPLICATION
from aniworld_http.rendering.static_files import WEB, StaticFiles
from aniworld_http.rendering.texts import LANGUAGES, Texts, choose_language, load_texts

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_COOKIE: Final = "aniworld_language"
SCOPE_COOKIE: Final = "aniworld_scope"
THEME_COOKIE: Final = "aniworld_theme"
#: What a page shows; a false value shows buttons that the server refuses, or hides some.
_SCOPES: Final = frozenset(scope.value for scope in Scope)
_THEMES: Final = frozenset({"light", "dark"})
#: Names of the context on which the content of a page without data depends.
_VARYING: Final = ("language", "theme", "scope", "name", "is_read_only", "is_library_unusable")
_FOLDER: Final = WEB / "templates"
_SUFFIX: Final = ".html"


@attrs.frozen
class Page:
    """A page of the frame: its path, the name of its template and script, and its icon.

    Attributes:
        needs: Scope without which the menu hides it, and the page shows a notice instead.
    """

    path: str
    name: str
    icon: str = ""
    needs: Scope = Scope.READ


@attrs.define(eq=False, kw_only=True)
class Templates:
    """The compiled templates of one server and the pages rendered so far.

    Attributes:
        base: Prefix behind a reverse proxy, empty or `/name`.
        static: The files below `/static`.
        version: Version of the server.
        menu: The pages in the menu.
        is_library_unusable: Return whether the last test of the library folder failed.
    """

    base: str
    static: StaticFiles
    version: str
    menu: Sequence[Page]
    is_library_unusable: Callable[[], bool]
    _texts: Mapping[str, Texts] = attrs.field(factory=lambda: load_texts(WEB / "locale"))
    _rendered: dict[tuple[object, ...], bytes] = attrs.field(factory=dict, init=False)
    _environment: "Environment | None" = attrs.field(default=None, init=False)

    def texts(self, language: str) -> Texts:
        """Return the texts of a language."""
        return self._texts[language]

    def render(
        self, name: str, context: Mapping[str, Any], key: tuple[object, ...] | None
    ) -> bytes:
        """Return a template filled with a context; the same *key* renders once, `None` always."""
        if key is None:
            return self._filled(name, context)
        body = self._rendered.get(key)
        if body is None:
            body = self._rendered[key] = self._filled(name, context)
        return body

    def _filled(self, name: str, context: Mapping[str, Any]) -> bytes:
        return self._open().get_template(name).render(context).encode()

    def _open(self) -> "Environment":
        # Imported here to keep the start of the server short.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        if self._environment is None:
            self._environment = Environment(
                autoescape=True,
                loader=FileSystemLoader(_FOLDER),
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
        return self._environment


TEMPLATES: Final = web.AppKey("TEMPLATES", Templates)


def get_base_context(request: web.Request) -> dict[str, Any]:
    """Return the names that every template may use.

    The names are `t` (texts in the visitor's language), `language`, `languages`, `theme`, `menu`,
    `base` (prefix of every path), `static` (prefix of static files), `version`, `scope`
    (what the page offers), `name` of the installation, `is_read_only` (whether the database cannot
    be written), and `is_library_unusable` (whether the last test of the library folder failed).
    """
    templates = request.app[TEMPLATES]
    language = choose_language(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language", "")
    )
    theme = request.cookies.get(THEME_COOKIE, "")
    scope = request.cookies.get(SCOPE_COOKIE, "")
    return {
        "t": templates.texts(language),
        "language": language,
        "languages": LANGUAGES,
        "scope": scope if scope in _SCOPES else Scope.ADMIN.value,
        "theme": theme if theme in _THEMES else "system",
        "menu": templates.menu,
        "base": templates.base,
        "static": f"{templates.base}/static/{templates.static.version}",
        "version": templates.version,
        "is_read_only": bool(request.app[APPLICATION].storage.notice),
        "is_library_unusable": templates.is_library_unusable(),
        "name": request.app[APPLICATION].current_config.value.name,
    }


def render_template(
    template_name: str,
    request: web.Request,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    is_cached: bool = True,
) -> web.Response:
    """Return a page in the visitor's language and theme.

    Args:
        template_name: Such as `library` or `library.html`.
        request: The visitor's request.
        context: Names for the template besides those of `get_base_context`.
        status: Status of the response.
        is_cached: Whether the page is kept for the next request with the same context, whose
            values must be hashable and few. A page with data is not.

    Raises:
        LookupError: If there is no such template.
    """
    name = template_name.removesuffix(_SUFFIX)
    if not validate_template_exists(name):
        raise LookupError(f"there is no template {name}{_SUFFIX}")
    base, extra = get_base_context(request), dict(context or {})
    varying = (base[each] for each in _VARYING)
    key = (name, *varying, *sorted(extra.items())) if is_cached else None
    whole = {**base, "page": name, **extra}
    body = request.app[TEMPLATES].render(f"{name}{_SUFFIX}", whole, key)
    response = web.Response(body=body, status=status, content_type="text/html", charset="utf-8")
    response.headers["Content-Language"] = base["language"]
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    response.headers["Cache-Control"] = "no-cache, private"
    return response


def validate_template_exists(template_name: str) -> bool:
    """Return whether a template has exactly this name, with or without `.html`."""
    return template_name.removesuffix(_SUFFIX) + _SUFFIX in _NAMES


def list_available_templates() -> list[str]:
    """Return the file names of all templates, sorted."""
    return sorted(_NAMES)


# Templates are part of the package and do not change while the server runs.
_NAMES: Final = frozenset(path.name for path in _FOLDER.glob(f"*{_SUFFIX}"))

SeriesData = Mapping[str, Any]


def prepare_series_context(
    series_data: Iterable[SeriesData], sort_by: Literal["name", "key", "folder"] = "name"
) -> list[dict[str, Any]]:
    """Return series for a template, sorted without regard to case, equal ones by key.

    Args:
        series_data: Series as mappings with at least `key`, such as those of `GET /api/anime`.
        sort_by: The field to sort by.

    Returns:
        The same mappings with `name`, `folder` and `missing_episodes` filled in, and with
        `missing_count`, the number of missing episodes.

    Raises:
        InvalidFieldsError: If a series has no key.
        InvalidKeyError: If a key breaks the rules of keys.
    """
    prepared = []
    for index, series in enumerate(series_data):
        if not isinstance(series.get("key"), str):
            raise InvalidFieldsError([(f"/{index}/key", Message("required"))])
        key = parse_series_key(series["key"])
        missing = dict(series.get("missing_episodes") or {})
        prepared.append(
            {
                **series,
                "key": key,
                "name": series.get("name") or key,
                "folder": series.get("folder") or "",
                "missing_episodes": missing,
                "missing_count": sum(map(len, missing.values())),
            }
        )
    return sorted(prepared, key=lambda each: (str(each[sort_by]).casefold(), each["key"]))


def get_series_by_key(series_data: Iterable[SeriesData], key: str) -> SeriesData | None:
    """Return the series with a key; the folder is never compared. `None` if there is none."""
    return next((series for series in series_data if series.get("key") == key), None)


def filter_series_by_missing_episodes(series_data: Iterable[SeriesData]) -> list[SeriesData]:
    """Return the series with at least one missing episode, in their order."""
    return [
        series for series in series_data if any((series.get("missing_episodes") or {}).values())
    ]
