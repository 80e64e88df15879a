"""Routes: who hears of what, and errors that show no address."""

import pytest

from sinks.due import Known, wanted
from sinks.routes import Routes, RoutesError, Rule, read_routes, span_ms
from tests.sinks.alerted import DAY, WRITING, alert
from tests.sinks.made import T

SECRET = "https://chat.example.org/hooks/hush"

TEAMS = """
repeat = "3d"

[channels]
platform = "x"
payments = "y"
all = "z"

[[routes]]
severities = ["pipeline"]
channels = ["platform"]

[[routes]]
teams = ["payments", "pay-*"]
channels = ["payments"]
repeat = "4h"
resolved = false
continue = true

[[routes]]
metrics = ["api_*"]
channels = ["platform"]

[[routes]]
channels = ["all"]
"""


def read(text: str) -> Routes:
    """Routes of a text, whose addresses stand in it."""
    return read_routes(text, lambda value: value, list(WRITING.detectors))


def test_the_first_route_counts_and_with_continue_the_next() -> None:
    """By severity, team and metric; each channel once, as its first route has it."""
    routes, usual = read(TEAMS), Rule(3 * DAY, True)

    assert routes.of(alert(severity="pipeline", team_id="payments")) == {"platform": usual}
    assert routes.of(alert(team_id="pay-eu")) == {"payments": Rule(DAY // 6, False), "all": usual}
    assert routes.of(alert(team_id="payments", detector="api_failures"))["platform"] == usual
    assert routes.of(alert(detector="api_failures")) == {"platform": usual}
    assert routes.of(alert()) == {"all": usual}


def test_everybody_and_nobody_have_names() -> None:
    """The organisation, and people without a team."""
    routes = read("[channels]\na='x'\n[[routes]]\nteams=['organisation','unassigned']\nchannels=['a']")

    assert routes.of(alert(scope="organisation", team_id=""))
    assert routes.of(alert(team_id=""))
    assert not routes.of(alert())


def test_without_routes_every_channel_hears_everything() -> None:
    """The smallest file."""
    routes = read("[channels]\na = 'x'\nb = 'y'")

    assert set(routes.of(alert(severity="digest"))) == {"a", "b"}
    assert wanted(Known({"i": alert(severity="digest")}), {}, routes, "a", T) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("channels = ", "this is no TOML"),
        ("", "channels: Field required"),
        ("[channels]", "channels: Dictionary should have at least 1 item"),
        (f"[channels]\n'A b' = '{SECRET}'", "channels.A b"),
        ("[channels]\na = 3", "channels.a: Input should be a valid string"),
        ("[channels]\na = ' '", "channels.a: the address is empty"),
        (f"[channels]\na = '{SECRET}'\n[[routes]]\nchannels = ['b']", "routes.0.channels: 'b' is no channel: choose a"),
        (f"[channels]\na = '{SECRET}'\nb = 'x'\n[[routes]]\nchannels = ['a']", "channels.b: no route names it"),
        (f"[channels]\na = '{SECRET}'\n[[routes]]\nchannels = []", "routes.0.channels: List should have at least"),
        (f"[channels]\na = '{SECRET}'\n[[routes]]\nteam = ['b']\nchannels=['a']", "routes.0.team: Extra inputs"),
        (
            f"[channels]\na = '{SECRET}'\n[[routes]]\nmetrics = ['abandonement']\nchannels=['a']",
            "routes.0.metrics: 'abandonement' is no metric: choose abandonment, ",
        ),
        (
            f"[channels]\na = '{SECRET}'\n[[routes]]\nseverities = ['page']\nchannels=['a']",
            "routes.0.severities.0: Input should be 'alert', 'pipeline' or 'digest'",
        ),
        (f"repeat = '1w'\n[channels]\na = '{SECRET}'", "repeat: give minutes, hours or days"),
        (f"[channels]\na = '{SECRET}'\n[[routes]]\nrepeat = '0d'\nchannels=['a']", "routes.0.repeat: give minutes"),
        (f"timezone = 'Mars/Base'\n[channels]\na = '{SECRET}'", "timezone: 'Mars/Base' is not known here"),
        (f"digest = {{ day = 'noday' }}\n[channels]\na = '{SECRET}'", "digest"),
        (f"digest = {{ hour = 24 }}\n[channels]\na = '{SECRET}'", "digest"),
    ],
)
def test_each_fault_is_told_by_its_place(text: str, complaint: str) -> None:
    """Without the address that stands beside it."""
    with pytest.raises(RoutesError) as caught:
        read(text)

    assert str(caught.value).startswith(complaint)
    assert "hush" not in str(caught.value)


def test_an_address_is_shown_nowhere() -> None:
    """Not even where routes are printed."""
    assert "hush" not in repr(read(f"[channels]\na = '{SECRET}'"))


def test_what_names_a_secret_may_fail() -> None:
    """The sentence of who keeps it, and the channel."""

    def secret(value: str) -> str:
        raise ValueError(f"{value.removeprefix('env:')} is not set")

    with pytest.raises(RoutesError, match=r"^channels.a: SLACK is not set$"):
        read_routes("[channels]\na = 'env:SLACK'", secret, list(WRITING.detectors))


def test_spans() -> None:
    """Minutes, hours, days."""
    assert [span_ms(text) for text in ("1m", "4h", "28d")] == [60_000, 14_400_000, 28 * DAY]
    for text in ("", "7", "d", "-1d", "1.5h", "1w", "7d "):
        with pytest.raises(ValueError, match="give minutes"):
            span_ms(text)
