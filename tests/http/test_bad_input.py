"""Bad input gets a documented response, never an internal error."""

from pathlib import Path

import attrs
import pytest

from support.examiner import (
    MEDIA,
    NO_OBJECTS,
    WORDS,
    braces,
    fields_of,
    fill,
    open_examiner,
    sample,
)
from support.http_library import KEY
from support.thorough import IS_THOROUGH

pytestmark = pytest.mark.anyio

#: Requests that a test of all fields sends at least.
LEAST = 1000 if IS_THOROUGH else 150


async def test_bodies_that_are_no_object_are_refused(tmp_path: Path) -> None:
    """Invalid JSON and JSON of other types get a client error."""
    async with open_examiner(tmp_path) as examiner:
        for operation in filter(lambda each: each.body is not None, examiner.table):
            for name, body in NO_OBJECTS.items():
                reply = await examiner.try_body(operation, name, body)
                is_left_out = not body and operation.optional_body
                is_late = operation.id == "setUp"  # It says first that the operation has been done.
                if not is_left_out and not is_late and reply.status not in {400, 422}:
                    examiner.surprises.append(f"{operation.id}: {name}: {reply.status}")

    assert examiner.asked > 400
    assert examiner.surprises == []


async def test_only_json_is_read(tmp_path: Path) -> None:
    """Content types that need no preflight get 415 unread."""
    async with open_examiner(tmp_path) as examiner:
        for operation in filter(lambda each: each.body is not None, examiner.table):
            for media in MEDIA:
                reply = await examiner.try_body(operation, str(media[:40]), b"{}", media)
                if reply.status != (409 if operation.id == "setUp" else 415):
                    examiner.surprises.append(f"{operation.id}: {media[:40]!r}: {reply.status}")

    assert examiner.asked > 100
    assert examiner.surprises == []


@pytest.mark.thorough
async def test_every_field_accepts_or_refuses_every_value(tmp_path: Path) -> None:
    """Each field of an otherwise valid body gets odd values, in turns or every one of them."""
    async with open_examiner(tmp_path) as examiner:
        _, document = await examiner.server.json("GET", "/api/openapi.json")
        schemas = document["components"]["schemas"]
        for operation in filter(lambda each: each.body is not None, examiner.table):
            described = document["paths"][braces(operation.path)][operation.method.lower()]
            schema = described["requestBody"]["content"]["application/json"]["schema"]
            right = sample(schema, schemas) or {}
            await examiner.try_fields(operation, right, fields_of(schema, schemas))

    assert examiner.asked > LEAST
    assert examiner.surprises == []


@pytest.mark.thorough
async def test_every_setting_accepts_or_refuses_every_value(tmp_path: Path) -> None:
    """The fields of the configuration document are covered separately."""
    async with open_examiner(tmp_path) as examiner:
        _, config = await examiner.server.json("GET", "/api/config")
        sections = [name for name, section in config.items() if isinstance(section, dict)]
        for operation in (each for each in examiner.table if each.id == "validateConfig"):
            await examiner.try_fields(operation, {}, config)
            for section in sections:
                wrap = f'{{"{section}": %s}}'
                await examiner.try_fields(operation, config[section], config[section], wrap=wrap)

    assert examiner.asked > LEAST
    assert examiner.surprises == []


async def test_setup_accepts_or_refuses_every_value(tmp_path: Path) -> None:
    """The set-up is covered while no password is set."""
    async with open_examiner(tmp_path, signed_in=False) as examiner:
        operation = next(each for each in examiner.table if each.id == "setUp")
        for name, body in NO_OBJECTS.items():
            await examiner.try_body(operation, name, body)
        fields = [field.name for field in attrs.fields(operation.body)]
        await examiner.try_fields(operation, {"master_password": "too-easy"}, fields)
        status = await examiner.server.json("GET", "/api/auth/status")

    assert status == (200, {"configured": False, "authenticated": False})
    assert examiner.surprises == []


async def test_every_parameter_accepts_or_refuses_every_word(tmp_path: Path) -> None:
    """Path and query parameters, once, twice, and with brackets."""
    async with open_examiner(tmp_path) as examiner:
        for operation in examiner.table:
            if "{" in operation.path:
                for word in filter(None, WORDS):
                    await examiner.try_target(operation, fill(operation.path, word))
            for field in attrs.fields(operation.query) if operation.query else ():
                for word in WORDS:
                    for query in (
                        f"{field.name}={word}",
                        f"{field.name}={word}&{field.name}=1",
                        f"{field.name}[]={word}",
                        f"{field.name}",
                    ):
                        target = fill(operation.path, KEY) + "?" + query
                        await examiner.try_target(operation, target)

    assert examiner.asked > 1000
    assert examiner.surprises == []
