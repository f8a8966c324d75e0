"""The removals of `tests/defences.py` fit the code and the page about security."""

from defences import named_tests, problem_with, removals
from defences_removed import WITHOUT


def test_every_removal_still_fits_the_code() -> None:
    """What it removes is there, once."""
    assert [problem for removal in removals() if (problem := problem_with(removal))] == []


def test_every_named_test_has_a_removal() -> None:
    """Or a reason why there is none; and no removal is for a test that is not named."""
    tested = {removal.test for removal in removals()}
    assert tested | WITHOUT.keys() == named_tests()
    assert not tested & WITHOUT.keys()
    assert all(reason.strip() for reason in WITHOUT.values())


def test_a_removal_changes_something() -> None:
    """Replacing a text by itself would prove nothing."""
    assert [removal for removal in removals() if removal.old == removal.new] == []
