"""Notifications: the text and facts of an event, for people and for webhooks."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.configuration import NewsKind


@attrs.frozen(kw_only=True)
class News:
    """An event in words.

    Attributes:
        at: When it happened.
        title: One short line.
        body: The rest; may have several lines.
        data: The facts for machines, ready for JSON; nothing secret.
    """

    kind: NewsKind
    at: datetime
    title: str
    body: str = ""
    data: Mapping[str, object] = attrs.field(factory=dict)
