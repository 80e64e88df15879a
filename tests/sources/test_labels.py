"""Labels and interventions from sheets: the study's words, however they are written, and no others."""

import pytest

from schemas import wire
from schemas.people import Pseudonyms
from sources.labels import read_interventions, read_labels
from sources.sheets import SheetRefused

NAMES = Pseudonyms(b"k" * 32)
MARCH = 1_772_323_200_000
HEADER = "session_id,work_mode,expertise,outcome,success_signal,failure_signal,value,occupation,labeller,labelled_at\n"


def test_a_label_is_read_whole() -> None:
    """Words as people write them; who labelled is a pseudonym, unless it is a tool."""
    found = read_labels(
        (
            HEADER + "s1,Fix,4,No clear goal,none,3,1200,software,Kim,2026-03-01\ns2,,Unclear,,,,5,,tool:judge-1,\n"
        ).encode(),
        NAMES,
        MARCH + 5,
        7,
        2,
    )

    assert found == {
        "s1": wire.SessionLabel(7, 2, "s1", MARCH, NAMES.of("kim"), "fix", 4, "no_clear_goal", 0, 3, 1200, "software"),
        "s2": wire.SessionLabel(7, 2, "s2", MARCH + 5, "tool:judge-1", value=5),
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",fix,,,,,,,,", "line 2, session_id: is empty"),
        ("s1,fixing,,,,,,,,", "line 2, work_mode: 'fixing' is none: choose plan, build,"),
        ("s1,fix,6,,,,,,,", "line 2, expertise: '6' is no whole number from 1 to 5"),
        ("s1,fix,2.5,,,,,,,", "line 2, expertise: '2.5' is no whole number"),
        ("s1,fix,,won,,,,,,", "line 2, outcome: 'won' is none: choose succeeded, partially, failed, no_clear_goal"),
        ("s1,fix,,,6,,,,,", "line 2, success_signal: '6'"),
        ("s1,fix,,,,,-1,,,", "line 2, value: '-1'"),
        ("s1,,,,,,,,kim,", "line 2: says nothing of the session"),
        ("s1,fix,,,,,,,,\ns1,fix,,,,,,,,", "line 3, session_id: stands in line 2 as well"),
    ],
)
def test_other_words_are_refused(row: str, said: str) -> None:
    """With the place and the choice."""
    with pytest.raises(SheetRefused) as refused:
        read_labels((HEADER + row).encode(), NAMES, MARCH, 7, 2)

    assert str(refused.value.faults[0]).startswith(said)
    assert len(refused.value.faults) == 1


def test_interventions_are_read() -> None:
    """Open ones and ended ones."""
    found = read_interventions(
        b"id,kind,title,team,started_at,ended_at\nt1,Training,Prompting,web,2026-03-01,2026-03-02\n"
        b"kb,knowledge base,Wiki,,2026-03-01,\n",
        7,
        2,
    )

    assert found == {
        "t1": wire.Intervention(7, 2, "t1", "training", MARCH, "Prompting", "web", MARCH + 86_400_000),
        "kb": wire.Intervention(7, 2, "kb", "knowledge_base", MARCH, "Wiki"),
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("t1,party,,,2026-03-01,", "line 2, kind: 'party' is none: choose training, knowledge_base"),
        ("t1,,,,2026-03-01,", "line 2, kind: is empty: choose training"),
        ("t1,tool,,,,", "line 2, started_at: is empty"),
        ("t1,tool,,,2026-03-01,2026-03-01", "line 2, ended_at: is not after started_at"),
        ("t1,tool,,,2026-03-01,\nt1,tool,,,2026-03-01,", "line 3, id: stands in line 2 as well"),
    ],
)
def test_impossible_interventions_are_refused(row: str, said: str) -> None:
    """With the place and the reason."""
    with pytest.raises(SheetRefused) as refused:
        read_interventions(("id,kind,title,team,started_at,ended_at\n" + row).encode(), 7, 2)

    assert [str(fault).startswith(said) for fault in refused.value.faults] == [True]
