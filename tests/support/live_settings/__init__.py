"""Probes of the settings: what a running program does differently after a change of each."""

from collections.abc import Mapping
from typing import Final

from support.live_settings.catalogues import CATALOGUES
from support.live_settings.downloads import DOWNLOADS
from support.live_settings.library import LIBRARY
from support.live_settings.probe import Probe
from support.live_settings.program import PROGRAM
from support.live_settings.services import SERVICES
from support.live_settings.sign_in import SIGN_IN

__all__ = ["PROBES", "Probe"]

#: Name of each setting → its probe.
PROBES: Final[Mapping[str, Probe]] = {
    **PROGRAM,
    **LIBRARY,
    **DOWNLOADS,
    **SERVICES,
    **SIGN_IN,
    **CATALOGUES,
}
