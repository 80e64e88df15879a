"""Prometheus's rules: rendered, read by promtool, held to their stories, and about metrics that there are."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ammeter import telemetry
from grafana.alerts.pipeline import GROUPS, RULES
from grafana.alerts.prometheus import PipelineRule, RuleGroup, file
from grafana.plain_yaml import Value, render
from streams.agents.stages import STAGES
from tests.grafana.alert_stories import STORIES, Story
from tests.test_catalogues import load_all

ROOT = Path(__file__).parents[2]
FILE = ROOT / "grafana/prometheus/rules.yml"
RUNBOOKS = "http://runbooks.example"
BUILT_IN = {"up", "process_start_time_seconds"}
"""Prometheus's own, and what its client library tells of every process."""

FAILURES = re.compile(r"_(failures|faults|lost|dead_letters|refused|rejected_records|retries|away|waits|waiting)(_|$)")


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus's own checker."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not on this machine: apt-get install prometheus")
    return found


def run(promtool: str, *arguments: str | Path) -> str:
    """What promtool complains of; empty when all is well."""
    done = subprocess.run([promtool, *map(str, arguments)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def written(folder: Path, stories: tuple[Story, ...], rules: Path = FILE) -> list[Path]:
    """Stories as promtool reads them, a file for each pace: at each moment every alert is asked for."""
    groups = {rule.name: group.part for group in GROUPS for rule in group.rules}
    files = []
    for pace in sorted({story.every for story in stories}):
        tests: list[Value] = []
        for story in (story for story in stories if story.every == pace):
            asked: list[Value] = []
            for moment, told in story.moments.items():
                for rule in RULES:
                    expected: list[Value] = [
                        {
                            "exp_labels": {**labels(rule, groups[rule.name]), **each.labels},
                            "exp_annotations": {
                                "summary": each.says,
                                "runbook_url": f"{RUNBOOKS}#{rule.anchor}",
                            },
                        }
                        for each in told
                        if each.alert == rule.name
                    ]
                    asked.append({"eval_time": moment, "alertname": rule.name, "exp_alerts": expected})
            series: list[Value] = [{"series": name, "values": values} for name, values in story.series.items()]
            tests.append(
                {
                    "name": story.name,
                    "interval": pace,
                    "external_labels": {"runbooks": RUNBOOKS},
                    "input_series": series,
                    "alert_rule_test": asked,
                }
            )
        path = folder / f"stories-{pace}.yml"
        evaluated = {"1m": "1m"}.get(pace, "30m")  # stories of a week would take minutes
        path.write_text(render({"rule_files": [str(rules)], "evaluation_interval": evaluated, "tests": tests}))
        files.append(path)
    return files


def labels(rule: PipelineRule, part: str) -> dict[str, str]:
    """The labels that a rule gives each of its alerts."""
    given: Any = rule.yaml(part)
    return dict(given["labels"])


def metrics(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return set(re.findall(r"\b(?:ammeter_\w+|up|process_\w+)\b(?=[{\[\s)]|$)", expression))


def known() -> set[str]:
    """The series that our processes show: a histogram has three."""
    load_all()
    plain = {each.name for each in telemetry.CATALOGUE.values() if each.kind != "histogram"}
    parts = ("_bucket", "_count", "_sum")
    return plain | {
        name + part for name, each in telemetry.CATALOGUE.items() if each.kind == "histogram" for part in parts
    }


def test_the_committed_file_is_current() -> None:
    """What `python -m grafana` would write is what is committed, and every reader of YAML reads the same."""
    assert FILE.read_text() == file(GROUPS)
    read = yaml.safe_load(FILE.read_text())
    assert [rule["alert"] for group in read["groups"] for rule in group["rules"]] == [rule.name for rule in RULES]
    assert [rule["expr"] for group in read["groups"] for rule in group["rules"]] == [rule.expression for rule in RULES]


def test_prometheus_takes_the_rules(promtool: str) -> None:
    """Each expression and template is one."""
    assert run(promtool, "check", "rules", FILE) == ""


@pytest.mark.slow
def test_every_story_is_told_as_it_should_be(promtool: str, tmp_path: Path) -> None:
    """At each moment of each story exactly the alerts that it names, in its words, and no other alert at all."""
    for path in written(tmp_path, STORIES):
        assert run(promtool, "test", "rules", path) == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_alert_has_a_story_and_a_quiet_one(rule: PipelineRule) -> None:
    """Each fires in a story, and is quiet in a story that shows one of its metrics."""
    firing = [
        story for story in STORIES if any(each.alert == rule.name for told in story.moments.values() for each in told)
    ]
    quiet = [
        moment
        for story in STORIES
        if metrics(rule.expression) & {series.partition("{")[0] for series in story.series}
        for moment, told in story.moments.items()
        if all(each.alert != rule.name for each in told)
    ]

    assert firing
    assert quiet


def test_a_rule_that_is_wrong_fails_its_story(promtool: str, tmp_path: Path) -> None:
    """The stories notice a threshold that is too low, and a rule that never fires."""
    for planted in (("> 60", "> 1"), ("> 60", "> 1000000")):
        changed = [
            RuleGroup(
                group.part,
                tuple(
                    PipelineRule(
                        rule.name, rule.expression.replace(*planted), rule.holds_for, rule.urgency, rule.summary
                    )
                    for rule in group.rules
                ),
            )
            for group in GROUPS
        ]
        rules = tmp_path / "rules.yml"
        rules.write_text(file(tuple(changed)))
        stories = tuple(story for story in STORIES if any("watermark" in series for series in story.series))
        (path,) = written(tmp_path, stories, rules)
        assert "AmmeterStageStandsStill" in run(promtool, "test", "rules", path)


def test_rules_name_only_metrics_that_there_are() -> None:
    """A metric that is renamed takes its rules along."""
    named = {metric for rule in RULES for metric in metrics(rule.expression)}

    assert named - known() == BUILT_IN
    assert metrics("sum(rate(ammeter_gone_total[5m])) > ammeter_more") == {"ammeter_gone_total", "ammeter_more"}


def test_every_failure_is_watched() -> None:
    """A metric that counts what goes wrong has a rule."""
    named = {metric for rule in RULES for metric in metrics(rule.expression)}

    assert {name for name in known() if FAILURES.search(name)} - named == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_labels_are_those_of_the_metrics(rule: PipelineRule) -> None:
    """A rule groups and chooses by labels that each of its metrics has, and speaks of no other."""
    load_all()
    grouped = set(re.findall(r"\bby \((\w+)\)", rule.expression))
    chosen = set(re.findall(r'[{,]\s*(\w+)(?:=|!=|=~|!~)"', rule.expression))
    spoken = set(re.findall(r"\$labels\.(\w+)", rule.summary))
    for metric in metrics(rule.expression):
        declared = {"instance", "job", "part"}
        if metric not in BUILT_IN:
            declared |= set(telemetry.CATALOGUE[metric].labels)
        assert grouped | chosen <= declared, metric

    assert spoken <= (grouped or {"instance", "part"})


def test_stages_that_rules_name_are_stages() -> None:
    """A stage that is renamed takes its rules along."""
    named = {name for rule in RULES for name in re.findall(r'stage!?="(\w+)"', rule.expression)}

    assert named == {"detect"}
    assert named <= set(STAGES)
