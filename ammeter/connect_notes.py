"""What goes with a client's settings: where they belong, how people are named. Rule: for a person to read."""

from typing import Literal

from ammeter.connect import HEADERS_HELPER, HOOK_SECONDS, TOKEN, Receiver, exports, gemini_variables, headers_helper

Client = Literal["claude-code", "codex", "gemini"]
Form = Literal["managed", "user", "shell"]

WHERE = {
    ("claude-code", "managed"): (
        "Put it at /etc/claude-code/managed-settings.json (Linux, WSL),"
        " '/Library/Application Support/ClaudeCode/managed-settings.json' (macOS) or beside it as a file of its own in"
        " managed-settings.d/; on Windows where its managed-settings.json lies. Managed settings beat the shell."
    ),
    ("claude-code", "user"): "Put it into ~/.claude/settings.json. A project's settings do not count for telemetry.",
    ("claude-code", "shell"): "Paste it into the shell that runs Claude Code. Managed and user settings beat it.",
    ("codex", "managed"): "Put it into /etc/codex/managed_config.toml (on Windows ~/.codex/managed_config.toml).",
    ("codex", "user"): "Put it into ~/.codex/config.toml.",
    ("gemini", "managed"): (
        "Put it into /etc/gemini-cli/settings.json (Linux), '/Library/Application Support/GeminiCli/settings.json'"
        " (macOS) or C:\\ProgramData\\gemini-cli\\settings.json (Windows)."
    ),
    ("gemini", "user"): "Put it into ~/.gemini/settings.json.",
    ("gemini", "shell"): "Paste it into the shell that runs Gemini CLI.",
}


def notes(client: Client, form: Form, to: Receiver, hooks: bool) -> list[str]:
    """Paragraphs."""
    found = [WHERE[client, form]]
    if to.token == TOKEN:
        found.append(
            "TOKEN stands for a token of AMMETER_TOKENS_FILE; --token-env NAME prints the one in that variable."
        )
    if client == "claude-code":
        return found + _claude_code(form, to, hooks)
    return found + (_codex(form, to) if client == "codex" else _gemini(form, to))


def _claude_code(form: Form, to: Receiver, hooks: bool) -> list[str]:
    found = []
    if to.person_variable:
        found.append(
            f"Put this at {HEADERS_HELPER}, executable, or all telemetry stops. It names the person by"
            f" ${to.person_variable}, as the hooks do; where many share one name (containers: vscode, root), take"
            f" another way:\n\n{headers_helper(to.person_variable)}"
        )
    elif form == "managed" and to.person:
        found.append(
            f"This file names one person ({to.person}): deploy it to their machines alone, best as a file of its own in"
            " managed-settings.d/ with nothing but OTEL_RESOURCE_ATTRIBUTES (and the hooks), beside a common one."
        )
    elif form == "managed":
        left = " (it is set here, so take --team away for that, or name the person here)" if to.team else ""
        found.append(
            "Nobody is named. Signed in with an account, the client itself says the e-mail. With an API key, Bedrock or"
            " Vertex only the installation is known, new in every container; then name people: --person in a file a"
            " person in managed-settings.d/, --person-env USER by a headers helper, or"
            f" OTEL_RESOURCE_ATTRIBUTES=enduser.id=... in the login shell, where managed leaves it unset{left}."
        )
    elif not to.person:
        found.append("Add --person YOU@EXAMPLE.COM unless you are signed in with an account.")
    if not to.team:
        found.append("The team is the directory's (`ammeter directory load`), else what --team says.")
    if hooks:
        found.append(
            "Hooks add the exact end of a session with its reason, ends and interrupts of turns. They need curl, run in"
            f" the background, and hold nobody up for more than {HOOK_SECONDS} s. They wait at most two minutes for"
            " telemetry to say whose session it is, unless they name the person themselves."
        )
    return found


def _codex(form: Form, to: Receiver) -> list[str]:
    found = [
        "Logs alone are sent: Codex's metrics name no conversation, and one run has 750 KB of them. Codex sends"
        " commands, file contents and outputs with its tool results, whatever log_user_prompt says; the receiver drops"
        " them, but they leave the machine: use https, or a Collector on it."
    ]
    if form == "managed" and to.person:
        found.append(f"This file names one person ({to.person}): deploy it to their machines alone.")
    elif not to.person:
        found.append("Nobody is named where nobody is signed in: add --person in each person's own config.toml.")
    if to.team:
        found.append("Codex says no team: --team has no effect here, `ammeter directory load` has.")
    return found


def _gemini(form: Form, to: Receiver) -> list[str]:
    found = [
        "Prompts are not logged by these settings, but one that is given on the command line (gemini -p '...') still"
        " leaves the machine in process.command_args, on every request: pipe it into standard input instead, or send"
        " through a Collector that deletes the attribute (deploy/collector/config.yaml does). The receiver drops it."
    ]
    if form != "shell":
        rest = {name: value for name, value in gemini_variables(to).items() if name.startswith("OTEL_")}
        if rest:
            found.append(f"The file cannot say the rest; put this into the login shell:\n\n{exports(rest)}")
    if not to.person:
        found.append("Only an account's e-mail names anybody: add --person, or the installation is all that is known.")
    return found
