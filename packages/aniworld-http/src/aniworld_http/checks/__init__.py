"""Measurements of the running server: health of its parts, metrics, event loop delay, folders."""

from aniworld_http.checks.browsing import FolderBrowser, FolderListing
from aniworld_http.checks.folder import FolderTrial, try_folder
from aniworld_http.checks.health import check_health, require_database
from aniworld_http.checks.installation import describe_installation, list_problems
from aniworld_http.checks.library_probe import FOLDER_PROBE, FolderProbe
from aniworld_http.checks.loop_probe import LOOP_PROBE, LoopProbe
from aniworld_http.checks.metrics import METRICS, count_nodes, make_metrics

__all__ = [
    "FOLDER_PROBE",
    "LOOP_PROBE",
    "METRICS",
    "FolderBrowser",
    "FolderListing",
    "FolderProbe",
    "FolderTrial",
    "LoopProbe",
    "check_health",
    "count_nodes",
    "describe_installation",
    "list_problems",
    "make_metrics",
    "require_database",
    "try_folder",
]
