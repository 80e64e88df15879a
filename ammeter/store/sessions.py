"""What a session has SET and which database it USEs, said again before each of its statements."""

from dataclasses import dataclass, field

from ammeter.store.errors import StoreError

_MOST = 1000
_MOST_STATEMENTS = 50


@dataclass(slots=True)
class Session:
    """One session: its statements so far, and until when it is kept (monotonic seconds)."""

    until_s: float
    statements: list[str] = field(default_factory=list)


class Sessions:
    """Sessions by their id, forgotten when unused for their timeout."""

    def __init__(self) -> None:
        self._known: dict[str, Session] = {}

    def statements(self, session_id: str | None, now_s: float, timeout_s: float) -> list[str]:
        """What the session has said so far; its time begins anew."""
        session = self._known.get(session_id or "")
        if session is None or session.until_s < now_s:
            self._known.pop(session_id or "", None)
            return []
        session.until_s = now_s + timeout_s
        return list(session.statements)

    def remember(self, session_id: str, statement: str, now_s: float, timeout_s: float) -> None:
        """Keeps a SET or USE that the engine has accepted."""
        session = self._known.get(session_id)
        if session is None:
            self._known = {name: kept for name, kept in self._known.items() if kept.until_s >= now_s}
            if len(self._known) >= _MOST:
                raise StoreError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many sessions are open; close some.")
            session = self._known.setdefault(session_id, Session(now_s + timeout_s))
        if len(session.statements) >= _MOST_STATEMENTS:
            raise StoreError(
                36, "BAD_ARGUMENTS", f"A session here keeps {_MOST_STATEMENTS} SET and USE; open a new one."
            )
        session.statements.append(statement)
