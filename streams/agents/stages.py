"""The stages by name. Rule: in the order in which data pass them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from streams.detect.calendar import Calendar
from streams.detect.parameters import Calibration
from streams.detect.stage import Detect
from streams.metrics.sessions import Sessions
from streams.metrics.stage import Memory
from streams.metrics.teams import Teams
from streams.metrics.users import Users

Makers: TypeAlias = Mapping[str, Callable[[], Memory]]
"""How a fresh stage of each name is made; one holds one partition."""


def makers(calibration: Calibration, calendar: Calendar) -> Makers:
    """All stages; detectors with what was calibrated, and the days on which people are expected."""
    folds: Makers = {stage.name: stage for stage in (Sessions, Users, Teams)}
    return {**folds, Detect.name: partial(Detect, calibration, calendar)}


STAGES: Makers = makers(Calibration(), Calendar())
"""As they are without any settings."""
