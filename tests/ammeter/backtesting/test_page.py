"""docs/detection.md says what was measured, and nothing else."""

import json
from xml.etree import ElementTree

from bench.detect import PAGE, PLOT, RESULTS, filled
from bench.detect_plot import draw
from streams.detect.catalogue import BUDGET, CATALOGUE

STORED = json.loads(RESULTS.read_text())


def test_tables_and_plot_follow_from_the_results() -> None:
    """`python -m bench.detect --render` would change nothing."""
    assert PAGE.read_text() == filled(PAGE.read_text(), STORED)
    assert PLOT.read_text() == draw(STORED["rows"])
    assert ElementTree.fromstring(PLOT.read_text()).tag.endswith("svg")


def test_a_changed_figure_is_noticed() -> None:
    """The comparison above can fail."""
    rows = [row | {"false_alarms_per_100_team_weeks": 0.987} for row in STORED["rows"]]

    assert PAGE.read_text() != filled(PAGE.read_text(), STORED | {"rows": rows})


def test_the_goals_are_met_on_seeds_that_chose_nothing() -> None:
    """As the committed run has them."""
    assert STORED["reported_on_seeds_from"] > STORED["chosen_on_seeds_from"]
    assert all(goal["is_met"] for goal in STORED["goals"])


def test_the_page_names_every_detector_with_its_share() -> None:
    """The table of what is watched is the catalogue's, and the shares are the whole budget."""
    page = PAGE.read_text()
    for detector in CATALOGUE:
        assert detector.name in page
        if detector.notifies:
            row = next(line for line in page.splitlines() if line.startswith(f"| {detector.name} |"))
            assert f"| {100 * detector.share:.2f} |" in row
    assert f"{100 * BUDGET:g}" in page
