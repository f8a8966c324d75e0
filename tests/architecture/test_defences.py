"""The removals in `tests/defences.py` fit the code and the security page."""

from defences import named_tests, problem_with, removals
from defences_removed import WITHOUT


def test_every_removal_still_fits_the_code() -> None:
    """The text that a removal deletes occurs exactly once in its file."""
    assert [problem for removal in removals() if (problem := problem_with(removal))] == []


def test_every_named_test_has_a_removal() -> None:
    """Every test named on the security page has a removal or a reason; no other test has one."""
    tested = {removal.test for removal in removals()}
    assert tested | WITHOUT.keys() == named_tests()
    assert not tested & WITHOUT.keys()
    assert all(reason.strip() for reason in WITHOUT.values())


def test_a_removal_changes_something() -> None:
    """A removal must not replace a text with itself."""
    assert [removal for removal in removals() if removal.old == removal.new] == []
