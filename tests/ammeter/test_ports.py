"""A clash of ports is told before anything starts, with the way out."""

import socket
from collections.abc import Iterator

import pytest

from ammeter.broker import free_ports
from ammeter.ports import check_ports, taken
from ammeter.settings import Settings, SettingsError


@pytest.fixture
def base() -> int:
    """A base from which on ports are free."""
    while True:
        (found,) = free_ports(1)
        if found < 60_000 and not taken(_at(found)):
            return found


def _at(base: int, **more: str) -> Settings:
    return Settings.model_validate({"port_base": base, **more})


@pytest.fixture
def listening(base: int, request: pytest.FixtureRequest) -> Iterator[int]:
    """Somebody listens at the base plus the parameter."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", base + request.param))
        other.listen()
        yield base


@pytest.mark.parametrize("listening", [1], indirect=True)
def test_a_taken_port_is_told_with_the_way_out(listening: int) -> None:
    """Which, whose, and the setting that moves all."""
    with pytest.raises(SettingsError, match=rf"{listening + 1} \(receiver\).*AMMETER_PORT_BASE"):
        check_ports(_at(listening))


@pytest.mark.parametrize("listening", [0, 6], indirect=True)
def test_the_broker_sees_to_its_own_ports(listening: int) -> None:
    """What listens there may be its own, of a run that was killed: the demo moves away, `up` lets the broker look."""
    assert list(taken(_at(listening))) in (["broker"], ["controller"])
    check_ports(_at(listening))


@pytest.mark.parametrize(("listening", "named"), [(3, "clickhouse"), (0, "kafka")], indirect=["listening"])
def test_a_port_that_is_not_used_may_be_taken(listening: int, named: str) -> None:
    """Where Kafka or ClickHouse is named, none is started."""
    assert taken(_at(listening, **{named: "http://elsewhere:1"})) == {}
