"""The columns that many relations share, as SQL. Rule: each column has its definition beside it, and it is said once.

The first schema is rendered from here (sinks/relations.py, sinks/render.py). It is history then: a counter that is
appended to schemas/counters.py later comes with a migration of its own.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pydantic.fields import FieldInfo

from schemas.counters import COUNTERS, LAST_BUCKET, OTHER, TOOL_DURATIONS, Counter
from schemas.events import EVENT_MODELS, Envelope

FIRST_COUNTERS = 35
"""How many counters the first schema has."""


class Column(NamedTuple):
    """A column: of a table with its default, of a view with its expression."""

    name: str
    type: str
    meaning: str
    sql: str = ""


COUNTED = COUNTERS[:FIRST_COUNTERS]
DURATIONS = "Map(UInt16, Int64)"


def counter_columns(halves: bool) -> list[Column]:
    """Of a table that takes `sums`, the map that the stream sends; its own columns are read from that on insert."""
    columns = []
    for counter in COUNTED:
        both = f"DEFAULT sums[{counter.number}] + sums[{counter.number + OTHER}]"
        columns.append(Column(counter.name, "Int64", _meaning(counter), both))
        if halves:
            columns.append(_interactive(counter, f"DEFAULT sums[{counter.number}]"))
    columns += duration_columns(halves)
    columns.append(Column("sums", DURATIONS, "What the stream sends: number of a counter to amount.", "EPHEMERAL"))
    return columns


def duration_columns(halves: bool) -> list[Column]:
    """Counts of tool durations by bucket, of a table that takes `sums`."""
    mine, rest = _buckets(TOOL_DURATIONS), _buckets(TOOL_DURATIONS + OTHER)
    columns = [Column("tool_durations", DURATIONS, _DURATIONS, f"DEFAULT mapAdd({mine}, {rest})")]
    if halves:
        columns.append(
            Column("interactive_tool_durations", DURATIONS, _of_people(_DURATIONS), f"DEFAULT {mine}"),
        )
    return columns


def summed(halves: bool, table: str = "r") -> list[Column]:
    """Of a view that adds rows up: each counter, what it costs in dollars, quantiles of tool durations."""
    return _derived(halves, lambda name: f"sum({table}.{name})", lambda name: f"sumMap({table}.{name})")


def passed(halves: bool, table: str = "r") -> list[Column]:
    """Of a view that shows rows as they are: the same columns."""
    return _derived(halves, lambda name: f"{table}.{name}", lambda name: f"{table}.{name}")


def event_columns() -> list[Column]:
    """Every field of every event, by its name; what an event leaves out is its field's default."""
    fields: dict[str, list[tuple[str, FieldInfo]]] = {}
    for model in EVENT_MODELS:
        for name, info in model.model_fields.items():
            tag = "" if name in Envelope.model_fields else str(model.model_fields["type"].default)
            if name != "type" and (tag or model is EVENT_MODELS[0]):
                fields.setdefault(name, []).append((tag, info))
    types = ", ".join(str(model.model_fields["type"].default) for model in EVENT_MODELS)
    columns = [Column("type", "LowCardinality(String)", f"What happened: {types}.")]
    return columns + [_event_column(name, found) for name, found in fields.items()]


def quantile(durations: str, share: float) -> str:
    """The rule of schemas.counters.quantile: a straight line within the bucket in which the quantile falls."""
    wanted = f"{share} * arraySum(mapValues({durations}))"
    buckets = f"arrayZip({', '.join(f'{part}(mapSort({durations}))' for part in ('mapKeys', 'mapValues'))}, "
    buckets += f"arrayCumSum(mapValues(mapSort({durations}))))"
    low = "if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))"
    high = f"if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = {LAST_BUCKET})) / 2))"
    line = f"{low} + ({high} - {low}) * ({wanted} - b.3 + b.2) / b.2"
    return f"if(empty({durations}), nan, arrayMap(b -> {line}, [arrayFirst(b -> b.3 >= {wanted}, {buckets})])[1])"


_DURATIONS = "Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b."


def _derived(halves: bool, add: Callable[[str], str], add_map: Callable[[str], str]) -> list[Column]:
    columns = []
    for counter in COUNTED:
        columns.append(Column(counter.name, "Int64", _meaning(counter), add(counter.name)))
        if halves:
            columns.append(_interactive(counter, add(f"interactive_{counter.name}")))
    dollars = "cost_micros in US dollars."
    columns.append(Column("cost_usd", "Float64", dollars, f"{add('cost_micros')} / 1e6"))
    columns.append(Column("tool_durations", DURATIONS, _DURATIONS, add_map("tool_durations")))
    if halves:
        cost = f"{add('interactive_cost_micros')} / 1e6"
        columns.append(Column("interactive_cost_usd", "Float64", _of_people(dollars), cost))
        ours = add_map("interactive_tool_durations")
        columns.append(Column("interactive_tool_durations", DURATIONS, _of_people(_DURATIONS), ours))
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        meaning = f"{share:.0%} of the finished tool calls took at most this long; NaN without calls."
        durations = add_map("tool_durations")
        columns.append(Column(f"tool_duration_{name}_ms", "Float64", meaning, quantile(durations, share)))
    return columns


def _meaning(counter: Counter) -> str:
    return f"{counter.meaning} [{counter.unit}]"


def _of_people(meaning: str) -> str:
    return f"{meaning} Interactive use only."


def _interactive(counter: Counter, sql: str) -> Column:
    return Column(f"interactive_{counter.name}", "Int64", _of_people(_meaning(counter)), sql)


def _buckets(first: int) -> str:
    last = first + LAST_BUCKET
    chosen = f"mapFilter((k, n) -> k BETWEEN {first} AND {last}, sums)"
    return f"mapApply((k, n) -> (toUInt16(k - {first}), n), {chosen})"


_PLAIN = {"event_id", "session_id", "run", "user_id", "install_id", "prompt_id", "request_id", "tool_use_id"}
_PLAIN |= {"agent_id", "series"}
"""Texts of which there are many."""


def _event_column(name: str, found: Iterable[tuple[str, FieldInfo]]) -> Column:
    tagged = list(found)
    info = tagged[0][1]
    meanings: dict[str, list[str]] = {}
    for tag, each in tagged:
        meanings.setdefault(each.description or "", []).append(tag)
    meaning = " ".join(f"{text} {_of_types(tags)}".strip() for text, tags in meanings.items())
    return Column(name, _event_type(name, info), meaning, _event_default(tagged))


def _of_types(tags: Iterable[str]) -> str:
    named = [tag for tag in tags if tag]
    return f"Of {', '.join(named)}." if named else ""


def _event_type(name: str, info: FieldInfo) -> str:
    kind = str(info.annotation)
    if name in ("partition", "offset", "stored_at"):
        raise ValueError(f"The store needs the name {name} itself: call the event's field otherwise.")
    if "dict" in kind:
        return "Map(String, Float64)"
    if info.annotation is bool:
        return "Bool"
    if name == "schema_version":
        return "UInt8"
    if info.annotation is int:
        return "Int64"
    if "int" in kind and "None" in kind:
        return "Nullable(Int64)"
    return "String" if name in _PLAIN else "LowCardinality(String)"


def _event_default(found: Iterable[tuple[str, FieldInfo]]) -> str:
    defaults = [(tag, info.default) for tag, info in found if not info.is_required() and info.default]
    defaults = [(tag, value) for tag, value in defaults if isinstance(value, str | int)]
    if not defaults:
        return ""
    tag, value = defaults[0]
    if not tag:
        return f"DEFAULT {value!r}"
    if isinstance(value, bool):
        return f"DEFAULT type IN ({', '.join(repr(tag) for tag, _ in defaults)})"
    return f"DEFAULT if(type = {tag!r}, {value!r}, '')"
