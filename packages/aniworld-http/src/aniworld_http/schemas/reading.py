"""Bodies and queries to values, strictly and with every mistake at once."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
import msgspec
from aiohttp import hdrs, web
from cattrs import ClassValidationError

from aniworld_core.errors import InvalidFieldsError
from aniworld_http.schemas.strictness import converter, plain_type, problems_of

T = TypeVar("T")

JSON: Final = "application/json"
#: A body is complete after so many seconds, or never.
BODY_SECONDS: Final = 30.0
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


async def read_body(request: web.Request, shape: type[T]) -> T:
    """Read the JSON body of a request.

    Raises:
        InvalidFieldsError: If fields are missing, unknown or wrong; all of them are listed.
        HTTPUnsupportedMediaType: If the body is not said to be JSON.
        HTTPBadRequest: If it is not JSON.
        HTTPRequestTimeout: If it does not arrive in time.
        HTTPRequestEntityTooLarge: If it is larger than the server takes.
    """
    return structured(await read_document(request), shape)


async def read_optional_body(request: web.Request, shape: type[T]) -> T:
    """Read the JSON body of a request, taking none for an empty object.

    Raises:
        As `read_body` does.
    """
    return await read_body(request, shape) if request.body_exists else structured({}, shape)


async def read_document(request: web.Request) -> Mapping[str, object]:
    """Read a JSON object of any shape.

    Raises:
        InvalidFieldsError: If it is no object.
        HTTPUnsupportedMediaType: If the body is not said to be JSON.
        HTTPBadRequest: If it is not JSON.
        HTTPRequestTimeout: If it does not arrive in time.
        HTTPRequestEntityTooLarge: If it is larger than the server takes.
    """
    # Only forms and plain text can be sent from a foreign page without its browser asking first.
    if request.content_type != JSON:
        raise web.HTTPUnsupportedMediaType(text=f"send the body as {JSON}")
    # Packed bodies could unfold to anything; ours are too short to be worth packing.
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="send the body as it is, in no content coding")
    if (request.content_length or 0) > request.client_max_size:
        # Before the first byte of it, not after the last.
        raise web.HTTPRequestEntityTooLarge(request.client_max_size, request.content_length or 0)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text="the body took too long") from error
    except web.RequestPayloadError as error:
        raise web.HTTPBadRequest(text="the body is cut or damaged") from error
    try:
        document = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise web.HTTPBadRequest(text=f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise web.HTTPBadRequest(text="the body is nested too deeply") from error
    if not isinstance(document, dict):
        raise InvalidFieldsError([("", "must be an object")])
    return document


def structured(document: Mapping[str, object], shape: type[T]) -> T:
    """Read the fields of an object.

    Raises:
        InvalidFieldsError: With one entry for each bad field.
    """
    try:
        return converter().structure(document, shape)
    except ClassValidationError as error:
        raise InvalidFieldsError(sorted(problems_of(error))) from error


def read_query(request: web.Request, shape: type[T]) -> T:
    """Read the query of a request; a name that the shape does not know is passed over.

    Raises:
        InvalidFieldsError: With one entry for each bad parameter.
    """
    query = request.query
    given = {
        field.name: _from_text(query.getall(field.name), field.type)
        for field in attrs.fields(shape)  # type: ignore[arg-type]  # every shape is an attrs class
        if field.name in query
    }
    return structured(given, shape)


def _from_text(texts: list[str], wanted: Any) -> object:
    """Undo the spelling of a query; what cannot be undone is left to be judged."""
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
