"""What tells how a session went: names that folds, store and docs share. Rule: a number never changes its meaning."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal, get_args

Outcome = Literal["verified_success", "ended_clean", "abandoned_after_trouble", "abandoned", "restarted", "unknown"]
"""How a closed session ended. verified_success: a commit, a pull request, or a last test run that passed.
abandoned_after_trouble: troubled, given up, zero lines added. abandoned: given up without trouble. restarted: would be
one of the two, but the person began another session within 15 minutes. unknown: nothing tells."""

OUTCOMES: tuple[str, ...] = get_args(Outcome)

Confidence = Literal["high", "medium", "low"]
"""high: hard evidence, or the client said so. medium: its end was seen, and nothing contradicts. low: silence only."""


class Mark(IntEnum):
    """A moment that a session remembers: the latest occurred_at of its kind, so that no order matters."""

    PROMPT = 0
    """A person typed a prompt."""
    ANSWER = 1
    """The model answered a request of the main thread, or a turn ended well."""
    TOOL_SUCCEEDED = 2
    TOOL_FAILED = 3
    API_FAILED = 4
    TEST_PASSED = 5
    """A shell command of kind `test` succeeded."""
    TEST_FAILED = 6
    STOPPED = 7
    """A person interrupted a turn or refused a tool call."""


class Sign(IntEnum):
    """A bit of a verdict's evidence."""

    COMMIT = 0
    PULL_REQUEST = 1
    TESTS_PASSED_LAST = 2
    TOLD = 3
    """The client itself said the outcome."""
    FINAL_TOOL_FAILURE = 4
    """The last finished tool call failed, or the last of several."""
    FINAL_API_FAILURE = 5
    """A model request failed for good, and none was answered after it."""
    TESTS_FAILED_LAST = 6
    LOOP = 7
    """One file or command failed three times or more."""
    PUSHBACK = 8
    """Three or more interruptions and refusals by the person."""
    MANY_FAILURES = 9
    """Five or more failed tool calls, and three in ten or more of all."""
    UNANSWERED = 10
    """The last prompt has no answer."""
    STOPPED_LAST = 11
    """The person stopped the assistant, and nothing was asked or answered after it."""
    WROTE_CODE = 12
    """At least one line added."""
    CAME_BACK = 13
    """The person began another session within 15 minutes of its end."""
    END_SEEN = 14
    """The client said that the session ended."""


TROUBLE = (Sign.FINAL_TOOL_FAILURE, Sign.FINAL_API_FAILURE, Sign.TESTS_FAILED_LAST, Sign.LOOP, Sign.PUSHBACK,
           Sign.MANY_FAILURES)  # fmt: skip
"""A session with one of these is troubled: the proxy of the study's failure signal of 3 and more."""

LOOP_FAILURES = 3
PUSHBACKS = 3
MANY_FAILURES = 5
MANY_FAILURES_SHARE = (3, 10)
"""At least this share of the finished tool calls, as a fraction."""

PERSON_REFUSED = frozenset({"user_reject", "user_abort", "user", "User"})
"""Sources of a decision to refuse that are a person's."""


class ToolKind(IntEnum):
    """What a tool is for, whatever a client calls it."""

    OTHER = 0
    READ = 1
    SEARCH = 2
    EDIT = 3
    SHELL = 4
    WEB = 5
    AGENT = 6
    PLAN = 7
    MCP = 8


_KINDS: Mapping[ToolKind, tuple[str, ...]] = {
    ToolKind.READ: ("Read", "NotebookRead", "read_file", "read_many_files", "view", "view_image",
                    "ReadMcpResourceTool"),
    ToolKind.SEARCH: ("Grep", "Glob", "LS", "LSP", "ToolSearch", "search_file_content", "grep_search", "glob",
                      "list_directory", "list_dir", "grep", "codebase_investigator"),
    ToolKind.EDIT: ("Edit", "Write", "MultiEdit", "NotebookEdit", "apply_patch", "replace", "write_file", "edit",
                    "create", "str_replace_editor", "str_replace"),
    ToolKind.SHELL: ("Bash", "PowerShell", "BashOutput", "KillShell", "KillBash", "TaskOutput", "TaskStop", "Monitor",
                     "run_shell_command", "shell", "exec_command", "unified_exec", "write_stdin", "local_shell",
                     "container.exec", "bash", "powershell"),
    ToolKind.WEB: ("WebFetch", "WebSearch", "web_fetch", "google_web_search", "web_search"),
    ToolKind.AGENT: ("Agent", "Task", "SendMessage", "spawn_agent", "task"),
    ToolKind.PLAN: ("ExitPlanMode", "EnterPlanMode", "TodoWrite", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet",
                    "update_plan", "write_todos", "AskUserQuestion", "ask_user"),
}  # fmt: skip

TOOL_KINDS: Mapping[str, ToolKind] = {name: kind for kind, names in _KINDS.items() for name in names}


def tool_kind(name: str) -> ToolKind:
    """The kind of a tool by its name.

    >>> tool_kind("apply_patch").name, tool_kind("mcp__tracker__get").name, tool_kind("mcp_tool").name
    ('EDIT', 'MCP', 'MCP')
    """
    found = TOOL_KINDS.get(name)
    if found is None:
        return ToolKind.MCP if name.startswith("mcp") else ToolKind.OTHER
    return found


CommandKind = Literal["", "test", "build", "lint", "commit", "push", "pull_request", "other"]
"""What a shell command does, told from its words at the edge, where the words stay. Empty: nobody showed it."""
