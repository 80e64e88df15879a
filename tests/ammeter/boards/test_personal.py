"""Boards of one person, attacked: nobody sees what another did, whatever they send."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from ammeter.boards.dashboards import parse
from ammeter.boards.macros import MacroError
from ammeter.boards.mine import Person, bound, only_person
from sinks.frame import Frame, Query
from tests.ammeter.boards.loop import in_loop
from tests.ammeter.boards.people import (
    ADA,
    ADAS_LAPTOP,
    BOB,
    EVE,
    KEY,
    OPTIONS,
    PANELS,
    board,
    query_variable,
    serving,
    store_of_people,
)

PATIENCE_S = 60
MINE = board("mine", PANELS, query_variable("session", OPTIONS))
OF_ADA, OF_BOB = {"ada-1", "ada-2"}, {"bob-1"}
BEHIND_PROXY = {"proxies": ("127.0.0.1",)}
SECRETS = {"bob-1", KEY.of(BOB)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One store for all; nobody changes what is in it."""
    with store_of_people(tmp_path_factory.mktemp("people") / "store") as url:
        yield url


def named(user: str) -> dict[str, str]:
    """As the proxy says it."""
    return {"X-Forwarded-User": user}


async def rows(
    client: aiohttp.ClientSession, panel: int, user: str, asked: dict[str, Any] | None = None, uid: str = "mine"
) -> list[str]:
    """The rows of a panel's CSV, for a user."""
    path = f"/api/boards/{uid}/panels/{panel}.csv?{urlencode(asked or {}, doseq=True)}"
    async with client.get(path, headers=named(user)) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.text()).splitlines()[1:]


async def told(client: aiohttp.ClientSession, query: str, headers: dict[str, str] | None = None) -> str:
    """All that a tab is sent in its first round."""
    got: list[str] = []
    async with client.ws_connect(f"/api/boards/mine/live?{query}", headers=headers) as socket:
        async with asyncio.timeout(PATIENCE_S):
            while not got or "tick" not in json.loads(got[-1]):
                got.append((await socket.receive()).data)
    return "\n".join(got)


def test_everybody_sees_their_own(store: str, tmp_path: Path) -> None:
    """Each person sees the sessions, events and minutes of all their identities, and of nobody else's."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            for user, sessions in ((ADA, OF_ADA), (ADAS_LAPTOP, OF_ADA), (BOB.upper(), OF_BOB), (EVE, set())):
                for panel in (1, 2, 5):
                    assert set(await rows(client, panel, user)) == sessions
                assert await rows(client, 3, user) == [f"{3.0 * len(sessions)}"]

    look()


def test_people_share_a_cache_and_no_answer(store: str, tmp_path: Path) -> None:
    """Two who ask the same at the same time get each their own."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            found = await asyncio.gather(*(rows(client, 1, user) for user in (ADA, BOB) * 5))
        assert [set(one) for one in found] == [OF_ADA, OF_BOB] * 5

    look()


def attacks() -> Iterator[dict[str, str]]:
    """What one might write into a URL to see Bob's."""
    bob = KEY.of(BOB)
    for name in ("viewer", "private", "database", "person", "user", "X-Forwarded-User"):
        for value in (bob, "ammeter_private"):
            yield {f"var-{name}": value}
    for value in (
        "bob-1",
        "') OR 1=1 --",
        "\\') OR 1=1 --",
        f"\\') UNION ALL SELECT session_id, 1 FROM ammeter_private.session_events WHERE user_id = \\'{bob}\\' --",
        "${private}.sessions",
        "${viewer:singlequote}",
        "$__conditionalAll(1=1, $session)",
        "'||(SELECT any(session_id) FROM ammeter_private.session_events)||'",
        "$__all",
        "All",
        "*/ OR 1=1 /*",
    ):
        yield {"var-session": value}
    yield {"user": BOB, "person": bob, "sql": "SELECT * FROM ammeter_private.session_events", "query": "SELECT 1"}


def test_no_url_shows_another_person(store: str, tmp_path: Path) -> None:
    """Another's session, another's name, SQL in variables: no panel, list or CSV tells anything of Bob."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            for asked in attacks():
                # What one typed oneself may come back; what one did not is a leak.
                secrets = {secret for secret in SECRETS if not any(secret in value for value in asked.values())}
                for panel in (1, 4):
                    found = "\n".join(await rows(client, panel, ADA, asked))
                    assert not any(secret in found for secret in SECRETS), (asked, panel, found)
                sent = await told(client, urlencode(asked), named(ADA))
                assert not any(secret in sent for secret in secrets), (asked, sent)
            assert await rows(client, 4, ADA, {"var-session": "bob-1"}) == []
            assert await rows(client, 4, ADA, {"var-session": "ada-2"}) == ["ada-2,3.0"]
            assert await rows(client, 4, ADA) == ["ada-1,3.0"]

    look()


def test_no_header_makes_one_another_person(store: str, tmp_path: Path) -> None:
    """Names from elsewhere than the proxy, two names, no name: refused, or not listened to."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, local_user=ADA) as (_, client):
            for header in ("X-Forwarded-User", "X-Forwarded-Email", "X-Remote-User", "Forwarded", "Cookie"):
                headers = {header: BOB}
                async with client.get("/api/boards/mine/panels/1.csv", headers=headers) as answer:
                    assert set((await answer.text()).splitlines()[1:]) == OF_ADA
                sent = await told(client, "", headers)
                assert not any(secret in sent for secret in SECRETS)
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            for both in ([("X-Forwarded-User", BOB), ("X-Forwarded-User", ADA)], [("x-forwarded-user", "")], []):
                for path in ("/d/mine", "/api/boards/mine/panels/1.csv", "/api/boards/mine/panels/1.sql"):
                    async with client.get(path, headers=both) as answer:
                        assert answer.status == 403

    look()


def test_differences_tell_nothing(store: str, tmp_path: Path) -> None:
    """One's own sessions with and without another's beside them: the same figures, so a difference says nothing."""
    several = board("several", PANELS, query_variable("session", OPTIONS) | {"multi": True})

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, several, **BEHIND_PROXY) as (_, client):
            for own in (["ada-1"], ["ada-1", "ada-2"]):
                alone = await rows(client, 4, ADA, {"var-session": own}, "several")
                for other in ("bob-1", "nobody-1"):
                    both = await rows(client, 4, ADA, {"var-session": [*own, other]}, "several")
                    assert both == alone == [f"{session},3.0" for session in own]

    look()


def test_nobody_is_shown_nothing(store: str, tmp_path: Path) -> None:
    """On a machine whose user nobody named, with several people in the store, the board says what to set."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE) as (_, client):
            sent = await told(client, "")
            refused = await client.get("/api/boards/mine/panels/1.csv")
            told_sql = await client.get("/api/boards/mine/panels/1.sql")
        assert "AMMETER_BOARDS_USER" in sent
        assert "session" not in sent.replace("whose sessions", "")
        assert (refused.status, told_sql.status) == (403, 403)

    look()


def test_the_sql_that_is_told_holds_no_other_name(store: str, tmp_path: Path) -> None:
    """One click shows SQL with one's own pseudonyms in it."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            said = await (await client.get("/api/boards/mine/panels/1.sql", headers=named(ADA))).json()
        assert KEY.of(ADA) in said["expanded"]
        assert KEY.of(ADAS_LAPTOP) in said["expanded"]
        assert KEY.of(BOB) not in said["expanded"]

    look()


def test_the_page_takes_no_sql(store: str, tmp_path: Path) -> None:
    """There is no address to which SQL could be sent, and nothing sent over a socket is listened to."""

    @in_loop
    async def look() -> None:
        async with serving(store, tmp_path, MINE, **BEHIND_PROXY) as (_, client):
            for path in ("/", "/api", "/api/query", "/api/ds/query", "/query", "/api/boards/mine", "/?query=SELECT+1"):
                async with client.post(path, data=b"SELECT 1", headers=named(ADA)) as answer:
                    assert answer.status in (404, 405)
            async with client.ws_connect("/api/boards/mine/live", headers=named(ADA)) as socket:
                await socket.send_str(json.dumps({"sql": "SELECT * FROM ammeter_private.session_events"}))
                async with asyncio.timeout(PATIENCE_S):
                    while "tick" not in (message := json.loads((await socket.receive()).data)):
                        assert not any(secret in json.dumps(message) for secret in SECRETS)

    look()


def test_a_board_cannot_name_what_is_private() -> None:
    """A board for everybody names nothing private, a personal one only relations that are narrowed to a person."""
    for sql in ("SELECT 1 FROM ammeter_private.sessions", "SELECT 1 FROM AMMETER_PRIVATE.events"):
        for is_personal in (False, True):
            with pytest.raises(ValueError, match="names a private database"):
                parse(board("b", {1: ("table", sql)}), "ammeter", is_personal=is_personal)
    for sql in ("SELECT 1 FROM ${private}.sessions", "SELECT ${viewer:singlequote}"):
        with pytest.raises(ValueError, match="reads what is private"):
            parse(board("b", {1: ("table", sql)}), "ammeter")
    ada = Person(KEY.of(ADA), (KEY.of(ADA),))
    for sql in ("FROM ${private}.session_events", "FROM ${private}.directory", "FROM ${private}", "${private}.policy"):
        with pytest.raises(MacroError, match="nothing that a personal board may read"):
            bound(sql, "ammeter_private", ada)


@pytest.mark.parametrize("name", ["", "ada", "u_1", "u_0123456789abcdef'", "u_0123456789abcdeF", "unknown"])
def test_a_person_is_a_pseudonym(name: str) -> None:
    """Nothing else can get into SQL as a person."""
    with pytest.raises(ValueError, match="is no pseudonym"):
        Person(name, ())
    with pytest.raises(ValueError, match="is no pseudonym"):
        Person(KEY.of(ADA), (name,))


def test_the_only_person_of_a_store_is_the_local_user() -> None:
    """Where nobody says who looks it is the one person whom the store knows, under however many identities."""
    known = {KEY.of(ADA): KEY.of(ADA), KEY.of(ADAS_LAPTOP): KEY.of(ADA), KEY.of(BOB): KEY.of(BOB)}

    def asking(*users: str) -> Query:
        async def ask(sql: str) -> Frame:
            if "user_minute_rows" in sql:
                return Frame(("user_id",), ("string",), ([KEY.of(user) for user in users],))
            asked = next(person for identity, person in known.items() if f"identity = '{identity}'" in sql)
            entries = [(identity, person) for identity, person in known.items() if person == asked]
            columns = tuple(list(column) for column in zip(*entries, strict=True))
            return Frame(("identity", "person_id"), ("string", "string"), columns)

        return ask

    both = Person(KEY.of(ADA), tuple(sorted({KEY.of(ADA), KEY.of(ADAS_LAPTOP)})))
    assert asyncio.run(only_person(asking(ADA, ADAS_LAPTOP), "ammeter_private")) == both
    assert asyncio.run(only_person(asking(ADA, BOB), "ammeter_private")) is None
    assert asyncio.run(only_person(asking(), "ammeter_private")) is None
