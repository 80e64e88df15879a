"""What is installed without the source tree carries all that it reads."""

import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("ammeter", "schemas", "sources", "streams", "sinks", "grafana")
NOT_INSTALLED = ("grafana/provisioning/", "grafana/prometheus/")
"""What other programs read, from a checkout."""


def test_every_file_that_is_no_code_is_package_data() -> None:
    """SQL, JSON, checksums and the page's assets are named in pyproject.toml, and nothing that is gone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    globs = project["tool"]["setuptools"]["package-data"]
    carried = {
        str(file.relative_to(ROOT))
        for package, patterns in globs.items()
        for pattern in patterns
        for file in (ROOT / package).glob(pattern)
        if file.is_file() and file.suffix != ".py"
    }
    tracked = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    needed = {name for name in tracked.stdout.split() if not name.endswith(".py")}

    assert {name for name in needed if not name.startswith(NOT_INSTALLED)} <= carried
    assert all(any((ROOT / package).glob(pattern)) for package, patterns in globs.items() for pattern in patterns)


def test_every_folder_of_code_is_a_package() -> None:
    """Else it would not be installed."""
    folders = {file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py")}

    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()
