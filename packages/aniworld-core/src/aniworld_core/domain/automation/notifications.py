"""Notifications: the text and facts of an event, for people and for webhooks."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.configuration import NotificationKind


@attrs.frozen(kw_only=True)
class Notification:
    """Text and facts of an event.

    Attributes:
        at: Time of the event.
        title: One short line; a message keeps its kind and values for programs.
        body: Further text; may have several lines.
        data: Facts for programs, ready for JSON, without secrets.
    """

    kind: NotificationKind
    at: datetime
    title: str
    body: str = ""
    data: Mapping[str, object] = attrs.field(factory=dict)
