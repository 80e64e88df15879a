"""The same events through Faust as its documentation shows it: an agent, a Record, two tables, everything at defaults.

It counts events per person and per team and does nothing else: no sessions, no windows, no resends told apart, no
exactly once. One event a message, since an agent's unit is one value. Run by bench.throughput as
`python -m bench.peer_faust BROKER TOPIC EVENTS FOLDER worker`; when it has counted so many it prints its CPU seconds.
"""

import sys
import time
from pathlib import Path

import faust

BROKER, TOPIC, EVENTS, FOLDER = sys.argv[1:5] if len(sys.argv) > 4 else ("localhost:9092", "events", "0", ".")


class Event(faust.Record, serializer="json"):
    """The fields that are counted by."""

    user_id: str = ""
    team_hint: str = ""


app = faust.App(
    f"peer-{TOPIC}",
    broker=f"kafka://{BROKER}",
    topic_partitions=4,
    consumer_auto_offset_reset="earliest",
    datadir=Path(FOLDER) / f"peer-{TOPIC}",
    web_enabled=False,
)
events = app.topic(TOPIC, value_type=Event)
per_person = app.Table(f"{TOPIC}-per-person", default=int)
per_team = app.Table(f"{TOPIC}-per-team", default=int)


@app.agent(events)
async def count(stream):  # type: ignore[no-untyped-def]  # as Faust's documentation writes it
    """Counts."""
    seen, began = 0, 0.0
    async for event in stream:
        began = began or time.process_time()
        per_person[event.user_id] += 1
        per_team[event.team_hint] += 1
        seen += 1
        if seen == int(EVENTS):
            print(f"COUNTED {seen} {time.process_time() - began:.4f}", flush=True)


if __name__ == "__main__":
    sys.argv = [sys.argv[0], *sys.argv[5:]]
    app.main()
