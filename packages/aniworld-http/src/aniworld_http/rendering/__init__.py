"""Pages, texts and static files, and lists that are encoded once for each state of the database."""

from aniworld_http.rendering.calendar_feed import encode_feed
from aniworld_http.rendering.content_coding import accepts_gzip
from aniworld_http.rendering.error_pages import shown_as_page
from aniworld_http.rendering.library_list import LIBRARY_LIST, LibraryList
from aniworld_http.rendering.media_files import MEDIA_SENDER, MediaSender, Receiver, media_type_of
from aniworld_http.rendering.queue_answers import QUEUE_ANSWERS, QueueAnswers
from aniworld_http.rendering.service_worker import OFFLINE_PATH, write_service_worker
from aniworld_http.rendering.static_files import STATIC, StaticFiles
from aniworld_http.rendering.templates import (
    TEMPLATES,
    Page,
    Templates,
    filter_series_by_missing_episodes,
    get_base_context,
    get_series_by_key,
    list_available_templates,
    prepare_series_context,
    render_template,
    validate_template_exists,
)
from aniworld_http.rendering.texts import LANGUAGES
from aniworld_http.rendering.web_subtitles import to_webvtt

__all__ = [
    "LANGUAGES",
    "LIBRARY_LIST",
    "MEDIA_SENDER",
    "OFFLINE_PATH",
    "QUEUE_ANSWERS",
    "STATIC",
    "TEMPLATES",
    "LibraryList",
    "MediaSender",
    "Page",
    "QueueAnswers",
    "Receiver",
    "StaticFiles",
    "Templates",
    "accepts_gzip",
    "encode_feed",
    "filter_series_by_missing_episodes",
    "get_base_context",
    "get_series_by_key",
    "list_available_templates",
    "media_type_of",
    "prepare_series_context",
    "render_template",
    "shown_as_page",
    "to_webvtt",
    "validate_template_exists",
    "write_service_worker",
]
