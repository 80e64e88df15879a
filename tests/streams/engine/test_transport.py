"""What the engine relies on inside Faust is what is installed."""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from streams.engine.transport import SIGNATURES, BatchApp, BatchConsumer, ConsumerThread


@pytest.mark.parametrize("relied_on", SIGNATURES, ids=lambda method: method.__qualname__)
def test_faust_is_as_the_transport_expects(relied_on: Callable[..., Any]) -> None:
    """A new version that changes one of these methods needs another look at streams/engine/transport.py."""
    found = f"({', '.join(inspect.signature(relied_on).parameters)})"

    assert found == SIGNATURES[relied_on], (
        f"faust-streaming {version('faust-streaming')} changed {relied_on.__qualname__}: "
        "read it, mend streams/engine/transport.py, then its SIGNATURES"
    )


@pytest.mark.parametrize("ours", [ConsumerThread, BatchConsumer, BatchApp])
def test_every_override_is_listed(ours: type) -> None:
    """A method of Faust's that is overridden without being listed would change unseen."""
    listed = {method.__name__ for method in SIGNATURES}
    base = ours.__mro__[1]
    overridden = {name for name, what in vars(ours).items() if inspect.isfunction(what) and hasattr(base, name)}

    assert overridden - {"__init__"} <= listed


def test_the_check_bites() -> None:
    """Another parameter would be seen."""
    method = next(iter(SIGNATURES))

    assert SIGNATURES[method] != f"({', '.join([*inspect.signature(method).parameters, 'another'])})"
