"""The command line. Rule: a command parses, composes and prints; what it does lives elsewhere."""

import sys

import typer

from ammeter.cli import files, operations, parts, stack

app = typer.Typer(
    name="ammeter",
    help="Live analytics of AI coding assistants for the teams that use them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (stack, parts, files, operations):
    module.register(app)


def main() -> None:
    """Runs one command. Exits 0 fine, 1 finding, 2 usage; workers also 70 and 71."""
    from ammeter.settings import SettingsError
    from ammeter.stack import PartFailed

    try:
        app()
    except (SettingsError, FileNotFoundError) as exc:
        print(f"ammeter: {exc}", file=sys.stderr)
        sys.exit(2)
    except (PartFailed, ConnectionError) as exc:
        print(f"ammeter: {exc}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
