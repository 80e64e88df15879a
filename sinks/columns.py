"""The columns that many relations share, as SQL. Rule: each column has its definition beside it, and it is said once.

A column is of the release that brought it (`since`): what tables of older ones lack is added by the migrations of
the newest (sinks/render.py). A counter that is appended to schemas/counters.py needs its number in COUNTERS_SINCE.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pydantic.fields import FieldInfo

from schemas.counters import (
    COUNTERS,
    LAST_BUCKET,
    OF_MINUTES,
    OF_SESSIONS,
    OTHER,
    TOOL_DURATIONS,
    TOOL_KIND,
    TURN_DURATIONS,
    Counter,
)
from schemas.events import EVENT_MODELS, Envelope
from schemas.evidence import ToolKind

COUNTERS_SINCE = {1: 0, 2: 35}
"""The first counter that each release of the schema brought."""

RELEASE = 3
"""The release that is rendered; what came before it is history."""


class Column(NamedTuple):
    """A column: of a table with its default, of a view with its expression."""

    name: str
    type: str
    meaning: str
    sql: str = ""
    since: int = 1


class Distribution(NamedTuple):
    """A column of counts by number: where its numbers begin in `Sums`, and what it counts."""

    name: str
    first: int
    meaning: str
    since: int


COUNTED = COUNTERS
MAP = "Map(UInt16, Int64)"
DISTRIBUTIONS = (
    Distribution(
        "tool_durations",
        TOOL_DURATIONS,
        "Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.",
        1,
    ),
    Distribution(
        "turn_durations", TURN_DURATIONS, "Turns by half octave of the time from their first event to their last.", 2
    ),
    Distribution(
        "tool_kinds",
        TOOL_KIND,
        f"Finished tool calls by kind: {', '.join(f'{kind.value} {kind.name.lower()}' for kind in ToolKind)}.",
        2,
    ),
)


def counters(halves: bool) -> list[Counter]:
    """Those of relations that tell interactive use apart (minutes, windows), or of sessions."""
    return [each for each in COUNTED if each.number not in (OF_SESSIONS if halves else OF_MINUTES)]


def distributions(halves: bool) -> list[Distribution]:
    """The same of distributions."""
    return [each for each in DISTRIBUTIONS if not halves or each.first not in OF_SESSIONS]


def since(counter: Counter) -> int:
    """The release of the schema that brought a counter."""
    return max(release for release, first in COUNTERS_SINCE.items() if counter.number >= first)


def counter_columns(halves: bool) -> list[Column]:
    """Of a table that takes `sums`, the map that the stream sends; its own columns are read from that on insert."""
    columns = []
    for counter in counters(halves):
        both = f"DEFAULT sums[{counter.number}] + sums[{counter.number + OTHER}]"
        columns.append(Column(counter.name, "Int64", _meaning(counter), both, since(counter)))
        if halves:
            columns.append(_interactive(counter, f"DEFAULT sums[{counter.number}]")._replace(since=since(counter)))
    for each in distributions(halves):
        mine, rest = _numbered(each.first), _numbered(each.first + OTHER)
        columns.append(Column(each.name, MAP, each.meaning, f"DEFAULT mapAdd({mine}, {rest})", each.since))
        if halves:
            people = Column(f"interactive_{each.name}", MAP, _of_people(each.meaning), f"DEFAULT {mine}", each.since)
            columns.append(people)
    columns.append(Column("sums", MAP, "What the stream sends: number of a counter to amount.", "EPHEMERAL"))
    return columns


def summed(halves: bool, table: str = "r") -> list[Column]:
    """Of a view that adds rows up: each counter, what it costs in dollars, quantiles of tool durations."""
    return _derived(
        halves, lambda name: f"sum({table}.{name})", lambda name: f"mapFilter((k, n) -> n != 0, sumMap({table}.{name}))"
    )


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


def quantile(durations: str, share: float | str) -> str:
    """The rule of schemas.counters.quantile: a straight line within the bucket in which the quantile falls.

    `durations` stands in it once, as `d`: whoever asks a view pays for all that its columns say, asked for or not.
    """
    wanted = f"{share} * arraySum(mapValues(d))"
    buckets = "arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d))))"
    low = "if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))"
    high = f"if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = {LAST_BUCKET})) / 2))"
    line = f"{low} + ({high} - {low}) * ({wanted} - b.3 + b.2) / b.2"
    found = f"if(empty(d), nan, arrayMap(b -> {line}, [arrayFirst(b -> b.3 >= {wanted}, {buckets})])[1])"
    return f"arrayMap(d -> {found}, [{durations}])[1]"


def bucket(duration: str) -> str:
    """The half octave of a duration in milliseconds: bucket b holds 2^(b-1) <= ms^2 < 2^b."""
    square = f"toUInt128({duration}) * toUInt128({duration})"
    return f"least(length(trimLeft(bin({square}), '0')), {LAST_BUCKET})"


Shown = Callable[[str], str]
"""How a view shows a column of its table."""


def _derived(halves: bool, add: Shown, add_map: Shown) -> list[Column]:
    columns = []
    for counter in counters(halves):
        columns.append(Column(counter.name, "Int64", _meaning(counter), add(counter.name)))
        if halves:
            columns.append(_interactive(counter, add(f"interactive_{counter.name}")))
    for each in distributions(halves):
        columns.append(Column(each.name, MAP, each.meaning, add_map(each.name)))
        if halves:
            ours = f"interactive_{each.name}"
            columns.append(Column(ours, MAP, _of_people(each.meaning), add_map(ours)))
    columns += _figures(add, add_map)
    if halves:
        of_people = _figures(lambda name: add(f"interactive_{name}"), lambda name: add_map(f"interactive_{name}"))
        columns += [
            each._replace(name=f"interactive_{each.name}", meaning=_of_people(each.meaning)) for each in of_people
        ]
    return columns


def _figures(add: Shown, add_map: Shown) -> list[Column]:
    """What is worked out from counters: shown beside them, and never added up."""
    turns, prompts = f"nullIf({add('turns')}, 0)", f"nullIf({add('prompts')}, 0)"
    columns = [
        Column("cost_usd", "Float64", "cost_micros in US dollars.", f"{add('cost_micros')} / 1e6"),
        Column(
            "actions_per_prompt",
            "Nullable(Float64)",
            "Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.",
            f"pow(2, {add('log_actions')} / 1000 / {turns})",
        ),
        Column(
            "output_per_prompt",
            "Nullable(Float64)",
            "output_tokens / prompts: the calls of tools are in it; null without prompts.",
            f"{add('output_tokens')} / {prompts}",
        ),
    ]
    for name, what in (("tool_duration", "finished tool calls"), ("turn_duration", "turns")):
        for quantile_name, share in (("p50", 0.5), ("p95", 0.95)):
            meaning = f"{share:.0%} of the {what} took at most this long; NaN without any."
            durations = add_map(f"{name}s")
            columns.append(Column(f"{name}_{quantile_name}_ms", "Float64", meaning, quantile(durations, share)))
    return columns


def _meaning(counter: Counter) -> str:
    return f"{counter.meaning} [{counter.unit}]"


def _of_people(meaning: str) -> str:
    return f"{meaning} Interactive use only."


def _interactive(counter: Counter, sql: str) -> Column:
    return Column(f"interactive_{counter.name}", "Int64", _of_people(_meaning(counter)), sql)


def _numbered(first: int) -> str:
    chosen = f"mapFilter((k, n) -> k BETWEEN {first} AND {first + LAST_BUCKET}, sums)"
    return f"mapApply((k, n) -> (toUInt16(k - {first}), n), {chosen})"


_PLAIN = {"event_id", "session_id", "run", "user_id", "install_id", "prompt_id", "request_id", "tool_use_id"}
_PLAIN |= {"agent_id", "series", "target"}
"""Texts of which there are many."""

_LATER = dict.fromkeys(("via", "reasoning_tokens", "target", "command_kind", "interrupted", "outcome"), 2)
"""Fields of events that came after the first release of the schema."""


def _event_column(name: str, found: Iterable[tuple[str, FieldInfo]]) -> Column:
    tagged = list(found)
    info = tagged[0][1]
    meanings: dict[str, list[str]] = {}
    for tag, each in tagged:
        meanings.setdefault(each.description or "", []).append(tag)
    meaning = " ".join(f"{text} {_of_types(tags)}".strip() for text, tags in meanings.items())
    return Column(name, _event_type(name, info), meaning, _event_default(tagged), _LATER.get(name, 1))


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
