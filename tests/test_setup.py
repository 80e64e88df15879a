"""A machine is set up from the lock, once, or says what it lacks; required tests do not skip."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.txt").read_text()


def _run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(command, cwd=cwd, env=given | environment, capture_output=True, text=True)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_holds_versions_and_hashes_alone() -> None:
    """Each package is pinned with hashes; there is no address and no path of a machine in it."""
    pins = re.findall(
        r"^(\S+)==\S+(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.MULTILINE
    )
    starts = re.findall(r"^[A-Za-z].*$", LOCK, re.MULTILINE)

    assert len(pins) == len(starts) > 60
    assert not re.search(
        r"://|^-|--(find-links|index|extra-index)|@ |^\s*#.*(/home|/root|/tmp|/opt)", LOCK, re.MULTILINE
    )


def test_the_lock_holds_all_that_the_project_asks_for() -> None:
    """Every dependency of pyproject.toml, those of the tools too, is in the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {_canonical(re.split(r"[\[<>=!~ ;]", each)[0]) for each in asked}

    assert names <= {_canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE)}


def test_setup_runs_once_until_the_lock_changes(tmp_path: Path) -> None:
    """A second run costs nothing; a newer lock sets up again."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "scripts").mkdir()
    setup = tmp_path / "scripts" / "setup"
    setup.write_text('#!/bin/sh\nmkdir -p "$1"\necho set up\n')
    setup.chmod(0o755)

    first, second = (_run("make", "setup", cwd=tmp_path) for _ in range(2))
    os.utime(tmp_path / "requirements.txt", (2**32, 2**32))
    third = _run("make", "setup", cwd=tmp_path)

    assert [run.stdout.count("set up\n") for run in (first, second, third)] == [1, 0, 1]


def test_an_old_python_is_told_what_is_needed(tmp_path: Path) -> None:
    """A Python before 3.11 is refused with a sentence, and nothing is made."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    run = _run(str(ROOT / "scripts" / "setup"), str(tmp_path / "venv"), cwd=ROOT, PYTHON=str(old))

    assert run.returncode == 1
    assert "Ammeter needs Python 3.11 or newer" in run.stderr
    assert not (tmp_path / "venv").exists()


def test_make_without_a_target_lists_them() -> None:
    """Each target that a person is told about stands in the list."""
    listed = _run("make", cwd=ROOT).stdout

    assert {line.split()[1] for line in listed.splitlines()} >= {
        *("demo", "test", "check", "bench", "chaos", "lock", "clean", "help")
    }


@pytest.mark.slow
def test_a_required_test_does_not_skip(tmp_path: Path) -> None:
    """With AMMETER_TEST_REQUIRE=all a skipped test and a skipped module are failures, an expected failure is none."""
    (tmp_path / "test_skips.py").write_text(
        "import pytest\n\n"
        "def test_skips():\n    pytest.skip('no browser')\n\n"
        "@pytest.mark.xfail\ndef test_known():\n    assert False\n"
    )
    (tmp_path / "test_module.py").write_text("import pytest\npytest.skip('no module', allow_module_level=True)\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        str(tmp_path / "pytest.ini"),
        str(tmp_path),
    ]

    lenient = _run(*command, cwd=ROOT, AMMETER_TEST_REQUIRE="")
    strict = _run(*command, "--continue-on-collection-errors", cwd=ROOT, AMMETER_TEST_REQUIRE="all")

    assert lenient.returncode == 0, lenient.stdout
    assert strict.returncode == 1
    assert "no browser" in strict.stdout
    assert "no module" in strict.stdout
    assert re.search(r"1 failed, 1 xfailed, 1 error", strict.stdout)
