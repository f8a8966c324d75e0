"""The newest log records in memory."""

import logging
from collections.abc import Iterator

import pytest
from structlog.contextvars import bound_contextvars

from aniworld_core.bootstrap.logging import LogRing

logger = logging.getLogger("aniworld_core.tests.ring")


@pytest.fixture
def ring() -> Iterator[LogRing]:
    """Return a ring that collects the records of this test."""
    logger.setLevel(logging.DEBUG)
    kept = LogRing(capacity=5)
    with kept.collecting():
        yield kept
    logger.setLevel(logging.NOTSET)


def messages(ring: LogRing, **how: object) -> list[str]:
    """Return the buffered messages of this test."""
    return [each.message for each in ring.find(**how)]  # type: ignore[arg-type]


def test_the_newest_records_are_kept_newest_first(ring: LogRing) -> None:
    """The oldest records are dropped, and ids keep increasing."""
    for number in range(8):
        logger.info("record %d", number)
    assert messages(ring) == [f"record {n}" for n in (7, 6, 5, 4, 3)]
    ids = [each.id for each in ring.find()]
    assert ids == sorted(set(ids), reverse=True)


def test_records_carry_what_people_look_for(ring: LogRing) -> None:
    """A record has level, logger, request id and traceback."""
    with bound_contextvars(request_id="req-12345678"):
        try:
            int("password=hunter22")
        except ValueError:
            logger.exception("it broke")
    [record] = ring.find()
    assert (record.level, record.logger) == ("ERROR", logger.name)
    assert record.request_id == "req-12345678"
    assert record.traceback is not None
    assert "ValueError" in record.traceback
    assert "hunter22" not in record.traceback


def test_no_secret_is_kept(ring: LogRing) -> None:
    """Tokens, signed links and passwords in URLs are hidden."""
    logger.info("Authorization: Bearer %s", "abcdefghijklmnop")
    logger.info("fetching https://host.invalid/film.mp4?sig=verysecret")
    logger.info("reading https://me:sesame@host.invalid/")
    text = " ".join(messages(ring))
    assert not [s for s in ("abcdefghijklmnop", "verysecret", "sesame") if s in text]
    assert "https://host.invalid/film.mp4" in text


def test_no_record_passes_for_two(ring: LogRing) -> None:
    """Line breaks and direction marks are escaped, and long texts are cut."""
    logger.info("one\nERROR forged \u202e")
    logger.info("x" * 100_000)
    long, forged = messages(ring)
    assert forged == r"one\nERROR forged \u202e"
    assert len(long) < 3000


def test_records_are_found_by_level_text_and_place(ring: LogRing) -> None:
    """Records can be filtered by level, text and position."""
    for level, text in ((10, "alpha"), (20, "beta"), (30, "Gamma"), (40, "delta")):
        logger.log(level, text)
    assert messages(ring, level=logging.WARNING) == ["delta", "Gamma"]
    assert messages(ring, search="gAM") == ["Gamma"]
    ids = {each.message: each.id for each in ring.find()}
    assert messages(ring, before=ids["Gamma"]) == ["beta", "alpha"]
    assert messages(ring, after=ids["Gamma"]) == ["delta"]


def test_a_record_that_cannot_be_formatted_stops_nobody(
    ring: LogRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that cannot be formatted is skipped; later ones are kept."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger.info("%d", "no number")
    logger.info("next")
    assert messages(ring) == ["next"]


def test_collecting_twice_keeps_each_record_once() -> None:
    """With nested contexts each record is kept once until the outer one ends."""
    kept = LogRing()
    with kept.collecting():
        with kept.collecting():
            logger.warning("first")
        logger.warning("second")
    logger.warning("too late")
    assert messages(kept, search="") == ["second", "first"]
