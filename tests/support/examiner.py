"""Invalid inputs, and a client that checks the responses to them against the OpenAPI document."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.testing.fakes import FakeLoader
from aniworld_http.operations import Operation, operations_of, problem_statuses
from support.http_library import KEY, LINK, titan
from support.http_stage import FREELY, Server, open_server
from support.raw_wire import Reply, Wire
from support.thorough import IS_THOROUGH

_PROBLEM: Final = {
    "type",
    "title",
    "status",
    "detail",
    "kind",
    "hint",
    "errors",
    "values",
    "hint_kind",
    "hint_values",
}

#: Bodies that are no JSON object, with their content types.
NO_OBJECTS: Final = {
    "nothing": b"",
    "spaces": b" \n\t ",
    "cut short": b'{"a": ',
    "two of them": b"{}{}",
    "more behind it": b"{} x",
    "NUL behind it": b"{}\0",
    "only NUL": b"\0",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "no UTF-8": b'{"name": "\xff\xfe"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "half a pair as a name": b'{"\\udfff": 1}',
    "bad escape": b'{"name": "\\x41"}',
    "line in a text": b'{"name": "a\nb"}',
    "single quotes": b"{'name': 'x'}",
    "comment": b"{} // x",
    "comma at the end": b'{"a": 1,}',
    "NaN": b'{"limit": NaN}',
    "Infinity": b'{"limit": Infinity}',
    "leading zero": b'{"limit": 01}',
    "list": b"[]",
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "text": b'"x"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
    "form": b"name=x&scope=admin",
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
}
MEDIA: Final = (
    *(b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"),
    *(b"application/xml", b"application/jsonp", b"application/json-patch+json", b"", b"/", b"*/*"),
    *(b"json", b"text/plain; application/json", b"text/json", b"a" * 4000),
)
#: Values of wrong types and at the limits, for any field.
VALUES: Final[tuple[object, ...]] = (
    *(
        None,
        True,
        "",
        "\0",
        "a\0b",
        "\u202e",
        "\ufeff",
        "\U0010ffff",
        "e\u0301" * 300,
        "x" * 200_000,
    ),
    *(-1, 0, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 1.5, 1e308, -0.0, "../..", "%00"),
    *([], [[]], [None], ["\0"] * 3, [{}], {}, {"a": 1}, {"$ref": "#"}, {"__proto__": {}}),
)
#: Fields that share the values in the usual run.
_SHARES: Final = 6
HUGE: Final = ("1" + "0" * 5000, "-" + "9" * 400, "1e400", "-1e999999999", "1e-400")
WORDS: Final = (
    *("%00", "%ff", "%ed%a0%80", "%c0%af", "%0a", "%0d%0aSet-Cookie:%20a=b", "%F0%9F%98%80", "%"),
    *("", "-1", "0", "1e3", "1.0", "2147483648", "9" * 30, "%D9%A3", "+1", "0x10", "nan", "true"),
    *("null", "[]", "{}", "%27%20OR%201=1--", "..%2f..%2fetc%2fpasswd", "..%5c", "x" * 3000),
)


def fill(path: str, word: str) -> str:
    """Replace every placeholder of a path by a value."""
    return re.sub(r"\{[^}]+\}", lambda _: word, path)


@attrs.define
class Examiner:
    """Asks a server, and notes every answer that the description does not promise."""

    server: Server
    wire: Wire
    table: tuple[Operation, ...]
    asked: int = 0
    fields: int = 0
    surprises: list[str] = attrs.field(factory=list)

    async def try_body(
        self, operation: Operation, name: str, body: bytes, media: bytes = b"application/json"
    ) -> Reply:
        """Send a body."""
        target = fill(operation.path, KEY)
        return await self._ask(operation, target, name, body, media)

    async def try_fields(
        self,
        operation: Operation,
        right: Mapping[str, object],
        fields: Iterable[str],
        *,
        wrap: str = "%s",
    ) -> None:
        """Send a body that is right but for one field.

        Each field gets every value when time does not matter. Otherwise one field after another
        gets the next share of them.
        """
        values = (*map(json.dumps, VALUES), *HUGE)
        for field in fields:
            self.fields += 1
            for value in values if IS_THOROUGH else values[self.fields % _SHARES :: _SHARES]:
                body = wrap % json.dumps({**right, field: "@"}).replace('"@"', value)
                await self.try_body(operation, f"{field} = {value[:40]}", body.encode())

    async def try_target(self, operation: Operation, target: str) -> Reply:
        """Request an address, with an empty object if a body is required."""
        return await self._ask(operation, target, target[:120], b"{}", b"application/json")

    async def _ask(
        self, operation: Operation, target: str, name: str, body: bytes, media: bytes
    ) -> Reply:
        self.asked += 1
        token = (b"Authorization", f"Bearer {self.server.token}".encode())
        reply = await self.wire.ask(operation.method, target, [token], body, media)
        self._judge(operation, name, reply)
        return reply

    def _judge(self, operation: Operation, name: str, reply: Reply) -> None:
        promised = {*operation.answers, *problem_statuses(operation)}
        # An address may lead elsewhere, when a name in it is not what the route takes.
        if reply.status not in {*promised, 404, 405}:
            self._note(operation, name, f"{reply.status} is not promised: {reply.body[:200]!r}")
        elif reply.status in {500, 0}:
            self._note(operation, name, "it broke")
        elif reply.status >= 400:
            self._judge_problem(operation, name, reply)

    def _judge_problem(self, operation: Operation, name: str, reply: Reply) -> None:
        problem: dict[str, Any] = json.loads(reply.body)
        title = HTTPStatus(reply.status).phrase
        if (
            reply.headers["content-type"] != "application/problem+json"
            or set(problem) != _PROBLEM
            or (problem["status"], problem["title"]) != (reply.status, title)
        ):
            self._note(operation, name, f"it is no problem document: {reply.body[:200]!r}")

    def _note(self, operation: Operation, name: str, complaint: str) -> None:
        self.surprises.append(f"{operation.method} {operation.path}: {name}: {complaint}")


@asynccontextmanager
async def open_examiner(folder: Path, *, signed_in: bool = True) -> AsyncIterator[Examiner]:
    """Serve a library on fakes with one series."""
    options: dict[str, Any] = {"loaders": [FakeLoader(series=[titan()])], "signed_in": signed_in}
    async with open_server(folder, limits=FREELY, **options) as server:
        await server.stage.app.catalogue.add(LINK)
        table = operations_of(server.app)
        async with aclosing(Wire(str(server.client.host), server.client.port or 0)) as wire:
            yield Examiner(server, wire, table)


def sample(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """Return a small value that matches a schema."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("examples", "enum"):
        if name in schema:
            return schema[name][0]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], schemas)
    match schema.get("type"):
        case "object":
            needed = schema.get("required", ())
            return {name: sample(schema["properties"][name], schemas) for name in needed}
        case "array":
            return [sample(schema["items"], schemas)]
        case "string":
            return "x" * max(1, schema.get("minLength", 0))
        case "integer":
            return schema.get("minimum", 0)
        case _:
            return None


def fields_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[str]:
    """Return the fields of an object and an unknown one."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return [*schemas.get(name, schema).get("properties", {}), "no\0field"]


def braces(path: str) -> str:
    """Return a path in the form of the OpenAPI document."""
    return re.sub(r"\{(\w+)(?::[^{}]*)?\}", r"{\1}", path)
