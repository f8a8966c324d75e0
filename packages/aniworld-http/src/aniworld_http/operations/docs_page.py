"""HTML page of the API description, without scripts and external resources."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_TEMPLATES: Final = Path(__file__).parent.parent / "web" / "templates"
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;margin:0}"
    "main{max-width:60rem;margin:auto;padding:1rem}"
    "summary{cursor:pointer;padding:.4rem 0}"
    "summary span{opacity:.8}"
    ".method{font-weight:700}"
    "details{border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
    "pre{overflow:auto;padding:.5rem;background:color-mix(in srgb,currentColor 7%,transparent)}"
    "dd{margin:0 0 .5rem}"
)
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: Content-Security-Policy: only the inline style sheet, identified by its digest.
DOCS_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'none'"
)


def render_docs_page(document: Mapping[str, Any], description: str) -> str:
    """Return the HTML page.

    Args:
        document: OpenAPI document.
        description: Path of the OpenAPI document.
    """
    # Imported here to keep the start of the server short; the page is rarely opened.
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        autoescape=True, loader=FileSystemLoader(_TEMPLATES), trim_blocks=True
    )
    template = environment.get_template("api.html")
    return template.render(document=document, style=_STYLE, description=description)
