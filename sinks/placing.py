"""Who stands behind an identity, and in which team at a moment, as SQL. Rule: what the directory says holds at once.

An entry of the directory beats the clients' hint, and one without a team means none. Before its first entry, and of
whoever has none, the hint holds. A join, because a dictionary would know a new entry only after its next loading.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

MINUTE = 60_000
DIRECTORY = """\
(
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    )"""


SEGMENTS = """\
(
        SELECT w.session_id AS session_id, w.segment AS segment, argMax(w.is_open, w.version) AS is_open,
            argMax(w.closed_at, w.version) AS closed_at
        FROM ${private}.session_state_rows AS w GROUP BY w.session_id, w.segment
    )"""
"""How each segment of a session stands. FINAL would leave a row for each day on which it was said to have begun."""


def entries(value: str, table: str = "d") -> str:
    """The number of the entry that holds at a moment (milliseconds); 0: none does."""
    return f"arrayLastIndex(since -> since <= {value}, {table}.valid_from)"


def team(moment: str, hint: str) -> str:
    """The team at a moment (milliseconds) of one whom the clients put into `hint`."""
    entry = entries(moment)
    own = f"if({hint} = '', 'unassigned', {hint})"
    return f"if({entry} = 0, {own}, if(d.teams[{entry}] = '', 'unassigned', d.teams[{entry}]))"


def person(identity: str) -> str:
    """The person of an identity: the directory's, else the identity."""
    return f"if(d.person = '', {identity}, d.person)"


def placed(table: str, moment: str, hint: str, more: str = "") -> str:
    """FROM a relation with `placed_team` and `person_id` beside its columns, as `r`; its rows are `a` within."""
    return (
        "FROM (\n"
        f"    SELECT a.*, {team(moment, hint)} AS placed_team, {person('a.user_id')} AS person_id{more}\n"
        f"    FROM {table}\n"
        f"    LEFT JOIN {DIRECTORY} AS d ON d.identity = a.user_id\n"
        ") AS r"
    )


MINUTE_HINT = "if(a.hint = '', toString(a.team_id), toString(a.hint))"
"""Rows of before there was a directory hold the hint as their team."""


def placed_minutes() -> str:
    """The rows of user minutes."""
    return placed("${private}.user_minute_rows AS a FINAL", "toUnixTimestamp(a.minute) * 1000", MINUTE_HINT)


def placed_outcomes() -> str:
    """The rows of verdicts. A session that the stream forgot keeps the team of its time in its row, not here."""
    moment = f"intDiv(a.started_at, {MINUTE}) * {MINUTE}"
    return placed("${private}.session_outcome_rows AS a FINAL", moment, "toString(a.team_id)")
