"""`aniworld open`."""

import sys
import webbrowser
from typing import Annotated, Final

from anyio import to_thread
from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.server_lock import noted_address
from aniworld_core.bootstrap.settings import read_variables
from aniworld_core.errors import NotFoundError
from aniworld_core.messages import Message

#: Variables of graphical sessions. Without one, `webbrowser` would start a browser for text in the
#: terminal and wait for its end.
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


async def open_pages(
    key: str | None = None,
    /,
    *,
    print_only: Annotated[bool, Parameter(name="--print")] = False,
    session: CurrentSession,
) -> int:
    """Open the pages of the running server in the browser, and print their address.

    Args:
        key: Key of the series whose page is opened, or the start of only one; the library without.
        print_only: Print the address only.
        session: The run of the command.
    """
    data_dir, output = session.settings().data_dir, session.output
    address = noted_address(data_dir)
    if not address:
        none = NotFoundError(Message("no_server_runs", path=str(data_dir)))
        none.hint = Message("no_server_runs.hint")
        raise none
    if key is not None:
        async with session.bookkeeping() as app:
            address += f"anime/{await app.catalogue.key_of(key)}"
    is_opened = not print_only and await to_thread.run_sync(_open, address)
    if output.is_json:
        output.data({"address": address, "opened": is_opened})
    else:
        output.line(address)
    if not is_opened and not print_only:
        output.talk("no browser could be opened; open the address yourself")
    return DONE


def _open(address: str) -> bool:
    if sys.platform == "linux" and not any(read_variables(_DISPLAYS, dotenv=None).values()):
        return False
    try:
        return webbrowser.open(address)
    except (OSError, webbrowser.Error):
        return False
