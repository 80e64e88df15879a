"""`ammeter up`: the embedded stack for real clients. Rule: what is printed can be pasted as it is."""

import asyncio
import signal
import time

from rich.console import Console

from ammeter.connect import Receiver, claude_code_variables, exports
from ammeter.embedded import Embedded
from ammeter.ports import check_ports
from ammeter.settings import Settings


def client_settings(settings: Settings) -> str:
    """The environment of Claude Code that sends here."""
    url = f"http://127.0.0.1:{settings.ports.receiver}"
    return exports(claude_code_variables(Receiver(url, team="YOUR-TEAM", person="YOU@EXAMPLE.COM")))


async def run(settings: Settings) -> int:
    """Runs until Ctrl-C or SIGTERM; 0 then, 1 when a part could not be kept up."""
    console = Console(highlight=False, soft_wrap=True)
    check_ports(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stack = Embedded(settings, lambda text: console.print(text, style="dim"))
    try:
        console.print("Starting Kafka and the store ...")
        await stack.start_storage()
        await stack.tell_history(time.time_ns() // 1_000_000)
        console.print("Starting the receiver, the stages, the sink and the boards ...")
        await stack.start_parts()
        console.print(f"\nBoards: [bold]{stack.boards_url}[/bold]")
        console.print(f"SQL:    ammeter sql 'SHOW TABLES', or ClickHouse's HTTP protocol at {settings.store_read_url}")
        console.print(f"Data:   {settings.data_dir}")
        console.print("\nPaste this into the shell that runs Claude Code:\n")
        print(client_settings(settings), end="")  # noqa: T201 - exactly as it is to be pasted
        console.print("\nCtrl-C stops everything.")
        failed = asyncio.create_task(stack.failed())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([failed, stopped], return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        failed.cancel()
        return 0
    finally:
        console.print("Stopping ...")
        await stack.stop()
