"""The committed dashboards against Grafana's own types: @grafana/schema, compiled by TypeScript."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from grafana.board import DASHBOARDS, PERSONAL
from tests.grafana.rules import Json

HEAD = """\
import type { Dashboard } from "@grafana/schema";

// JSON holds the values of enums, not their names.
type Json<T> = T extends string ? `${T}` : T extends (infer U)[] ? Json<U>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
"""
KINDS = {
    "barchart": "BarChart",
    "heatmap": "Heatmap",
    "state-timeline": "StateTimeline",
    "stat": "Stat",
    "table": "Table",
    "text": "Text",
    "timeseries": "TimeSeries",
}
CUSTOM = {"timeseries", "barchart", "heatmap", "state-timeline", "table"}
FILES = sorted([*DASHBOARDS.glob("*.json"), *PERSONAL.glob("*.json")])


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder of npm's packages."""
    named = os.environ.get("AMMETER_NODE_MODULES", "")
    if not named or not (Path(named) / "@grafana" / "schema").exists() or not (Path(named) / "typescript").exists():
        pytest.skip("npm install typescript @grafana/schema, and name its node_modules in AMMETER_NODE_MODULES")
    return Path(named)


def program(board: Json) -> str:
    """A board as a program that compiles if it is one.

    Three keys are in no type: __inputs, which only the import reads, the definition of a query variable, and what the
    plugin keeps in the target of an annotation.
    """
    variables = [without(one, "definition") for one in board["templating"]["list"]]
    marks = [without(one, "target") for one in board["annotations"]["list"]]
    typed = {
        **without(board, "__inputs"),
        "templating": {"list": variables},
        "annotations": {"list": marks},
    }
    raw = "@grafana/schema/dist/esm/raw/composable"
    imports = [
        f'import type * as {name} from "{raw}/{kind.replace("-", "")}/panelcfg/x/{name}PanelCfg_types.gen";'
        for kind, name in KINDS.items()
    ]
    parts = [*imports, HEAD, f"export const board: Json<Dashboard> = {json.dumps(typed)};"]
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        kind, number = KINDS[panel["type"]], panel["id"]
        parts.append(f"export const options{number}: Json<{kind}.Options> = {json.dumps(panel['options'])};")
        if panel["type"] in CUSTOM:
            custom = json.dumps(panel["fieldConfig"]["defaults"]["custom"])
            parts.append(f"export const custom{number}: Json<{kind}.FieldConfig> = {custom};")
    return "\n".join(parts)


def without(node: Json, key: str) -> Json:
    """An object less one key."""
    return {name: value for name, value in node.items() if name != key}


def complaints(modules: Path, folder: Path, board: Json) -> str:
    """What the compiler says."""
    (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    (folder / "board.ts").write_text(program(board))
    options = ("--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler")
    compiler = modules / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", str(compiler), *options, "board.ts"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_board_is_what_grafana_calls_one(modules: Path, tmp_path: Path, file: Path) -> None:
    """Dashboard, panel options and field settings have Grafana's types, with no key that it does not know."""
    assert complaints(modules, tmp_path, json.loads(file.read_text())) == ""


def test_the_compiler_bites(modules: Path, tmp_path: Path) -> None:
    """A setting that Grafana does not know is noticed."""
    board = json.loads((DASHBOARDS / "pipeline.json").read_text())
    board["panels"][1]["options"]["graphMode"] = "pie"

    assert "pie" in complaints(modules, tmp_path, board)
