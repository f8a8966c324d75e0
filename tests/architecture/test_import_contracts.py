"""All import contracts of the workspace are kept."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_import_contracts_are_kept() -> None:
    """`lint-imports` reports no broken contract."""
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

    # In its own process, because the linter prints banners and changes the import path.
    done = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout
