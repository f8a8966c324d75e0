"""OpenAPI 3.1 document, generated from the operations and their types."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from types import NoneType
from typing import Annotated, Any, Final, get_args

import attrs
import msgspec

from aniworld_core.documents import wire_name
from aniworld_http.errors import PROBLEM_JSON, Problem
from aniworld_http.operations.endpoint import Answer, Operation
from aniworld_http.operations.policy import Budget

_REF: Final = "#/components/schemas/{name}"
_IN_PATH: Final = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_PathText = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
#: Problem statuses of every operation.
_ALWAYS: Final = (400, 421)
#: Description of each problem status.
_MEANINGS: Final = {
    400: "The request cannot be read",
    401: "The token or API key is missing or not valid",
    403: "Not allowed, or no master password is set yet",
    404: "Not found",
    408: "The body did not arrive in time",
    409: "Conflict with another change or with the present state",
    413: "The body is too large",
    415: "The body is not JSON",
    421: "The Host header does not name this server",
    422: "Missing, unknown or wrong fields; `errors` lists each of them",
    429: "Too many requests; retry after the seconds in Retry-After",
    502: "A provider returned an unusable response",
    503: "Temporarily unavailable",
    507: "The disk is full",
}


def describe(operations: Sequence[Operation], *, version: str, base_path: str) -> dict[str, Any]:
    """Return the OpenAPI document.

    Args:
        operations: Operations in the order of the document.
        version: Version of the server.
        base_path: Prefix of every path.
    """
    types = list(dict.fromkeys(_types(operations), None))
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=_schema_of_any, ref_template=_REF
    )
    schema = dict(zip(types, schemas, strict=True))
    for operation in operations:
        if operation.body is not None:
            _close(schema[operation.body], components)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = paths.setdefault(_IN_PATH.sub(r"{\1}", operation.path), {})
        path[operation.method.lower()] = _described(operation, schema)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Aniworld",
            "version": version,
            "description": "Server of an anime library and download manager.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_path}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "tags": [{"name": name} for name in dict.fromkeys(o.tag for o in operations)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _close(schema: Any, components: dict[str, Any]) -> None:
    """Mark a request body and its nested objects as closed: unknown fields are refused."""
    if isinstance(schema, list):
        for each in schema:
            _close(each, components)
    elif isinstance(schema, dict):
        component = components.get(str(schema.get("$ref", "")).rpartition("/")[2])
        if component is not None and "additionalProperties" not in component:
            component["additionalProperties"] = False
            _close(component, components)
        for each in schema.values():
            _close(each, components)


def _types(operations: Iterable[Operation]) -> Iterable[Any]:
    yield Problem
    for operation in operations:
        yield from (answer.content for answer in operation.answers.values() if answer.content)
        yield from _path_types(operation).values()
        if operation.body is not None:
            yield operation.body
        if operation.query is not None:
            yield from (field.type for field in attrs.fields(operation.query))


def _path_types(operation: Operation) -> dict[str, Any]:
    names = _IN_PATH.findall(operation.path)
    return {name: operation.path_types.get(name, _PathText) for name in names}


def _described(operation: Operation, schema: Mapping[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {
            **{str(s): _answer(a, schema) for s, a in sorted(operation.answers.items())},
            **{str(status): _problem(status, schema) for status in problem_statuses(operation)},
        },
    }
    note = "" if operation.policy.is_public else f"Needs the scope `{operation.scope}`."
    if operation.policy.is_for_oneself:
        note = f"For everybody who is signed in; an API key needs the scope `{operation.scope}`."
    if operation.description or note:
        described["description"] = " ".join(filter(None, (operation.description, note)))
    if operation.policy.is_public:
        described["security"] = []
    parameters = [*_path_parameters(operation, schema), *_query_parameters(operation, schema)]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {
            "required": not operation.optional_body,
            "content": {"application/json": {"schema": schema[operation.body]}},
        }
    for link in operation.links:
        answer = described["responses"][str(link.status)]
        answer.setdefault("links", {})[link.operation] = {
            "operationId": link.operation,
            "parameters": dict(link.parameters),
        }
    return described


def problem_statuses(operation: Operation) -> tuple[int, ...]:
    """Return the statuses of all problem documents that an operation may return."""
    statuses = {*_ALWAYS, *operation.problems}
    if operation.policy.budget is not Budget.NONE:
        statuses.add(429)
    if operation.method != "GET":
        statuses |= {403, 503, 507}  # foreign origin; database unavailable; disk full
    if not operation.policy.is_public:
        statuses |= {401, 403, 503}
    if operation.body is not None:
        statuses |= {400, 408, 413, 415, 422}
    if operation.query is not None:
        statuses.add(422)
    return tuple(sorted(statuses))


def _answer(answer: Answer, schema: Mapping[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.content is not None:
        described["content"] = {answer.media: {"schema": schema[answer.content]}}
    elif answer.media != "application/json":
        described["content"] = {answer.media: {"schema": {"type": "string"}}}
    if answer.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in answer.headers.items()
        }
    return described


def _problem(status: int, schema: Mapping[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": _MEANINGS.get(status, HTTPStatus(status).phrase),
        "content": {PROBLEM_JSON: {"schema": schema[Problem]}},
    }
    headers = {401: "WWW-Authenticate", 429: "Retry-After"}
    if status in headers:
        described["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return described


def _path_parameters(operation: Operation, schema: Mapping[Any, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema[kind]}
        for name, kind in _path_types(operation).items()
    ]


def _query_parameters(operation: Operation, schema: Mapping[Any, Any]) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    return [
        {
            "name": wire_name(field),
            "in": "query",
            "required": field.default is attrs.NOTHING,
            "schema": _without_null(schema[field.type], field.type),
        }
        for field in attrs.fields(operation.query)
    ]


def _without_null(schema: Mapping[str, Any], kind: Any) -> Mapping[str, Any]:
    """Return the schema without null: a query parameter is left out instead."""
    if NoneType not in get_args(kind) or "anyOf" not in schema:
        return schema
    others = [each for each in schema["anyOf"] if each != {"type": "null"}]
    return others[0] if len(others) == 1 else {**schema, "anyOf": others}


def _schema_of_any(kind: type) -> dict[str, Any]:
    if kind is object:
        return {"title": "Anything"}  # msgspec treats an empty schema as missing
    raise NotImplementedError  # tells msgspec that the type has no schema here
