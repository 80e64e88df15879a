"""The documentation names everything that there is, and nothing that is gone."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest
import typer

from ammeter import cli, telemetry
from ammeter.settings import STANDARD_PORTS, Settings
from schemas.counters import COUNTERS
from schemas.topics import CATALOGUE as TOPICS

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
METRICS = (ROOT / "docs/metrics.md").read_text()
SQL = (ROOT / "docs/sql.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])


def section(page: str, title: str) -> str:
    """The text under a heading, up to the next one of the same level."""
    level = title.split()[0]
    after = page.split(f"\n{title}\n", 1)[1]
    return re.split(rf"\n{level} ", after, maxsplit=1)[0]


def first_cells(text: str) -> list[str]:
    """What stands in code style in the first cell of each row of a table."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def links(text: str) -> list[str]:
    """Where a page's links and images lead, but for addresses."""
    return [to for to in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in to]


def broken(page: Path, text: str) -> list[str]:
    """Links to files or headings that are not there."""
    found = []
    for link in links(text):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            found.append(link)
    return found


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def load_all() -> None:
    """Imports every module, so that each has declared its metrics."""
    for name in ("ammeter", "sources", "streams", "sinks"):
        for info in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            if not info.name.endswith("__main__"):
                importlib.import_module(info.name)


def test_every_command_is_documented() -> None:
    """The table of commands is the command line's, in its order."""
    command = typer.main.get_command(cli.app)
    there = [name for name, each in command.commands.items() if not each.hidden]  # type: ignore[attr-defined] # a group's

    assert [row.split()[1] for row in first_cells(section(OPERATIONS, "## Commands"))] == there


def test_every_option_is_documented() -> None:
    """Each option of each command stands in its row."""
    rows = {
        row.split("`")[1].split()[1]: row
        for row in section(OPERATIONS, "## Commands").splitlines()
        if row.startswith("| `ammeter")
    }
    command = typer.main.get_command(cli.app)
    missing = [
        f"{name} {option}"
        for name, each in command.commands.items()  # type: ignore[attr-defined] # a group's
        if not each.hidden
        for parameter in each.params
        for option in parameter.opts
        if option.startswith("--") and not getattr(parameter, "hidden", False) and option != "--help"
        if option not in rows[name] and option != "--data"
    ]

    assert missing == []


def test_every_setting_is_documented() -> None:
    """The table of settings has each, with its default and meaning."""
    rows = section(OPERATIONS, "## Settings")

    assert first_cells(rows) == [f"AMMETER_{name.upper()}" for name in Settings.model_fields]
    for field in Settings.model_fields.values():
        assert (field.description or "").replace("|", "or") in rows


def test_no_page_names_a_setting_that_is_gone() -> None:
    """What looks like a setting is one."""
    known = {f"AMMETER_{name.upper()}" for name in Settings.model_fields} | {"AMMETER_CONFIG"}
    of_compose = set(re.findall(r"AMMETER_[A-Z_]+", (ROOT / "docker-compose.yml").read_text()))
    named = {name for page in PAGES for name in re.findall(r"\bAMMETER_[A-Z_]+[A-Z]\b", page.read_text())}

    assert named - known - of_compose - {"AMMETER_TEST_REQUIRE"} == set()


def test_every_metric_is_documented() -> None:
    """The table of metrics is the catalogue, with kind, labels and meaning."""
    load_all()
    rows = section(OPERATIONS, "## Metrics").splitlines()

    assert [row for row in rows if row.startswith("| `ammeter_")] == [
        f"| `{each.name}` | {each.kind} | {', '.join(each.labels)} | {each.help} |"
        for each in sorted(telemetry.CATALOGUE.values())
    ]


def test_every_topic_is_documented() -> None:
    """The table of topics is the catalogue."""
    assert first_cells(section(OPERATIONS, "## Topics")) == [topic.name for topic in TOPICS]


def test_every_standard_port_is_documented() -> None:
    """Each port stands in the table of ports."""
    assert [str(port) for port in STANDARD_PORTS if str(port) not in section(OPERATIONS, "## Ports")] == []


def test_every_counter_is_documented() -> None:
    """The table of counters has each, with its unit, and no other."""
    rows = section(METRICS, "## Counters")

    assert first_cells(rows) == [counter.name for counter in COUNTERS]
    for counter in COUNTERS:
        assert f"| `{counter.name}` | {counter.unit} |" in rows


def test_every_relation_is_documented() -> None:
    """Each table and view has its heading in docs/sql.md, and no heading is of one that is gone."""
    there = set(re.findall(r"^### (ammeter(?:_private)?\.\w+)$", SQL, re.MULTILINE))
    made = (ROOT / "sinks/schema.sql").read_text()
    created = set(re.findall(r"CREATE (?:TABLE|VIEW|MATERIALIZED VIEW)(?: IF NOT EXISTS)? (ammeter\w*\.\w+)", made))

    assert there == created


def test_every_board_is_documented() -> None:
    """The README names each board by its title."""
    readme = (ROOT / "README.md").read_text()
    titles = [json.loads(file.read_text())["title"] for file in (ROOT / "grafana/dashboards").glob("*.json")]

    assert [title for title in titles if f"*{title}*" not in readme] == []


def test_every_decision_is_listed() -> None:
    """docs/decisions/README.md lists each record, and each number is there once."""
    records = sorted(file.name for file in (ROOT / "docs/decisions").glob("0*.md"))
    listed = re.findall(r"\]\((0[^)]+)\)", (ROOT / "docs/decisions/README.md").read_text())

    assert listed == records
    assert len({name[:4] for name in records}) == len(records)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each file and heading that a page links to is there."""
    assert broken(page, page.read_text()) == []


def test_a_broken_link_is_found() -> None:
    """A file that is not there, and a heading that is not there."""
    text = "[a](docs/nothing.md) [b](docs/operations.md#nothing) [c](docs/operations.md#settings) [d](https://e.org/x)"

    assert broken(ROOT / "README.md", text) == ["docs/nothing.md", "docs/operations.md#nothing"]


def test_files_named_in_code_style_exist() -> None:
    """What the pages of docs/ name as a file of ours is one."""
    named = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(
            r"`((?:ammeter|schemas|sources|streams|sinks|grafana|tests|bench)/[\w/.]+\.\w+)`", page.read_text()
        )
    }

    assert {name for name in named if not (ROOT / name[1]).exists()} == set()
