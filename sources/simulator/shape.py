"""What stands in Claude Code's OTLP bodies, as pairs of key and value. Rule: as in recorded bodies, order too."""

from datetime import UTC, datetime

from sources.simulator.batches import Delivery, Point
from sources.simulator.happenings import Happening
from sources.simulator.organisation import Person
from sources.simulator.records import FIELDS, Value

Pairs = list[tuple[str, Value]]

EVENTS_SCOPE, METRICS_SCOPE = "com.anthropic.claude_code.events", "com.anthropic.claude_code"
METRICS = {
    "session.count": ("", "Count of CLI sessions started"),
    "lines_of_code.count": (
        "",
        "Count of lines of code modified, with the 'type' attribute indicating whether lines were added or removed "
        "and the 'model' attribute indicating which model made the change",
    ),
    "pull_request.count": ("", "Number of pull requests created"),
    "commit.count": ("", "Number of git commits created"),
    "cost.usage": ("USD", "Cost of the Claude Code session"),
    "token.usage": ("tokens", "Number of tokens used"),
    "code_edit_tool.decision": (
        "",
        "Count of code editing tool permission decisions (accept/reject) for Edit, Write, and NotebookEdit tools",
    ),
    "active_time.total": ("s", "Total active time in seconds"),
}
_DIVISORS = {"cost.usage": 1_000_000, "active_time.total": 1_000}


def resource(person: Person) -> Pairs:
    """Attributes of the resource."""
    other = person.number % 2
    return [
        *_configured(person),
        ("host.arch", "arm64" if other else "amd64"),
        ("os.type", "darwin" if other else "linux"),
        ("os.version", "25.1.0" if other else "6.12.41-generic"),
        ("service.name", "claude-code"),
        ("service.version", person.version),
    ]


def common(delivery: Delivery, session: str) -> Pairs:
    """Attributes of every record and data point of a session."""
    person = delivery.person
    pairs: Pairs = [] if person.resource_only else _configured(person)
    pairs += [("user.id", person.install), ("session.id", session)]
    if person.says_version:
        pairs.append(("app.version", person.version))
        pairs.append(("app.entrypoint", "sdk-cli" if delivery.plan.printed else person.entrypoint))
    if person.named_by == "email":
        pairs += [("user.email", person.email), ("user.account_uuid", person.account)]
    if not person.old:
        pairs += [("anthropic.provider", "firstParty"), ("anthropic.custom_base_url", False)]
    pairs.append(("terminal.type", person.terminal))
    return pairs


def record(delivery: Delivery, sequence: int, happening: Happening) -> tuple[str, Pairs]:
    """A record's event name and its own attributes."""
    name, fields = FIELDS[type(happening)](happening, delivery.person)
    pairs: Pairs = [
        ("event.name", name),
        ("event.timestamp", timestamp(happening.at)),
        ("event.sequence", sequence),
    ]
    if happening.prompt:
        pairs.append(("prompt.id", happening.prompt))
    return name, pairs + fields


def by_metric(delivery: Delivery) -> dict[str, list[Point]]:
    """The points of each metric, metrics in the client's order."""
    found: dict[str, list[Point]] = {name: [] for name in METRICS}
    for point in delivery.points:
        found[point.metric].append(point)
    return {name: points for name, points in found.items() if points}


def value(point: Point) -> float:
    """A point's value in the metric's own unit."""
    divisor = _DIVISORS.get(point.metric)
    return point.value / divisor if divisor else point.value


def _configured(person: Person) -> Pairs:
    """OTEL_RESOURCE_ATTRIBUTES of this person."""
    found: Pairs = []
    if person.shows_team:
        if person.team.attribute != "department":
            found.append(("department", "engineering"))
        found.append((person.team.attribute, person.team.name))
    if person.named_by == "enduser":
        found.append(("enduser.id", person.email))
    return found


def timestamp(at_ms: int) -> str:
    """As the client writes times.

    >>> timestamp(1795348975852)
    '2026-11-22T12:02:55.852Z'
    """
    seconds, ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"
