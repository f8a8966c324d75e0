"""Parse bodies and queries of requests strictly, reporting all problems at once."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
from aiohttp import hdrs, web

from aniworld_core.documents import (
    JsonDocument,
    NotJsonError,
    Problem,
    kind_of,
    plain_type,
    read_json,
    structure,
    wire_name,
)
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.refusals import refused

T = TypeVar("T")

JSON: Final = "application/json"
#: Seconds in which a body must arrive.
BODY_SECONDS: Final = 30.0
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


async def read_body(request: web.Request, shape: type[T]) -> T:
    """Read the JSON body of a request.

    Raises:
        InvalidFieldsError: If fields are missing, unknown or invalid; lists all of them.
        HTTPUnsupportedMediaType: If the content type is not JSON.
        HTTPBadRequest: If it is not JSON.
        HTTPRequestTimeout: If it does not arrive in time.
        HTTPRequestEntityTooLarge: If it is larger than the limit.
    """
    document = await read_json_body(request)
    return structured(document.value, shape, document.faults)


async def read_optional_body(request: web.Request, shape: type[T]) -> T:
    """Read the JSON body of a request; a request without a body counts as an empty object.

    Raises:
        As `read_body` does.
    """
    return await read_body(request, shape) if request.body_exists else structured({}, shape)


async def read_document(request: web.Request) -> Mapping[str, object]:
    """Read a JSON object with any fields.

    Raises:
        InvalidFieldsError: If it is not an object or contains invalid values.
        HTTPException: As `read_json_body` does.
    """
    document = await read_json_body(request)
    if not isinstance(document.value, dict):
        raise InvalidFieldsError([("", Message("must_be_object", found=kind_of(document.value)))])
    if document.faults:
        raise InvalidFieldsError(document.faults)
    return document.value


async def read_json_body(request: web.Request) -> JsonDocument:
    """Read a JSON body; problems of single values are stored in the result.

    Raises:
        HTTPUnsupportedMediaType: If the content type is not JSON.
        HTTPBadRequest: If it is not JSON.
        HTTPRequestTimeout: If it does not arrive in time.
        HTTPRequestEntityTooLarge: If it is larger than the limit.
    """
    # Foreign pages can send forms and plain text without a CORS preflight, but not JSON.
    if request.content_type != JSON:
        raise refused(web.HTTPUnsupportedMediaType, Message("body_type", type=JSON))
    # Compressed bodies could expand without limit, and small ones gain nothing.
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise refused(web.HTTPUnsupportedMediaType, Message("body_coding"))
    if (request.content_length or 0) > request.client_max_size:
        # Checked before the first byte is read, not after the last.
        raise web.HTTPRequestEntityTooLarge(request.client_max_size, request.content_length or 0)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.read()
    except TimeoutError as error:
        raise refused(
            web.HTTPRequestTimeout, Message("body_too_slow", limit_seconds=BODY_SECONDS)
        ) from error
    except web.RequestPayloadError as error:
        raise refused(web.HTTPBadRequest, Message("body_damaged")) from error
    try:
        return read_json(raw)
    except NotJsonError as error:
        raise refused(web.HTTPBadRequest, Message("body_not_json", reason=error.reason)) from error


def structured(document: object, shape: type[T], faults: Sequence[Problem] = ()) -> T:
    """Convert the fields of an object.

    Args:
        document: Plain values.
        shape: Class of the result.
        faults: Problems of single values found while parsing the JSON.

    Raises:
        InvalidFieldsError: With one entry for each invalid field.
    """
    found, problems = structure(document, shape)
    if found is None or faults:
        named = {pointer for pointer, _ in faults}
        problems = [problem for problem in problems if problem[0] not in named]
        raise InvalidFieldsError(sorted([*faults, *problems]))
    return found


def read_query(request: web.Request, shape: type[T]) -> T:
    """Parse the query of a request; unknown names are ignored.

    Raises:
        InvalidFieldsError: With one entry for each invalid parameter.
    """
    query = request.query
    given = {
        name: _from_text(query.getall(name), field.type)
        for field in attrs.fields(shape)  # type: ignore[arg-type]  # every shape is an attrs class
        if (name := wire_name(field)) in query
    }
    return structured(given, shape)


def _from_text(texts: list[str], wanted: Any) -> object:
    """Return the JSON value of a query parameter, or the text itself if it is not JSON."""
    kind = plain_type(wanted)
    if get_origin(kind) is tuple:
        element = get_args(kind)[0]
        return [_from_text([text], element) for text in texts]
    text = texts[-1]
    if kind is bool:
        return _TRUTH.get(text.lower(), text)
    if kind is int and text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20:
        return int(text)
    return text
