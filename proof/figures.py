"""All figures, in the order of their numbers."""

from typing import Final

from proof import (
    m01_kills,
    m02_crash_points,
    m03_power_loss,
    m04_faults,
    m05_names,
    m06_addresses,
    m07_api,
    m08_access,
    m09_secrets,
    m10_listeners,
    m11_soak,
    m12_model,
    m13_parsers,
    m14_damage,
    m15_shutdown,
    m16_static,
)
from proof.figure import Figure

FIGURES: Final[tuple[Figure, ...]] = (
    m01_kills.FIGURE,
    m02_crash_points.FIGURE,
    m03_power_loss.FIGURE,
    m04_faults.FIGURE,
    m05_names.FIGURE,
    m06_addresses.FIGURE,
    m07_api.FIGURE,
    m08_access.FIGURE,
    m09_secrets.FIGURE,
    m10_listeners.FIGURE,
    m11_soak.FIGURE,
    m12_model.FIGURE,
    m13_parsers.FIGURE,
    m14_damage.FIGURE,
    m15_shutdown.FIGURE,
    m16_static.FIGURE,
)
