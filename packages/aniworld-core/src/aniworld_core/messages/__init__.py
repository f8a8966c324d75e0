"""Messages for people: a kind, values, and the English text that is built from both.

A front end that knows the kind writes the text of `locale`, in the reader's language, from the
values: the module `translation` does it here, and pages do the same. One that does not shows the
English text. Errors build their messages with `fill`, from the `template` of their class;
everything else that reaches a user is a `Message` with a kind from `TEXTS`.

Rules for values, which front ends rely on to format them:

- a name that ends in `_bytes` is a number of bytes, `_seconds` a duration in seconds, `_at` a
  time in ISO 8601, `_languages` a list of language codes;
- everything else is text, a number, a list of texts, or another message;
- `None` and an empty list mean that there is none.
"""

from aniworld_core.messages.message import (
    Message,
    MessageView,
    Value,
    bytes_text,
    clipped,
    fill,
    kind_field,
    kind_of,
    message_from_wire,
    message_to_wire,
    os_reason,
    placeholders,
    utc,
    values_field,
    values_from_wire,
    values_of,
    values_to_wire,
)
from aniworld_core.messages.texts import TEXTS

__all__ = [
    "TEXTS",
    "Message",
    "MessageView",
    "Value",
    "bytes_text",
    "clipped",
    "fill",
    "kind_field",
    "kind_of",
    "message_from_wire",
    "message_to_wire",
    "os_reason",
    "placeholders",
    "utc",
    "values_field",
    "values_from_wire",
    "values_of",
    "values_to_wire",
]
