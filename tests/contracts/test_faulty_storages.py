"""The contract suites of storages refuse each of the deliberately faulty storages."""

from pathlib import Path
from typing import Any

import pytest

from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing.contracts.shared_storage import (
    SharedStorageContract,
    StorageProcessesContract,
)
from aniworld_core.testing.contracts.storage import StorageContract
from support.faulty_storages import FAULTS, OPENERS, open_faultless, open_that_leaks_errors
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH]

#: How often a fault may be lucky in a race of two calls.
_RACES = 5
#: Arguments of the tests with parameters: those that show the fault.
PARAMETERS: dict[str, dict[str, Any]] = {
    "test_unusual_text_is_stored_whole_or_refused": {"text": "a\0b"},
    "test_large_numbers_are_stored_exactly_or_refused": {"number": 2**63},
}


async def run(opener: Any, test: str, url: str) -> None:
    """Run a test of the suites against the storages of an opener."""
    if hasattr(SharedStorageContract, test):
        async with opener(url) as ours, opener(url) as theirs:
            await getattr(SharedStorageContract(), test)((ours, theirs))
    elif hasattr(StorageProcessesContract, test):
        await getattr(StorageProcessesContract(), test)(opener, url)
    else:
        async with opener(url) as storage:
            await getattr(StorageContract(), test)(storage, **PARAMETERS.get(test, {}))


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_suite_refuses_the_fault(fault: Any, tmp_path: Path) -> None:
    """The test that is named for the fault fails; a fault that loses a race, in one of five."""
    test = FAULTS[fault][1]

    for number in range(_RACES):
        try:
            await run(OPENERS[fault], test, f"sqlite:///{tmp_path}/{number}.db")
        except (AssertionError, ValueError, OverflowError):
            return
        except ExceptionGroup as group:
            # On a slow disk the writers of a race may wait for each other too long.
            if group.split(StorageUnavailableError)[1] is not None:
                raise
    pytest.fail("the suite accepts it")


@pytest.mark.parametrize("test", sorted({test for _, test in FAULTS.values()}))
async def test_the_suite_accepts_the_wrapper_without_a_fault(test: str, tmp_path: Path) -> None:
    """It is the fault that fails, not the wrapper around the storage."""
    await run(open_faultless, test, f"sqlite:///{tmp_path}/test.db")


async def test_the_suite_refuses_errors_of_the_driver(tmp_path: Path) -> None:
    """An error of the driver on opening, with the address in its text, is refused."""
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path}/file/secret.db"

    with pytest.raises(ConnectionError):
        await SharedStorageContract().test_an_unreachable_storage_says_so(
            open_that_leaks_errors, url
        )
