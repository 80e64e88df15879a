"""A store of a whole quarter: 10 million raw events, a million sessions, 2,000 people. Rule: made by SQL, always alike.

It is what bench/store_panels.py asks. A tenth of what is last comes in small inserts after the rest was merged, as a
running sink leaves it.
"""

from sinks.clickhouse import ClickHouse

SESSIONS, EVENTS_A_SESSION, USERS, TEAMS, DAYS = 1_000_000, 10, 2_000, 100, 90
MINUTE, DAY = 60_000, 86_400_000
AT_ONCE = 250_000
FRESH = 20_000
"""Sessions of the last hours, which come in parts of their own."""
FRESH_PARTS = 8

_AGE = f"toInt64({DAYS * DAY} * (1 - n / {{all}})) + 300000"
_SESSION = f"""
SELECT number + {{first}} AS n, lower(hex(MD5(toString(n)))) AS session_id, {{now}} - {_AGE} AS started,
    started + 20000 + cityHash64(n, 1) % 2400000 AS ended, ended + 1800000 AS closed, closed > {{now}} AS open,
    cityHash64(n, 2) % {USERS} AS u, concat('u_', leftPad(toString(u), 16, '0')) AS user,
    concat('team-', leftPad(toString(u % {TEAMS}), 3, '0')) AS team, cityHash64(n, 3) % 20 AS luck
FROM numbers({{count}})"""

_SUMS = """map(0, 10 + luck, 1, 2, 4, 4, 5, 2, 6, 5 + luck % 7, 7, luck % 4, 8, 5, 9, luck = 1, 13, 900 + n % 5000,
    14, 700 + n % 900, 15, 40000, 17, 30000 + n % 90000, 19, (n % 40) * (luck % 3), 20, n % 9, 21, luck = 4,
    31, 20000, 32, 9000 + n % 5000, 45, 4000 + n % 1000, 128 + n % 30, 5, 256 + n % 33, 2, 385, 2, 387, 2, 388, 1)"""

STATEMENTS = {
    "session_state_rows": f"""(session_id, segment, version, definitions, source, client_version, entrypoint, user_id,
        user_id_kind, install_id, team_hint, is_open, started_at, ended_at, seen_at, end_reason, closed_at, closing_at,
        marks, told, told_at, sums)
    SELECT session_id, started + 500, (ended + 900) * 1000, 1, 'claude-code', concat('2.1.', toString(n % 40)),
        if(luck = 0, 'sdk-py', 'cli'), user, 'email', concat('i_', toString(u)), team, open, started, ended,
        ended + 900, if(open, '', 'idle'), if(open, 0, closed), 0,
        map(0, started, 1, ended - luck * 500, 2, ended - 3000, 3, if(luck % 4 = 0, 0, ended - luck * 300)), '', 0,
        {_SUMS} FROM ({_SESSION})""",
    "session_outcome_rows": f"""SELECT session_id, started + 500, (closed + 900001) * 1000, 1, user, team,
        'claude-code', luck != 0, started, ended, closed + 900000,
        transform(luck, [1, 2, 3, 4], ['abandoned', 'abandoned_after_trouble', 'restarted', 'verified_success'],
            'ended_clean'),
        luck IN (2, 3), if(luck = 3, bitShiftLeft(1, 13), 0) + if(luck = 4, 1, 0), 'medium', 0
        FROM ({_SESSION}) WHERE NOT open""",
    "user_minute_rows": f"""(minute, team_id, user_id, segment, version, definitions, hint, sums)
    SELECT toDateTime(intDiv(started + place * 480000, {MINUTE}) * 60, 'UTC') AS minute, team, user, 0,
        max(ended) * 1000, 1, team, sumMap(mapConcat({_SUMS.replace("385, 2, 387, 2, 388, 1", "385, 2")},
        if(place = 0, map(48, 1, 49, luck IN (2, 3), 50, luck = 4, 51, luck > 4, 52, luck = 2, 55, n % 3), map())))
    FROM ({_SESSION}) ARRAY JOIN [0, 1, 2] AS place WHERE place <= n % 3 + (n % 5 = 0)
    GROUP BY minute, team, user""",
    "session_events": f"""(type, event_id, session_id, source, client_version, entrypoint, user_id, user_id_kind,
        install_id, sequence, run, `index`, occurred_at, received_at, team_hint, tool_name, success, duration_ms,
        name, kind, value, temporality, language, decision_source, partition, offset, stored_at)
    SELECT transform(k, [0, 3, 6, 9], ['prompt_submitted', 'model_responded', 'tool_finished', 'usage_reported'],
            'tool_finished') AS type,
        concat(substring(session_id, 1, 16), '-', toString(k)), session_id, 'claude-code',
        concat('2.1.', toString(n % 40)), if(luck = 0, 'sdk-py', 'cli'), user, 'email', concat('i_', toString(u)),
        if(k = 9, NULL, k + (k > 4 AND luck = 7)), substring(session_id, 1, 16), k,
        started + intDiv((ended - started) * k, 10) AS at, at + 900, team,
        if(type = 'tool_finished', ['Bash', 'Edit', 'Read', 'Grep'][n % 4 + 1], ''), k % 5 != 1, 100 + n % 4000,
        if(k = 9, ['claude_code.code_edit_tool.decision', 'claude_code.lines_of_code.count'][n % 2 + 1], ''),
        if(k = 9, 'accept', ''), if(k = 9, 1 + n % 3, 0), 'delta', if(k = 9, ['Python', 'Go'][n % 2 + 1], ''),
        if(k = 9, 'config', ''), n % 6, intDiv(n, 6) * 2 + (k > 5), fromUnixTimestamp64Milli(at + 1200, 'UTC')
    FROM ({_SESSION}) ARRAY JOIN range({EVENTS_A_SESSION}) AS k""",
}


def fill(store: ClickHouse, now: int, sessions: int = SESSIONS) -> None:
    """Fills an empty store, `now` (epoch milliseconds) being the end of the quarter."""
    _around(store, now)
    settled = sessions - FRESH
    for table, statement in STATEMENTS.items():
        firsts = [(first, min(AT_ONCE, settled - first)) for first in range(0, settled, AT_ONCE)]
        for first, count in firsts:
            _insert(store, table, statement, now, sessions, first, count)
        store.command(f"OPTIMIZE TABLE ammeter_private.{table} FINAL")
        for part in range(FRESH_PARTS):
            size = FRESH // FRESH_PARTS
            _insert(store, table, statement, now, sessions, settled + part * size, size)


def _insert(store: ClickHouse, table: str, statement: str, now: int, sessions: int, first: int, count: int) -> None:
    text = statement
    for name, value in (("first", first), ("count", count), ("now", now), ("all", sessions)):
        text = text.replace(f"{{{name}}}", str(value))
    store.command(f"INSERT INTO ammeter_private.{table} {text}")


def _around(store: ClickHouse, now: int) -> None:
    """The directory, labels, windows and samples."""
    identity = "concat('u_', leftPad(toString(number), 16, '0'))"
    team = f"concat('team-', leftPad(toString(number % {TEAMS}), 3, '0'))"
    store.command(
        "INSERT INTO ammeter_private.directory_rows (identity, version, person, valid_from, teams, roles, occupations)"
        f" SELECT {identity}, 1, {identity}, [0, {now - 30 * DAY}], [{team}, {team}], ['', ''], ['', '']"
        f" FROM numbers({USERS})"
    )
    store.command(
        "INSERT INTO ammeter_private.session_label_rows (session_id, version, labelled_at, work_mode, expertise,"
        f" outcome) SELECT lower(hex(MD5(toString(number * 400)))), 1, {now}, 'build', 3, 'ended_clean'"
        " FROM numbers(2000)"
    )
    spans = "[('5m', 5), ('1h', 60), ('24h', 1440)]"
    minute = now // MINUTE * 60
    store.command(
        "INSERT INTO ammeter_private.team_window_rows (team_id, span, span_minutes, as_of, people, version,"
        f" definitions, sums) SELECT {team}, w.1, w.2, toDateTime({minute}, 'UTC'), 2 + w.2 % 17, 1, 1,"
        f" map(0, w.2 * 9, 1, w.2, 6, w.2 * 3, 17, w.2 * 5000) FROM numbers({TEAMS}) ARRAY JOIN {spans} AS w"
    )
    store.command(
        "INSERT INTO ammeter_private.user_window_rows (user_id, span, span_minutes, as_of, version, definitions, sums)"
        f" SELECT {identity}, w.1, w.2, toDateTime({minute}, 'UTC'), 1, 1, map(0, w.2 * 9, 1, w.2)"
        f" FROM numbers({USERS}) ARRAY JOIN {spans} AS w"
    )
    store.command(
        "INSERT INTO ammeter_private.pipeline_sample_rows SELECT"
        f" {now} - intDiv(number, 19) * 5000, ['sessions', 'users', 'teams', 'sink'][number % 4 + 1], number % 6,"
        " number % 50, number % 900, number % 400 FROM numbers(2000000)"
    )
