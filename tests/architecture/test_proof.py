"""The figures of `proof/` are complete, and their sabotages fit the code."""

import sys

from support.forked_pytest import ROOT

if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from proof.controls import problems
from proof.figures import FIGURES


def test_every_sabotage_still_fits_the_code() -> None:
    """Each figure has a control, whose text occurs exactly once in its file."""
    assert list(problems(FIGURES)) == []


def test_the_figures_have_names_of_their_own() -> None:
    """Figures are named `M1` to `M16`, each once and in order."""
    numbers = [int(figure.name.removeprefix("M")) for figure in FIGURES]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(range(1, 17))
