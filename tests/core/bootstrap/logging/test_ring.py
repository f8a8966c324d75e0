"""The newest log records, kept in memory."""

import logging
from collections.abc import Iterator

import pytest
from structlog.contextvars import bound_contextvars

from aniworld_core.bootstrap.logging import LogRing

logger = logging.getLogger("aniworld_core.tests.ring")


@pytest.fixture
def ring() -> Iterator[LogRing]:
    """A ring that collects what this test logs."""
    logger.setLevel(logging.DEBUG)
    kept = LogRing(capacity=5)
    with kept.collecting():
        yield kept
    logger.setLevel(logging.NOTSET)


def messages(ring: LogRing, **how: object) -> list[str]:
    """What is kept of this test's records."""
    return [each.message for each in ring.find(**how)]  # type: ignore[arg-type]


def test_the_newest_records_are_kept_newest_first(ring: LogRing) -> None:
    """What does not fit any more is the oldest; numbers go on growing."""
    for number in range(8):
        logger.info("record %d", number)
    assert messages(ring) == [f"record {n}" for n in (7, 6, 5, 4, 3)]
    ids = [each.id for each in ring.find()]
    assert ids == sorted(set(ids), reverse=True)


def test_records_carry_what_people_look_for(ring: LogRing) -> None:
    """Level, logger, the request they were made for, and the way to an error."""
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
    """Neither tokens nor signed links nor passwords in addresses."""
    logger.info("Authorization: Bearer %s", "abcdefghijklmnop")
    logger.info("fetching https://host.invalid/film.mp4?sig=verysecret")
    logger.info("reading https://me:sesame@host.invalid/")
    text = " ".join(messages(ring))
    assert not [s for s in ("abcdefghijklmnop", "verysecret", "sesame") if s in text]
    assert "https://host.invalid/film.mp4" in text


def test_no_record_passes_for_two(ring: LogRing) -> None:
    """Line breaks and signs that turn text around are escaped; endless texts are cut."""
    logger.info("one\nERROR forged \u202e")
    logger.info("x" * 100_000)
    long, forged = messages(ring)
    assert forged == r"one\nERROR forged \u202e"
    assert len(long) < 3000


def test_records_are_found_by_level_text_and_place(ring: LogRing) -> None:
    """Every filter reduces the list."""
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
    """It is left out, and what follows is kept."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger.info("%d", "no number")
    logger.info("next")
    assert messages(ring) == ["next"]


def test_collecting_twice_keeps_each_record_once() -> None:
    """Leaving the inner context does not end the outer one."""
    kept = LogRing()
    with kept.collecting():
        with kept.collecting():
            logger.warning("first")
        logger.warning("second")
    logger.warning("too late")
    assert messages(kept, search="") == ["second", "first"]
