"""What is wrong, from facts: each finding with what to do, and none where all is well."""

from typing import Any

import pytest

from ammeter.findings import (
    DAY_MS,
    Client,
    Finding,
    clients,
    of_clients,
    of_disks,
    of_identities,
    of_losses,
    of_pipeline,
    of_strangers,
)
from sinks.diagnosis import DeadLetters, Disk, Identity, Loss, Progress, Stranger, Use

T = 1_795_000_000_000
TODAY = T // DAY_MS


def use(**more: Any) -> Use:
    """Somebody who sends everything."""
    well = Use("claude-code", "2.1.330", "u_1", "email", 2, 2, 2, 2, 0, 0, 0, 0, 0, T, [TODAY])
    return well._replace(**more)


def checks(found: Any) -> list[str]:
    """The names of findings."""
    return [finding.check for finding in found]


def test_nothing_is_found_where_all_is_well() -> None:
    """A sound deployment exits 0."""
    identity = Identity("u_1", "email", ["u_i"], ["web"], 2)
    assert list(of_clients([use()], {}, T)) == []
    assert list(of_identities([identity], {}, 0)) == []
    assert list(of_identities([identity], {"u_1": "u_1"}, 5)) == []
    assert list(of_strangers([])) + list(of_losses([])) == []
    assert list(of_pipeline([Progress("sink", 0, T, 0, 0), Progress("users", 0, T, 10, 300)], [], T + 5_000)) == []
    assert list(of_disks([Disk("default", 50 << 30, 100 << 30)])) == []


def test_clients_are_added_up_by_version() -> None:
    """People counted once, the last word counts."""
    found = clients([use(), use(kind="install", heard_at=T + 1), use(client_version="2.2.0", person="")])

    assert found == [
        Client("claude-code", "2.1.330", 4, 1, T + 1, 4, 4, 4),
        Client("claude-code", "2.2.0", 2, 0, T, 2, 2, 2),
    ]


@pytest.mark.parametrize(
    ("given", "check", "do"),
    [
        ({"with_metrics": 0, "without_metrics": 2}, "metrics", "OTEL_METRICS_EXPORTER=otlp"),
        ({"with_logs": 0, "without_logs": 2}, "logs", "OTEL_LOGS_EXPORTER=otlp"),
        ({"with_logs": 0, "with_metrics": 0, "hooks_alone": 2, "person": "", "kind": ""},
         "telemetry", "CLAUDE_CODE_ENABLE_TELEMETRY"),
        ({"client_version": "2.1.197"}, "version", "Node"),
        ({"cumulative": 1}, "temporality", "TEMPORALITY_PREFERENCE"),
        ({"kind": "install"}, "identity", "--person"),
        ({"person": "", "kind": ""}, "identity", "--person"),
        ({"days": [TODAY - 20, TODAY - 19, TODAY - 18], "heard_at": T - 5 * DAY_MS}, "silence", "401"),
        ({"source": "codex", "kind": "install", "with_metrics": 0, "without_metrics": 2}, "identity", "--person"),
    ],
)  # fmt: skip
def test_what_a_client_lacks_is_told(given: dict[str, Any], check: str, do: str) -> None:
    """One finding for one fault, with what to set."""
    (finding,) = of_clients([use(**given)], {}, T)

    assert finding.check == check
    assert do in finding.do


def test_some_sessions_without_metrics_are_no_finding() -> None:
    """A killed session sends none; only who never sends any has lost a setting."""
    assert list(of_clients([use(with_metrics=1, without_metrics=1)], {}, T)) == []


def test_an_installation_that_the_directory_knows_is_somebody() -> None:
    """What the advice said was done."""
    assert list(of_clients([use(kind="install")], {"u_1": "u_9"}, T)) == []


def test_who_stopped_is_told_by_pseudonym() -> None:
    """Regular people who were not heard for a week, while others are; not those who came once, nor old containers."""
    regular = [TODAY - 20, TODAY - 19, TODAY - 18]
    gone = use(person="u_2", days=regular, heard_at=T - 8 * DAY_MS)
    once = use(person="u_3", days=regular[:1], heard_at=T - 8 * DAY_MS)
    container = use(person="u_4", kind="install", days=regular, heard_at=T - 8 * DAY_MS)
    found = [finding for finding in of_clients([use(), gone, once, container], {}, T) if finding.check == "silence"]

    assert [finding.what for finding in found] == ["1 person (u_2) silent for over 7 days after 3 days or more of use"]


def test_nothing_at_all_is_told() -> None:
    """With the way to begin."""
    (finding,) = of_clients([], {}, T)

    assert "ammeter connect" in finding.do


def test_identities_without_an_entry_come_with_a_suggestion() -> None:
    """The same installation seen under a better name, and the team that the client says."""
    identities = [
        Identity("u_email", "email", ["u_i1"], ["web", "ops"], 9),
        Identity("u_i1", "install", ["u_i1"], ["web"], 2),
        Identity("u_new", "email", ["u_i2"], [], 1),
    ]
    found = list(of_identities(identities, {"u_email": "u_dana"}, 0))

    assert [finding.what for finding in found] == [
        "u_i1 (install, 2 sessions) has no entry",
        "u_new (email, 1 sessions) has no entry",
    ]
    assert found[0].do == (
        "add a row to the directory's file: probably the same person as u_email, whom the directory knows as u_dana"
        " (same installation); its client says team web"
    )
    assert found[1].do == "add a row to the directory's file"


def test_many_identities_without_an_entry_are_counted() -> None:
    """A fleet of containers does not fill the screen; the most used come first."""
    identities = [Identity(f"u_{number}", "install", [], [], number) for number in range(1, 61)]
    found = list(of_identities(identities, {"u_other": "u_other"}, 0))

    assert found[0].what == "u_60 (install, 60 sessions) has no entry"
    assert found[-1].what == "10 more identities have no entry"
    assert len(found) == 51


def test_without_directory_and_teams_the_way_is_shown() -> None:
    """One finding, not one a person."""
    (finding,) = of_identities([Identity("u_1", "email", [], [], 1)], {}, 3)

    assert finding == Finding("team", "3 sessions without a team, and no directory", finding.do)
    assert "ammeter directory load" in finding.do


def test_strange_events_are_told_by_version() -> None:
    """The most frequent first, the rest counted."""
    found = of_strangers([Stranger("claude-code", "9.0", f"e{number}", 10 - number) for number in range(7)])

    assert [finding.what for finding in found] == [
        "claude-code 9.0 (newer than 2.1.331, the last that was tried): "
        "e0 (10), e1 (9), e2 (8), e3 (7), e4 (6) and 2 more"
    ]


def test_lost_telemetry_is_told_as_lost() -> None:
    """With the setting that makes clients resend."""
    (finding,) = of_losses([Loss("s1", "claude-code", 10), Loss("s2", "claude-code", 2)])

    assert finding.what == "12 events of 2 sessions never came, most of s1 (10), s2 (2)"
    assert "OTEL_EXPORTER_OTLP_TIMEOUT=60000" in finding.do


@pytest.mark.parametrize(
    ("progress", "check", "what"),
    [
        ([], "sink", "it never said anything"),
        ([Progress("sink", 0, T - 180_000, 0, 0)], "sink", "it said nothing for 3 minutes"),
        ([Progress("sink", 0, T, 20_000, 0)], "pipeline", "sink, partition 0, is 20,000 messages behind"),
        ([Progress("sink", 0, T, 0, 0), Progress("users", 1, T, 0, 90_000)],
         "pipeline", "users, partition 1, has seen no time for 90 s"),
        ([Progress("sink", 0, T, 0, 0), Progress("users", 1, T - 90_000, 0, 0)],
         "pipeline", "users, partition 1, stopped reporting"),
    ],
)  # fmt: skip
def test_a_part_that_stands_still_is_told(progress: list[Progress], check: str, what: str) -> None:
    """Which part, which partition, and how far behind."""
    (finding,) = of_pipeline(progress, [], T + 1_000)

    assert (finding.check, finding.what) == (check, what)


def test_dead_letters_are_told_by_reason() -> None:
    """Any is one too many."""
    found = of_pipeline([Progress("sink", 0, T, 0, 0)], [DeadLetters("session-events", "no event", 3, T)], T)

    assert [finding.what for finding in found] == ["3 messages of session-events were set aside: no event"]


def test_a_full_disk_is_told_before_it_is_full() -> None:
    """By share and by size."""
    disks = [Disk("big", 40 << 30, 1000 << 30), Disk("small", 500 << 20, 4 << 30), Disk("well", 10 << 30, 100 << 30)]

    assert checks(of_disks(disks)) == ["disk", "disk"]
