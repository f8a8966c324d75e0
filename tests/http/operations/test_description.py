"""The OpenAPI document matches the server."""

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from aniworld_http.operations import operations_of
from aniworld_http.routes import TABLE
from aniworld_http.settings import HttpSettings
from support.http_stage import KEY, open_server
from support.thorough import only_thorough

pytestmark = pytest.mark.anyio


async def _document(folder: Path) -> dict[str, Any]:
    async with open_server(folder) as server:
        status, document = await server.json("GET", "/api/openapi.json", token="")
    assert status == 200
    assert isinstance(document, dict)
    return document


@only_thorough
async def test_the_document_is_valid(tmp_path: Path) -> None:
    """It is valid OpenAPI 3.1, including the schemas of all types."""
    document = await _document(tmp_path)

    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


async def test_every_route_of_the_api_is_described(tmp_path: Path) -> None:
    """The described operations are exactly the routes."""
    async with open_server(tmp_path) as server:
        routed = {
            (route.method, route.resource.canonical)
            for route in server.app.router.routes()
            if route.resource is not None
            and route.resource.canonical.startswith(("/api", "/health", "/metrics", "/ws/status"))
            and route.method not in {"HEAD", "OPTIONS"}
            and not route.resource.canonical.endswith("/")
        }
        described = {(o.method, o.path) for o in operations_of(server.app)}

    assert routed == described


def test_names_of_operations_are_unique() -> None:
    """Generated clients use the ids as method names."""
    names = [operation.id for operation in TABLE]

    assert sorted(set(names)) == sorted(names)


def test_links_lead_to_operations() -> None:
    """Each link names an existing operation, its parameters and an existing status."""
    by_name = {operation.id: operation for operation in TABLE}
    for operation in TABLE:
        for link in operation.links:
            names = set(re.findall(r"\{(\w+)", by_name[link.operation].path))
            assert names <= set(link.parameters)
            assert link.status in operation.answers


async def test_every_text_and_list_of_a_body_has_a_bound(tmp_path: Path) -> None:
    """Each text and list of a body has a maximum length, an enum or a pattern."""
    document = await _document(tmp_path)
    schemas = document["components"]["schemas"]
    bodies = [
        content["schema"]["$ref"].rpartition("/")[2]
        for methods in document["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content["schema"]
    ]
    unbound = [
        f"{name}.{field}"
        for name in bodies
        for field, schema in schemas[name].get("properties", {}).items()
        for each in schema.get("anyOf", [schema])
        if (each.get("type") == "string" and not {"maxLength", "enum", "pattern"} & set(each))
        or (each.get("type") == "array" and "maxItems" not in each)
    ]

    assert unbound == []


async def test_every_parameter_fits_into_the_first_line_of_a_request(tmp_path: Path) -> None:
    """The longest list that a query parameter allows is shorter than the line of aiohttp."""
    document = await _document(tmp_path)
    lengths = {
        f"{path} {each['name']}": _length(each)
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for each in operation.get("parameters", [])
        if each["in"] == "query" and each["schema"].get("type") == "array"
    }

    assert "/api/queue/items serie_id" in lengths
    assert {name: length for name, length in lengths.items() if length > 8000} == {}


def _length(parameter: dict[str, Any]) -> int:
    """Return the characters of a list in a query; lists of fixed values name each once."""
    schema = parameter["schema"]
    items = schema["items"]
    if "enum" in items:
        return sum(len(value) + len(parameter["name"]) + 2 for value in items["enum"])
    return int(schema["maxItems"] * (items["maxLength"] + len(parameter["name"]) + 2))


async def test_bodies_are_closed(tmp_path: Path) -> None:
    """Schemas of bodies forbid unknown fields, as the server does."""
    schemas = (await _document(tmp_path))["components"]["schemas"]

    assert schemas["LoginBody"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["TokenView"]


async def test_the_page_works_offline_and_without_scripts(tmp_path: Path) -> None:
    """It has no external resources and no scripts, and shows every operation."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", "/api/docs", token="")
        text = await response.text()

    assert response.status == 200
    assert "<script" not in text.lower()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    assert [o.id for o in TABLE if f'id="{o.id}"' not in text] == []


async def test_the_description_is_not_sent_twice(tmp_path: Path) -> None:
    """A request with the tag gets 304."""
    async with open_server(tmp_path) as server:
        first = await server.call("GET", "/api/openapi.json")
        again = await server.call(
            "GET", "/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]}
        )
        body = await again.read()

    assert (again.status, body) == (304, b"")


async def test_below_a_base_path_everything_moves(tmp_path: Path) -> None:
    """With a base path, nothing answers outside it."""
    settings = HttpSettings(secret_key=KEY, base_path="/tv")
    async with open_server(tmp_path, signed_in=False, settings=settings) as server:
        status, document = await server.json("GET", "/tv/api/openapi.json")
        outside = await server.call("GET", "/api/openapi.json")
        guarded = await server.call("GET", "/tv/api/config")

    assert (status, document["servers"]) == (200, [{"url": "/tv"}])
    assert outside.status == 404
    assert guarded.status == 403
