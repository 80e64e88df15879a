"""The kind of one simple command, from its words. Rule: tables; what they do not hold is `other`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from schemas.evidence import CommandKind
from sources.programs import (
    ALWAYS,
    ANYWHERE,
    BUILD,
    CHECKS,
    DIRECTORY,
    LINT,
    PACKAGE_WORDS,
    PAIRS,
    PROJECT_RUNNERS,
    RUNNERS,
    SUBCOMMANDS,
    TASK_RUNNERS,
    TASKS,
    TEST,
    WRAPPERS,
)

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_DURATION = re.compile(r"\d+(\.\d+)?[smhd]?")
_RUN = re.compile("run")
_TEST_FILE = re.compile(r"(.*[/\\])?(test_[^/\\]*|[^/\\]*_tests?|tests?)\.py")
_TASK_PARTS = re.compile(r"[:._/-]+")

_KEYWORDS = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "time", "command", "exec"))

_NO_RUN = frozenset(("--help", "--version", "--dry-run", "--collect-only", "--co", "--list", "--listTests", "--no-run"))
"""With one of these nothing is tested, committed or pushed."""


def kind_of(words: Sequence[str]) -> CommandKind:
    """The kind of a command by its words, without quotes and redirections."""
    rest = _unwrapped(list(words))
    if not rest:
        return "other"
    program, arguments = _program(rest[0]), rest[1:]
    if _NO_RUN.intersection(arguments[: arguments.index("--")] if "--" in arguments else arguments):
        return "other"
    special = _SPECIAL.get(program)
    if special is not None:
        return special(arguments)
    if program in ALWAYS:
        return ALWAYS[program]
    if program in PAIRS:
        groups, verbs = PAIRS[program]
        plain = [word for word in arguments if not word.startswith("-")]
        return "pull_request" if plain and plain[0] in groups and verbs.intersection(plain[1:3]) else "other"
    if program in SUBCOMMANDS:
        table = SUBCOMMANDS[program]
        plain = [word for word in _plain(arguments, DIRECTORY) if not word.startswith("+")]
        found = next((table[word] for word in (plain if program in ANYWHERE else plain[:1]) if word in table), None)
        if found is not None:
            return found
    if program in TASK_RUNNERS:
        return _of_tasks(program, arguments)
    if _TEST_FILE.fullmatch(rest[0]):
        return TEST
    if program.endswith(".sh"):
        return _of_task(program, program.removesuffix(".sh")) or "other"
    return "other"


def _program(word: str) -> str:
    """The name of a program without its directory.

    >>> _program("./node_modules/.bin/jest"), _program("gradlew.bat"), _program("/usr/bin/python3.12")
    ('jest', 'gradlew', 'python')
    """
    name = re.split(r"[/\\]", word)[-1].removesuffix(".exe").removesuffix(".bat").removesuffix(".cmd")
    return "python" if re.fullmatch(r"(python|pypy)(\d(\.\d+)?)?|py", name) else name


def _unwrapped(words: list[str]) -> list[str]:
    """Without keywords, assignments, and the programs that only run another one."""
    for _ in range(8):
        while words and (words[0] in _KEYWORDS or _ASSIGNMENT.match(words[0])):
            words = words[1:]
        if not words:
            return words
        program = _program(words[0])
        if program in WRAPPERS:
            words = _behind_options(words[1:], WRAPPERS[program])
            operand = _DURATION if program in ("timeout", "gtimeout") else _RUN if program == "pipx" else None
            if operand and words and operand.fullmatch(words[0]):
                words = words[1:]
            continue
        if program in ("docker", "podman", "docker-compose") and words[1:2] != ["exec"]:
            inner = _in_compose(program, words)
            if inner is None:
                return words
            words = inner
            continue
        if len(words) > 1 and (program, words[1]) in RUNNERS:
            inner = _behind_options(words[2:], RUNNERS[program, words[1]])
            if program in ("docker", "podman"):
                inner = inner[1:]
            elif program in PROJECT_RUNNERS and inner and _is_task(inner[0]):
                return ["task", *inner]
            elif program in ("mise", "asdf") and "--" in words:
                inner = words[words.index("--") + 1 :]
            words = inner
            continue
        return words
    return words


def _is_task(word: str) -> bool:
    """Whether a name that a project's runner gets is a task of its own, and no program."""
    return _program(word) == word and "." not in word and word not in ALWAYS and _of_task("task", word) is not None


def _in_compose(program: str, words: list[str]) -> list[str] | None:
    """What `docker compose exec SERVICE ...` and `run` run inside."""
    if program != "docker-compose" and words[1:2] != ["compose"]:
        return None
    options = frozenset(("-f", "--file", "-p", "--project-name", "--profile", "--env-file"))
    rest = _behind_options(words[1 if program == "docker-compose" else 2 :], options)
    if not rest or rest[0] not in ("exec", "run"):
        return None
    inner = _behind_options(rest[1:], frozenset(("-e", "-u", "-w", "--user", "--workdir", "--env", "-v", "--index")))
    return inner[1:]


def _behind_options(words: list[str], with_value: frozenset[str]) -> list[str]:
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return words[at + 1 :]
        if word in with_value:
            at += 2
        elif word.startswith("-") and len(word) > 1:
            at += 1
        else:
            break
    return words[at:]


def _plain(words: Sequence[str], with_value: frozenset[str]) -> Iterator[str]:
    """The words that are neither options nor their values, up to `--`."""
    skip = False
    for word in words:
        if word == "--":
            return
        if skip:
            skip = False
        elif word in with_value:
            skip = True
        elif not word.startswith("-") and not _ASSIGNMENT.match(word):
            yield word


def _of_tasks(program: str, arguments: Sequence[str]) -> CommandKind:
    """Of `make`, `npm run` and their like: the weightiest of the tasks that are named."""
    found: set[CommandKind] = set()
    tasks = list(_plain(arguments, TASK_RUNNERS[program]))
    if not tasks:
        return BUILD if program in ("make", "gmake", "ninja", "rush") else "other"
    if program in ("npm", "pnpm", "yarn", "bun", "composer"):
        if tasks[0] in PACKAGE_WORDS:
            return "other"
        if tasks[0] in ("t", "tst") and program in ("npm", "pnpm"):
            return TEST
        if tasks[0] in ("workspace", "filter"):
            tasks = tasks[2:]
        # what stands behind a task's name is its own argument
        tasks = [task for task in tasks if task not in ("run", "run-script", "workspaces", "foreach", "recursive")][:1]
    for task in tasks:
        kind = _of_task(program, task)
        if kind:
            found.add(kind)
    return next((kind for kind in (TEST, BUILD, LINT) if kind in found), "other")


def _of_task(program: str, task: str) -> CommandKind | None:
    parts = [part for part in _TASK_PARTS.split(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", task).lower()) if part]
    if program in CHECKS and {"check", "verify"}.intersection(parts):
        return TEST
    return next((TASKS[part] for part in parts if part in TASKS), None)


def _git(arguments: Sequence[str]) -> CommandKind:
    rest = _behind_options(list(arguments), frozenset(("-C", "-c", "--git-dir", "--work-tree", "--namespace")))
    if not rest:
        return "other"
    if rest[0] == "commit":
        return "commit"
    if rest[0] == "push":
        return "pull_request" if any("merge_request.create" in word for word in rest) else "push"
    return "other"


def _python(arguments: Sequence[str]) -> CommandKind:
    for number, word in enumerate(arguments):
        if word == "-m" and number + 1 < len(arguments):
            module = arguments[number + 1]
            if module in ("unittest", "doctest", "django"):
                return TEST if module != "django" or "test" in arguments else "other"
            return BUILD if module in ("build", "compileall") else kind_of(arguments[number + 1 :])
        if word in ("-c", "-"):
            return "other"
        if not word.startswith("-"):
            if _program(word) == "manage.py":
                return TEST if "test" in arguments[number + 1 : number + 2] else "other"
            if _program(word) == "setup.py":
                return BUILD if {"build", "bdist_wheel", "sdist"}.intersection(arguments) else "other"
            return TEST if _TEST_FILE.fullmatch(word) else "other"
    return "other"


def _coverage(arguments: Sequence[str]) -> CommandKind:
    if arguments[:1] != ["run"]:
        return "other"
    return _python(arguments[arguments.index("-m") :] if "-m" in arguments else arguments[1:])


def _node(arguments: Sequence[str]) -> CommandKind:
    if "--test" in arguments:
        return TEST
    script = next((word for word in arguments if not word.startswith("-")), "")
    return TEST if ALWAYS.get(_program(script).removesuffix(".js")) == TEST else "other"


def _php(arguments: Sequence[str]) -> CommandKind:
    script = next((number for number, word in enumerate(arguments) if not word.startswith("-")), None)
    return "other" if script is None else kind_of(arguments[script:])


def _typescript(arguments: Sequence[str]) -> CommandKind:
    return LINT if "--noEmit" in arguments else BUILD


def _cmake(arguments: Sequence[str]) -> CommandKind:
    if "--build" not in arguments:
        return "other"
    return TEST if "test" in arguments or "check" in arguments else BUILD


_SPECIAL: Mapping[str, Callable[[Sequence[str]], CommandKind]] = {
    "git": _git,
    "python": _python,
    "coverage": _coverage,
    "node": _node,
    "php": _php,
    "ruby": _php,
    "tsc": _typescript,
    "cmake": _cmake,
}
