"""Prometheus metrics of every part. Rule: a leaf; only this file knows prometheus_client; each metric is declared once.

A part declares its metrics at import, by `counter`, `gauge` or `histogram`; `CATALOGUE` lists them all, so that the
documentation can be held complete.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import prometheus_client
from aiohttp import web
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZE_BUCKETS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


class Described(NamedTuple):
    """A metric as the documentation names it."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]


CATALOGUE: dict[str, Described] = {}


def _describe(name: str, kind: str, text: str, labels: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    if not name.startswith("ammeter_"):
        raise ValueError(f"{name}: our metrics begin with ammeter_.")
    CATALOGUE[name] = Described(name, kind, text, tuple(labels))
    return name, text, tuple(labels)


def counter(name: str, text: str, labels: Sequence[str] = ()) -> Counter:
    """A count that only rises; its name ends in _total."""
    return Counter(*_describe(name, "counter", text, labels))


def gauge(name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
    """A level."""
    return Gauge(*_describe(name, "gauge", text, labels))


def histogram(
    name: str, text: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS
) -> Histogram:
    """A distribution; in seconds, bytes or a count, as its name says."""
    return Histogram(*_describe(name, "histogram", text, labels), buckets=tuple(buckets))


async def serve(host: str, port: int, ready: Callable[[], bool] = lambda: True) -> web.AppRunner:
    """Serves /metrics, /healthz (the process answers) and /readyz (it does its work, 503 until then); in the running
    loop. The caller cleans the runner up."""

    async def metrics(_: web.Request) -> web.Response:
        text = await asyncio.to_thread(prometheus_client.generate_latest)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        return web.Response(text="ready\n") if ready() else web.Response(text="not ready yet\n", status=503)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
