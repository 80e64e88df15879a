"""The stages by name. Rule: in the order in which data pass them."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from streams.metrics.sessions import Sessions
from streams.metrics.stage import Memory
from streams.metrics.teams import Teams
from streams.metrics.users import Users

Makers: TypeAlias = Mapping[str, Callable[[], Memory]]
"""How a fresh stage of each name is made; one holds one partition."""

STAGES: Makers = {stage.name: stage for stage in (Sessions, Users, Teams)}
