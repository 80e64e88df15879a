"""Programs that a shell runs, and what they are for: tables. Rule: names only; how they are read stands in verbs.py."""

from collections.abc import Mapping

from schemas.evidence import CommandKind

TEST: CommandKind = "test"
BUILD: CommandKind = "build"
LINT: CommandKind = "lint"

WRAPPERS: Mapping[str, frozenset[str]] = {
    "sudo": frozenset(("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U")),
    "doas": frozenset(("-u",)),
    "env": frozenset(("-u", "-C", "--unset", "--chdir")),
    "nohup": frozenset(),
    "nice": frozenset(("-n",)),
    "ionice": frozenset(("-c", "-n")),
    "stdbuf": frozenset(("-o", "-e", "-i")),
    "setsid": frozenset(),
    "caffeinate": frozenset(("-t", "-w")),
    "xvfb-run": frozenset(("-s", "-n", "-e", "-f", "-p")),
    "time": frozenset(("-f", "-o")),
    "timeout": frozenset(("-s", "-k", "--signal", "--kill-after")),
    "gtimeout": frozenset(("-s", "-k", "--signal", "--kill-after")),
    "xargs": frozenset(("-n", "-I", "-P", "-L", "-d", "-s", "-a")),
    "npx": frozenset(("-p", "--package", "-w", "--workspace")),
    "pnpx": frozenset(("--package",)),
    "bunx": frozenset(("-p", "--package")),
    "uvx": frozenset(("--from", "--with", "--python", "-p")),
    "pipx": frozenset(("--spec",)),
    "dotenv": frozenset(("-e", "-f")),
    "winpty": frozenset(),
}
"""What runs another command: its options that take a value."""

RUNNERS: Mapping[tuple[str, str], frozenset[str]] = {
    ("uv", "run"): frozenset(
        ("--with", "--group", "--extra", "--python", "-p", "--project", "--directory", "--env-file", "--package",
         "--only-group", "--with-requirements", "--no-group")
    ),
    ("poetry", "run"): frozenset(),
    ("pdm", "run"): frozenset(("-p", "--project")),
    ("pipenv", "run"): frozenset(),
    ("hatch", "run"): frozenset(),
    ("rye", "run"): frozenset(),
    ("pixi", "run"): frozenset(("-e", "--environment")),
    ("conda", "run"): frozenset(("-n", "--name", "-p", "--prefix")),
    ("micromamba", "run"): frozenset(("-n", "--name", "-p", "--prefix")),
    ("bundle", "exec"): frozenset(),
    ("npm", "exec"): frozenset(("-p", "--package", "-w", "--workspace")),
    ("npm", "x"): frozenset(("-p", "--package")),
    ("pnpm", "exec"): frozenset(),
    ("pnpm", "dlx"): frozenset(("--package",)),
    ("yarn", "exec"): frozenset(),
    ("yarn", "dlx"): frozenset(("-p", "--package")),
    ("bun", "x"): frozenset(),
    ("mise", "exec"): frozenset(),
    ("mise", "x"): frozenset(),
    ("asdf", "exec"): frozenset(),
    ("pyenv", "exec"): frozenset(),
    ("rbenv", "exec"): frozenset(),
    ("doppler", "run"): frozenset(("-p", "-c", "--project", "--config")),
    ("op", "run"): frozenset(("--env-file",)),
    ("docker", "exec"): frozenset(("-e", "-u", "-w", "--env", "--user", "--workdir")),
    ("podman", "exec"): frozenset(("-e", "-u", "-w", "--env", "--user", "--workdir")),
}  # fmt: skip
"""The same with a word of their own; two of them then name a container."""

PROJECT_RUNNERS = frozenset(("uv", "pdm", "poetry", "hatch", "rye", "pixi"))
"""Those that run a project's own tasks too."""

ALWAYS: Mapping[str, CommandKind] = {
    **dict.fromkeys(
        ("pytest", "py.test", "tox", "nox", "nose2", "nosetests", "trial", "jest", "vitest", "mocha", "ava", "karma",
         "jasmine", "rspec", "minitest", "phpunit", "pest", "paratest", "codecept", "ctest", "bats", "busted",
         "gotestsum", "ginkgo", "prove", "stestr", "behave", "robot", "tap", "c8", "nyc", "kaocha", "pytest-watch",
         "cucumber", "gtest", "shellspec"),
        TEST,
    ),
    **dict.fromkeys(
        ("ruff", "flake8", "pylint", "black", "isort", "mypy", "pyright", "basedpyright", "ty", "bandit", "autopep8",
         "yapf", "pre-commit", "prek", "eslint", "prettier", "biome", "oxlint", "stylelint", "standard", "xo", "tslint",
         "vue-tsc", "svelte-check", "gofmt", "goimports", "golangci-lint", "staticcheck", "rustfmt", "rubocop",
         "standardrb", "shellcheck", "shfmt", "hadolint", "yamllint", "markdownlint", "markdownlint-cli2", "ktlint",
         "detekt", "swiftlint", "swiftformat", "clang-format", "clang-tidy", "cppcheck", "phpstan", "psalm", "phpcs",
         "php-cs-fixer", "pint", "actionlint", "tflint", "sqlfluff", "djlint", "knip", "dprint", "buf-lint", "credo"),
        LINT,
    ),
    **dict.fromkeys(
        ("tsup", "webpack", "rollup", "esbuild", "parcel", "msbuild", "gcc", "g++", "clang", "clang++", "cc", "javac",
         "kotlinc", "rustc", "ninja", "scons", "nmake", "pyinstaller", "tsc"),
        BUILD,
    ),
}  # fmt: skip
"""Programs that do one thing."""

TASKS: Mapping[str, CommandKind] = {
    **dict.fromkeys(
        ("test", "tests", "spec", "specs", "unit", "unittest", "unittests", "integration", "e2e", "coverage", "cov",
         "pytest", "jest", "vitest", "phpunit", "rspec", "testing", "nextest"),
        TEST,
    ),
    **dict.fromkeys(("build", "compile", "bundle", "dist", "assemble", "package", "release"), BUILD),
    **dict.fromkeys(
        ("lint", "linting", "format", "fmt", "typecheck", "types", "tsc", "eslint", "prettier", "ruff", "mypy",
         "clippy", "style", "check"),
        LINT,
    ),
}  # fmt: skip
"""Words in the name of a task that a project gave itself; the first that says something decides."""

CHECKS = frozenset(("make", "gmake", "gradle", "gradlew", "mvn", "mvnw"))
"""Where the task `check` runs the tests by convention; `verify` too."""

SUBCOMMANDS: Mapping[str, Mapping[str, CommandKind]] = {
    "go": {"test": TEST, "build": BUILD, "install": BUILD, "vet": LINT, "fmt": LINT},
    "cargo": {"test": TEST, "t": TEST, "nextest": TEST, "build": BUILD, "b": BUILD, "check": BUILD, "c": BUILD,
              "clippy": LINT, "fmt": LINT, "llvm-cov": TEST, "tarpaulin": TEST},
    "dotnet": {"test": TEST, "build": BUILD, "publish": BUILD, "format": LINT},
    "bazel": {"test": TEST, "coverage": TEST, "build": BUILD},
    "bazelisk": {"test": TEST, "coverage": TEST, "build": BUILD},
    "buck2": {"test": TEST, "build": BUILD},
    "pants": {"test": TEST, "lint": LINT, "check": LINT, "fmt": LINT, "package": BUILD},
    "swift": {"test": TEST, "build": BUILD},
    "flutter": {"test": TEST, "build": BUILD, "analyze": LINT},
    "dart": {"test": TEST, "compile": BUILD, "analyze": LINT, "format": LINT},
    "mix": {"test": TEST, "compile": BUILD, "format": LINT, "credo": LINT, "dialyzer": LINT},
    "lein": {"test": TEST, "compile": BUILD, "uberjar": BUILD},
    "sbt": {"test": TEST, "testOnly": TEST, "testQuick": TEST, "compile": BUILD, "assembly": BUILD},
    "stack": {"test": TEST, "build": BUILD},
    "cabal": {"test": TEST, "build": BUILD},
    "zig": {"test": TEST, "build": BUILD, "fmt": LINT},
    "deno": {"test": TEST, "compile": BUILD, "lint": LINT, "fmt": LINT, "check": LINT},
    "rails": {"test": TEST, "spec": TEST},
    "artisan": {"test": TEST},
    "meson": {"test": TEST, "compile": BUILD},
    "cypress": {"run": TEST},
    "playwright": {"test": TEST},
    "ng": {"test": TEST, "e2e": TEST, "build": BUILD, "lint": LINT},
    "vite": {"build": BUILD},
    "next": {"build": BUILD, "lint": LINT},
    "forge": {"test": TEST, "build": BUILD, "fmt": LINT},
    "hardhat": {"test": TEST, "compile": BUILD},
    "anchor": {"test": TEST, "build": BUILD},
    "docker": {"build": BUILD, "buildx": BUILD},
    "podman": {"build": BUILD},
    "docker-compose": {"build": BUILD},
    "xcodebuild": {"test": TEST, "build": BUILD, "test-without-building": TEST, "build-for-testing": BUILD},
    "hg": {"commit": "commit", "ci": "commit", "push": "push"},
    "svn": {"commit": "commit", "ci": "commit"},
    "jj": {"commit": "commit"},
    "sl": {"commit": "commit", "push": "push"},
    "hub": {"pull-request": "pull_request", "commit": "commit", "push": "push"},
}  # fmt: skip
"""Programs of which the first word says what they do."""

ANYWHERE = frozenset(("xcodebuild", "sbt", "lein", "docker", "bazel"))
"""Of these any word may say it."""

DIRECTORY = frozenset(("-C", "-R", "--manifest-path", "--target-dir", "-scheme", "-workspace", "-project"))
"""Options that take a value and stand before such a word."""

PAIRS: Mapping[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "gh": (("pr",), frozenset(("create", "new"))),
    "glab": (("mr",), frozenset(("create", "new"))),
    "tea": (("pr", "pulls"), frozenset(("create", "c"))),
    "az": (("repos",), frozenset(("create",))),
}
"""Programs that open a pull request."""

TASK_RUNNERS: Mapping[str, frozenset[str]] = {
    "npm": frozenset(("--prefix", "-C", "-w", "--workspace", "--loglevel")),
    "pnpm": frozenset(("--filter", "-F", "-C", "--dir")),
    "yarn": frozenset(("--cwd",)),
    "bun": frozenset(("--cwd", "--filter")),
    "make": frozenset(("-C", "-f", "-j", "-l", "-o", "--directory", "--file")),
    "gmake": frozenset(("-C", "-f", "-j", "-l", "-o", "--directory", "--file")),
    "just": frozenset(("-f", "-d", "--justfile", "--working-directory", "--set")),
    "task": frozenset(("-d", "-t", "--dir", "--taskfile")),
    "mise": frozenset(("-C", "-j", "--cd")),
    "rake": frozenset(("-f", "-C")),
    "gulp": frozenset(("--gulpfile", "--cwd")),
    "grunt": frozenset(("--gruntfile",)),
    "invoke": frozenset(("-c", "-r")),
    "inv": frozenset(("-c", "-r")),
    "gradle": frozenset(("-p", "-b", "-c", "-x", "--project-dir", "--exclude-task", "--tests")),
    "gradlew": frozenset(("-p", "-b", "-c", "-x", "--project-dir", "--exclude-task", "--tests")),
    "mvn": frozenset(("-f", "-pl", "-P", "-s", "-T", "-rf", "--file", "--projects")),
    "mvnw": frozenset(("-f", "-pl", "-P", "-s", "-T", "-rf", "--file", "--projects")),
    "ant": frozenset(("-f", "-buildfile")),
    "turbo": frozenset(("--filter", "-F", "--concurrency")),
    "nx": frozenset(("--projects", "-p", "--target", "--parallel")),
    "lerna": frozenset(("--scope",)),
    "composer": frozenset(("-d",)),
    "rush": frozenset(),
    "moon": frozenset(),
    "earthly": frozenset(),
    "ninja": frozenset(("-C", "-f", "-j")),
    "poe": frozenset(),
    "deno": frozenset(),
    "lage": frozenset(),
    "wireit": frozenset(),
}
"""Programs that run tasks by name: their options that take a value."""

PACKAGE_WORDS = frozenset(
    ("add", "remove", "install", "i", "ci", "uninstall", "update", "upgrade", "publish", "pack", "init", "create",
     "link", "exec", "dlx", "view", "info", "audit", "outdated", "list", "ls", "config", "cache", "version", "login",
     "require")
)  # fmt: skip
"""Words after which the names of packages stand, not of tasks."""
