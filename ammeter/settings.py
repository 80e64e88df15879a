"""Settings: from a TOML file and the environment. Rule: only this file reads the environment; secrets come from files.

`AMMETER_<NAME>` beats the file (`AMMETER_CONFIG`, else ./ammeter.toml where it exists), the file beats the default.
"""

import os
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ENV = "AMMETER_"


class SettingsError(ValueError):
    """A setting that cannot be used, in one sentence that says which and why."""


class Ports(NamedTuple):
    """Where each part listens; the metrics of the n-th process at metrics + n."""

    broker: int
    receiver: int
    grpc: int
    store: int
    store_read_only: int
    boards: int
    controller: int
    metrics: int


STANDARD_PORTS = Ports(9092, 4318, 4317, 8123, 8124, 3000, 9093, 9464)


class Settings(BaseModel):
    """All settings of all parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: str = Field(default="", description="host:port of Kafka; empty: the embedded one on this machine.")
    clickhouse: str = Field(
        default="", description="http://[user@]host:port of ClickHouse; empty: `ammeter store` here."
    )
    clickhouse_password_file: Path | None = Field(default=None, description="File with the password for ClickHouse.")
    data: Path = Field(default=Path("~/.local/share/ammeter"), description="Data of the embedded parts, and the key.")
    cache: Path = Field(default=Path("~/.cache/ammeter"), description="Kafka's jars and the demo's history.")
    host: str = Field(
        default="127.0.0.1", description="Address to listen on; beyond loopback the receiver asks for tokens."
    )
    port_base: int | None = Field(
        default=None, ge=1024, le=65000, description="Moves all ports; several stacks can run."
    )
    key_file: Path | None = Field(
        default=None, description="Key for pseudonyms; made in the data directory by default."
    )
    tokens_file: Path | None = Field(default=None, description="`name token` a line; who may send.")
    token_file: Path | None = Field(default=None, description="The token that replay and follow show, alone in it.")
    team_keys: str = Field(default="team.id,team,department", description="Attributes that name the team, first wins.")
    topic_prefix: str = Field(
        default="", pattern=r"^[a-zA-Z0-9._-]*$", description="Before every topic and transactional id."
    )
    group_prefix: str = Field(
        default="ammeter-", pattern=r"^[a-zA-Z0-9._-]*$", description="Before every consumer group."
    )
    database: str = Field(
        default="ammeter", pattern=r"^[a-z][a-z0-9_]*$", description="Database; `<it>_private` beside it."
    )
    partitions: int = Field(
        default=6, ge=1, le=1024, description="Of topics that are created; the embedded broker takes 4."
    )
    replication: int = Field(default=1, ge=1, le=9, description="Replicas of topics that are created.")
    compaction_lag_hours: int = Field(default=6, ge=0, description="Must exceed the longest outage of the sink.")
    instance: str = Field(default="", description="Stable name of a worker; by default the host's name and a number.")
    pace_ms: int = Field(default=250, ge=10, le=10_000, description="Shortest time between two flushes of a stage.")
    session_timeout_s: float = Field(default=10.0, ge=6, description="Kafka's session timeout of the workers.")
    floor: int = Field(default=5, ge=1, description="Groups of fewer people are not shown in what everybody may read.")
    sink_batch_rows: int = Field(default=50_000, ge=1, description="Rows at which the sink inserts.")
    sink_batch_ms: int = Field(default=200, ge=10, description="Time after which the sink inserts.")
    detectors_file: Path | None = Field(
        default=None, description="What `ammeter calibrate` found; detectors.toml in the data directory by default."
    )
    calendar_file: Path | None = Field(
        default=None, description="Time zone, weekend and holidays for detection (TOML); UTC without."
    )
    boards_proxy: str = Field(default="", description="Address of a proxy whose X-Forwarded-User is believed.")
    boards_user: str = Field(
        default="", description="Identity of this machine's one user, as clients send it; whose sessions boards show."
    )
    boards_url: str = Field(default="", description="Where people open the boards: links in alerts begin with it.")
    runbooks_url: str = Field(default="", description="Where people read docs/runbooks.md: links in alerts go there.")
    notifier: Literal["chat", "alertmanager", "grafana", "none"] = Field(
        default="chat", description="Who tells people of alerts: chat, alertmanager, grafana or none; the others show."
    )
    routes_file: Path | None = Field(default=None, description="Channels and routes of `ammeter sink chat` (TOML).")
    alertmanager: str = Field(
        default="", description="http://host:port of Alertmanager, several with commas; or env:NAME, file:PATH."
    )
    metrics_port: int | None = Field(default=None, description="Port of this process's Prometheus metrics; 0: none.")
    clock: str = Field(default="", description="origin,start,rate: a faster clock that ends at the real one (demo).")
    parent: int = Field(default=0, description="A process that ends when this one's parent does (set by demo and up).")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$", description="Of the log.")

    @property
    def ports(self) -> Ports:
        """All ports, moved by port_base when it is set."""
        if self.port_base is None:
            return STANDARD_PORTS
        base = self.port_base
        return Ports(base, base + 1, base + 2, base + 3, base + 4, base + 5, base + 6, base + 10)

    @property
    def kafka_address(self) -> str:
        """Where Kafka is."""
        return self.kafka or f"127.0.0.1:{self.ports.broker}"

    @property
    def store_url(self) -> str:
        """Where the store is, without its password."""
        return self.clickhouse or f"http://127.0.0.1:{self.ports.store}"

    @property
    def store_read_url(self) -> str:
        """Where readers ask: the embedded store's read-only port, or the server itself with a reader's user."""
        return self.clickhouse or f"http://127.0.0.1:{self.ports.store_read_only}"

    @property
    def data_dir(self) -> Path:
        """The data directory, `~` expanded."""
        return self.data.expanduser()

    @property
    def cache_dir(self) -> Path:
        """The cache directory, `~` expanded."""
        return self.cache.expanduser()

    def instance_name(self, number: int = 0) -> str:
        """The stable name of the n-th worker process here."""
        return f"{self.instance or socket.gethostname()}-{number}"


class Loaded(NamedTuple):
    """Settings, and where each came from."""

    settings: Settings
    sources: dict[str, str]


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Loaded:
    """The settings of this process; `given` (options of the command line) beat everything. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, default in (("data", "XDG_DATA_HOME"), ("cache", "XDG_CACHE_HOME")):
        if environ.get(default):
            values[name], sources[name] = Path(environ[default]) / "ammeter", default
    file = environ.get(ENV + "CONFIG", "")
    path = Path(file or "ammeter.toml")
    if file or path.exists():
        for name, value in _read(path).items():
            values[name], sources[name] = value, str(path)
    for key, value in environ.items():
        name = key.removeprefix(ENV).lower()
        if key.startswith(ENV) and name in Settings.model_fields:
            values[name], sources[name] = value, key
    for name, value in given.items():
        if value is not None:
            values[name], sources[name] = value, f"--{name.replace('_', '-')}"
    try:
        settings = Settings(**values)
    except ValidationError as exc:
        error = exc.errors(include_url=False)[0]
        name = ".".join(map(str, error["loc"]))
        raise SettingsError(f"{sources.get(name, 'setting')} {name}: {error['msg']}.") from None
    return Loaded(settings, {name: sources.get(name, "default") for name in Settings.model_fields})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read ({exc.strerror}): correct {ENV}CONFIG or unset it.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{path} is no TOML: {exc}.") from exc


def child_environment(settings: Settings, **changes: object) -> dict[str, str]:
    """The environment for a part started by this process: its own settings, as they are now, and these changes."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(ENV) or key == ENV + "CONFIG"}
    told = {**settings.model_dump(exclude_defaults=True), **changes}
    return plain | {ENV + name.upper(): str(value) for name, value in told.items() if value is not None}


def variable(name: str, otherwise: str = "put the token into it, or leave --token-env out") -> str:
    """What a variable of the environment holds that a person named. Raises SettingsError, which says what to do."""
    found = os.environ.get(name, "")
    if not found:
        raise SettingsError(f"{name} is not set: {otherwise}.")
    return found
