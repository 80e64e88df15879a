"""The chat notifier as a process that is killed at any moment: nothing is lost, and nothing is told under two ids."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from aiokafka import AIOKafkaProducer

from ammeter.broker import EmbeddedBroker
from tests.sinks.alerted import Hook, Site, alert, hook, resolved
from tests.sinks.made import until

ROOT = Path(__file__).parents[2]
KILLS = 8
SEED = 15


def test_kills_repeat_nothing(
    broker: EmbeddedBroker, kafka_prefix: str, topics: Callable[[str], str], tmp_path: Path
) -> None:
    """Alerts open and end while it dies; every one is told, once but for what a kill left in doubt."""
    random_ = random.Random(SEED)

    async def start(web: Hook) -> asyncio.subprocess.Process:
        routes = tmp_path / "routes.toml"
        routes.write_text(f'digest = false\n[channels]\nhook = "{web.url}"\n')
        environment = {
            "AMMETER_KAFKA": broker.address,
            "AMMETER_TOPIC_PREFIX": kafka_prefix,
            "AMMETER_DATA": str(tmp_path),
            "AMMETER_ROUTES_FILE": str(routes),
        }
        with (tmp_path / "chat.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ammeter", "sink", "chat"), cwd=ROOT, env=os.environ | environment, stderr=log
            )

    async def body() -> Hook:
        producer = AIOKafkaProducer(bootstrap_servers=broker.address)
        await producer.start()
        site = Site(broker.address, kafka_prefix, producer)
        names = [f"abandonment-{number:08x}" for number in range(3 * KILLS)]
        alerts = {name: alert(team_id=name) for name in names}
        async with hook() as web:
            process = await start(web)
            try:
                for turn in range(KILLS):
                    told = len(web.took)
                    fresh = names[3 * turn : 3 * turn + 3]
                    for name in fresh:
                        await site.alerts({name: alerts[name]})
                    over = {name for name, kind in web.kinds() if kind == "opened"}
                    await site.alerts({name: resolved(alerts[name]) for name in sorted(over)})
                    # Near a message, for there is the danger: before it, between its two records, after it.
                    await until(lambda told=told: len(web.took) > told, 120)  # type: ignore[misc] # a default of its own
                    await asyncio.sleep(random_.choice((0.0, 0.002, 0.005, 0.01, 0.02, 0.05)))
                    process.send_signal(signal.SIGKILL)
                    await process.wait()
                    process = await start(web)
                await until(lambda: set(web.kinds()) >= {(name, "opened") for name in names}, 120)
                await site.alerts({name: resolved(alerts[name]) for name in names})
                await until(lambda: set(web.kinds()) >= {(name, "resolved") for name in names}, 120)
                await asyncio.sleep(2)
            finally:
                process.terminate()
                await asyncio.wait_for(process.wait(), 30)
                await producer.stop()
        assert process.returncode == 0
        return web

    web = asyncio.run(body())

    ids: dict[tuple[str, str], set[str]] = {}
    seen: set[str] = set()
    for message in web.took:
        assert message["id"] not in seen or message["is_repeat"]
        seen.add(message["id"])
        for each in message["alerts"]:
            ids.setdefault((each["id"], each["kind"]), set()).add(message["id"])
    assert {kind for _, kind in ids} == {"opened", "resolved"}
    assert {key: found for key, found in ids.items() if len(found) > 1} == {}
