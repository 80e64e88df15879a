"""The command line. Rule: a command parses, composes and prints; what it does lives elsewhere."""

import sys

import typer

from ammeter.cli import alerts, connect, detection, files, follow, operations, outside, parts, stack

app = typer.Typer(
    name="ammeter",
    help="Live analytics of AI coding assistants for the teams that use them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (stack, connect, outside, alerts, detection, parts, files, follow, operations):
    module.register(app)


def main() -> None:
    """Runs one command. Exits 0 fine, 1 finding or failure, 2 usage; workers also 70 and 71."""
    from ammeter.log import quiet_libraries

    quiet_libraries()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as exc:
        if (code := _code(exc)) is None:
            raise
        print(f"ammeter: {exc}", file=sys.stderr)
        sys.exit(code)


def _code(exc: Exception) -> int | None:
    """The exit code of what a person can mend; None for a fault of ours, which is shown as it is."""
    from ammeter.broker import BrokerError
    from ammeter.rebuild import StillRunning
    from ammeter.settings import SettingsError
    from ammeter.stack import PartFailed
    from ammeter.store.errors import StoreError as EmbeddedStoreError
    from ammeter.topics import TopicsError
    from sinks.clickhouse import StoreError
    from sinks.deliveries import Superseded
    from sinks.migrate import SchemaError

    if isinstance(exc, SettingsError | FileNotFoundError):
        return 2
    failed = (
        PartFailed,
        StillRunning,
        BrokerError,
        TopicsError,
        SchemaError,
        StoreError,
        EmbeddedStoreError,
        OSError,
        Superseded,
    )
    return 1 if isinstance(exc, failed) else None
