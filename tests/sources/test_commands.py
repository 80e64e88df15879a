"""What a command line is: a table of lines as people and assistants write them, and bounds on hostile ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.evidence import CommandKind
from schemas.people import Pseudonyms
from sources.commands import ORDER, Subject, command_kind, subject, target
from sources.shell import commands

NAMES = Pseudonyms(b"0" * 32)

LINES: dict[CommandKind, tuple[str, ...]] = {
    "test": (
        "pytest",
        "python -m pytest tests/ -q",
        "python3 -m unittest discover",
        "python3 test_hello.py",
        "python tests/parser_test.py -v",
        ".venv/bin/python -m pytest -x",
        "./node_modules/.bin/jest --ci",
        "npx vitest run",
        "npx --yes jest src",
        "npx -p jest jest",
        "npm test",
        "npm t",
        "npm run test:ci",
        "npm run -s test -- --watch=false",
        "npm --prefix web test",
        "pnpm test",
        "pnpm --filter api run test",
        "pnpm -r test",
        "pnpm exec jest",
        "yarn test",
        "yarn workspace web test",
        "yarn jest",
        "bun test",
        "bun run test",
        "deno task test",
        "node --test",
        "mise run test:ci",
        "mise r test",
        "mise exec -- pytest",
        "just test-unit",
        "make test",
        "make -C api -j4 test",
        "make check",
        "go test ./...",
        "sudo -u ci go test ./...",
        "env X=1 Y=2 go test -run TestA ./a",
        "X=1 go test ./a",
        "timeout 60 pytest",
        "timeout -s KILL 5m cargo test",
        "cargo test --workspace",
        "cargo nextest run",
        "cargo +nightly test",
        "uv run pytest -q",
        "uv run --with pytest-xdist pytest",
        "uv run python -m pytest",
        "uv run test",
        "poetry run pytest",
        "pipenv run python -m pytest",
        "pdm run test",
        "hatch run test:unit",
        "tox -e py311",
        "nox",
        "mvn -q test",
        "./mvnw -pl core test",
        "mvn verify",
        "./gradlew test --tests 'A.b'",
        "gradle :app:test",
        "./gradlew check",
        "dotnet test --no-build",
        "bundle exec rspec spec/a_spec.rb",
        "rspec",
        "bin/rails test",
        "rake spec",
        "vendor/bin/phpunit",
        "php artisan test",
        "php vendor/bin/phpunit",
        "composer test",
        "ctest --output-on-failure",
        "bazel test //...",
        "swift test",
        "xcodebuild -scheme App test",
        "flutter test",
        "mix test",
        "sbt test",
        "npx playwright test",
        "cypress run",
        "coverage run -m pytest",
        "python manage.py test",
        "docker compose exec -T web pytest",
        "docker exec -it app npm test",
        "docker-compose run --rm web pytest",
        "bash -c 'cd api && pytest'",
        'bash -lc "npm test"',
        "./scripts/test.sh",
        "cd api && pytest",
        "cd api; pytest",
        "(cd api && npm test)",
        "npm run build && npm test",
        "npm test && npm run lint",
        "pytest && git push --dry-run",
        "set -o pipefail; pytest | tail -5",
        "set -e\npytest\necho done",
        "pytest > out.txt 2>&1",
        "pytest &> out.txt",
        "FOO=$(cat a) pytest # then git commit",
        "pytest \\\n  -k parser",
        "ls | xargs -n1 pytest",
        "turbo run test",
        "npx nx run web:test",
    ),
    "commit": (
        "git commit -m x",
        "git -C x commit -am 'go test'",
        "git -c user.name=a commit --amend --no-edit",
        'git add -A && git commit -q -m "Add greet" && git log --oneline | head -1',
        'git commit -m "$(cat <<\'EOF\'\nAdd "x" && run (tests)\n\nnpm test\nEOF\n)"',
        "git commit -m x && git push && gh pr create --fill",
        "npm test && git commit -am x",
        "git commit -m x | cat",
        "hg commit -m x",
    ),
    "push": ("git push", "git push -u origin main", "pytest && git push", "GIT_SSH=x git -C a push"),
    "pull_request": (
        "gh pr create --fill",
        "gh pr create --title 'git commit' --body-file a.md",
        "git push && gh pr create",
        "glab mr create --fill",
        "hub pull-request -m x",
        "git push -o merge_request.create",
    ),
    "build": (
        "make",
        "make -j8",
        "npm run build",
        "cargo build --release",
        "go build ./...",
        "tsc -p .",
        "cmake --build build",
        "docker build -t a .",
        "mvn package",
        "npm run build:test-image",
        "python -m build",
    ),
    "lint": (
        "ruff check .",
        "npx eslint src",
        "npx tsc --noEmit",
        "npm run typecheck",
        "npm run lint:tests",
        "cargo clippy",
        "go vet ./...",
        "uv run mypy .",
        "pre-commit run -a",
        "make lint",
        "poetry run black .",
    ),
    "other": (
        "ls",
        "ls -la | grep test",
        "echo 'git commit -m x'",
        'echo "npm test"',
        "cat test.py",
        "grep -rn pytest .",
        "pytest --version",
        "pytest --collect-only -q",
        "git status --short",
        "git log --grep 'commit'",
        "git commit --dry-run",
        "git commit --help",
        "git stash push",
        "pip install pytest",
        "npm install jest",
        "npm i -D vitest",
        "uv add pytest",
        "go get test",
        "cargo add test",
        "python3 migrate.py --all",
        "python3 -c 'import pytest; pytest.main()'",
        "curl -s http://127.0.0.1:9/test",
        "cat > run.sh <<EOF\npytest\ngit commit -m x\nEOF",
        "cat <<'END' | tee a\nnpm test\nEND",
        "# npm test",
        "vim test",
        "which pytest",
        "kubectl get pods -n test",
        "gh pr view 12",
        "gh pr list && gh issue create",
        "git commit-graph write",
        "$(pytest)",
        "'",
        "pytest 2>&1 | tail -20",
        "pytest; echo done",
        "pytest || true",
        "make test | grep FAIL",
        "if pytest; then echo ok; fi",
        "npm test & sleep 1",
        "cd a || pytest",
        "terraform plan",
        ";;",
        "&& |",
        "npm run",
        "hatch run python a.py",
    ),
    "": ("", "   ", "\n"),
}


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in LINES.items() for line in lines])
def test_each_line_has_its_kind(kind: CommandKind, line: str) -> None:
    """Wrappers, runners, tasks, quotes, here-documents and lost exits: as somebody who reads the line would say."""
    assert command_kind(line) == kind


def test_a_list_of_words_is_a_command() -> None:
    """As Codex sends it."""
    assert subject(NAMES, {"command": ["bash", "-lc", "cd a && cargo test"]}).command_kind == "test"


def test_a_target_tells_files_and_commands_apart_and_shows_nothing() -> None:
    """Eight hex digits by the key: equal for the same text, whatever the tool; case matters."""
    path = subject(NAMES, {"file_path": "/home/dev/a.py", "old_string": "x"})
    assert path == Subject(target(NAMES, "/home/dev/a.py"))
    assert len(path.target) == 8
    assert int(path.target, 16) >= 0
    others = {
        target(NAMES, "/home/dev/A.py"),
        subject(NAMES, {"command": "cat /home/dev/a.py"}).target,
        target(Pseudonyms(b"1" * 32), "/home/dev/a.py"),
    }
    assert path.target not in others
    assert len(others) == 3


@pytest.mark.parametrize("given", [{}, {"command": 7}, {"file_path": None}, {"command": []}, {"command": [1]}])
def test_arguments_without_a_file_or_command_have_no_target(given: dict[str, object]) -> None:
    """What nobody shows is empty."""
    assert subject(NAMES, given) == Subject()
    assert target(NAMES, " ") == ""


@given(st.text(alphabet="ab \n'\"`$()<>&|;\\#-=EOFtest/.", max_size=300))
def test_any_text_has_a_kind(line: str) -> None:
    """Nothing raises."""
    assert command_kind(line) in ("", *ORDER)


@pytest.mark.parametrize(
    "piece",
    ["a;", "'", '"$(', "$(", "(", "\\", "<<E\n", "`", "a|", "sudo ", "bash -c '", "x" * 50 + " ", "&&", "#", "> "],
)
def test_long_lines_cost_little(piece: str) -> None:
    """However a megabyte is put together, it is looked at for far less time than the line took to run."""
    line = piece * (1_000_000 // len(piece))
    before = time.process_time()
    command_kind(line)
    assert len(commands(line)) <= 200
    assert time.process_time() - before < 2
