"""Colours keep apart for eyes that lack red or green, and from the panels that they are drawn on."""

import itertools
import re
from pathlib import Path

import pytest

from grafana.boards import BOARDS
from grafana.colors import MEANINGS, PALETTE
from grafana.panels import BarChart, TimeSeries
from tests.grafana.colorblind import EYES, apart, contrast, seen

STYLE = (Path(__file__).parents[2] / "ammeter/boards/page/page.css").read_text()
PANELS = {"dark": "#181b1f", "light": "#ffffff"}
GRAFANA_STATUS = {"text": "#ccccdc", "yellow": "#fade2a", "red": "#f2495c"}
"""What Grafana draws for these names in its dark theme."""
AT_A_GLANCE = 15
LEAST_CONTRAST = 2.2


def closest(colors: dict[str, str], eyes: str) -> tuple[float, tuple[str, str]]:
    """The two colours that such eyes tell apart least."""
    pairs = itertools.combinations(colors, 2)
    return min((apart(seen(colors[one], eyes), seen(colors[other], eyes)), (one, other)) for one, other in pairs)


def page_colors(theme: str) -> dict[str, str]:
    """The colours of a status on the page."""
    block = STYLE[STYLE.index("[data-theme=dark]") :] if theme == "dark" else STYLE
    found = {name: re.search(rf"--{name}: (#[0-9a-f]{{3,6}})", block) for name in GRAFANA_STATUS}
    return {name: match[1] for name, match in found.items() if match}


@pytest.mark.parametrize("eyes", EYES)
def test_meanings_keep_apart(eyes: str) -> None:
    """Any two colours of the palette are told apart at a glance, whoever looks."""
    distance, pair = closest(dict(PALETTE), eyes)

    assert distance >= AT_A_GLANCE, pair


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("where", ["Grafana", "dark", "light"])
def test_a_status_is_seen(eyes: str, where: str) -> None:
    """Nothing to see, look, act: three colours that nobody mixes up, in Grafana and on the page."""
    colors = GRAFANA_STATUS if where == "Grafana" else page_colors(where)
    distance, pair = closest(colors, eyes)

    assert set(colors) == set(GRAFANA_STATUS)
    assert distance >= AT_A_GLANCE, pair


def test_the_simulation_bites() -> None:
    """A plain red and green, apart for most, are one colour without green cones."""
    traffic = {"green": "#6ccf8e", "red": "#ff7383"}

    assert closest(traffic, "all cones")[0] > AT_A_GLANCE
    assert closest(traffic, "no green cones")[0] < AT_A_GLANCE


@pytest.mark.parametrize("theme", PANELS)
def test_series_stand_out_from_the_panel(theme: str) -> None:
    """Lines and bars are seen on a dark and on a light panel."""
    assert {name for name, color in PALETTE.items() if contrast(color, PANELS[theme]) < LEAST_CONTRAST} == set()


def test_the_parts_of_a_panel_have_different_colors() -> None:
    """No two series of one panel share a colour."""
    for board in BOARDS:
        for panel in board.panels:
            if isinstance(panel, TimeSeries | BarChart):
                colors = [MEANINGS[name] for name in panel.series]
                assert len(set(colors)) == len(colors), f"{board.title}: {panel.title}"


def test_no_meaning_is_left_over() -> None:
    """Each name in the catalogue is a series of some board."""
    shown = {name for board in BOARDS for panel in board.panels for name in getattr(panel, "series", ())}

    assert set(MEANINGS) - shown == set()
