"""The people of a simulation."""

import pytest

from sources.simulator.organisation import Organisation, demo_organisation, even_sizes, organisation
from sources.simulator.rates import Rates

PEOPLE = organisation((100,) * 60, seed=5).people


def test_the_same_seed_gives_the_same_people() -> None:
    """An organisation follows from its seed."""
    assert demo_organisation(3) == demo_organisation(3)
    assert demo_organisation(3) != demo_organisation(4)


def test_a_person_does_not_depend_on_who_else_is_there() -> None:
    """Enlarging the last team leaves everybody else as they were."""
    assert organisation((4, 3), 1).people == organisation((4, 9), 1).people[:7]


def test_the_demo_has_ten_teams_of_12_and_a_troubled_one_of_25() -> None:
    """The sizes at which two weeks tell trouble from chance."""
    demo: Organisation = demo_organisation(1)
    sizes = [sum(person.team == team for person in demo.people) for team in demo.teams]
    assert sizes == [12] * 10 + [25]
    assert demo.troubled_team == demo.teams[-1]


def test_names_are_unique() -> None:
    """No two people share an e-mail or an installation, no two teams a name."""
    assert len({person.email for person in PEOPLE}) == len({person.install for person in PEOPLE}) == len(PEOPLE)
    assert len({person.team.name for person in PEOPLE}) == 60


@pytest.mark.parametrize(("teams", "users"), [(0, 5), (3, 2)])
def test_impossible_sizes_are_refused(teams: int, users: int) -> None:
    """A team without people is an error that says what to do."""
    with pytest.raises(ValueError, match="at least one person a team"):
        even_sizes(teams, users)


@pytest.mark.parametrize(
    ("rate", "share"),
    [
        ("hooks", lambda p: p.hooks),
        ("old_client", lambda p: p.old),
        ("protobuf", lambda p: p.protobuf),
        ("gzip", lambda p: p.gzip),
        ("cumulative", lambda p: p.cumulative),
        ("details", lambda p: p.details),
        ("says_version", lambda p: p.says_version),
        ("resource_only", lambda p: p.resource_only),
        ("enduser", lambda p: p.named_by == "enduser"),
        ("install_only", lambda p: p.named_by == "install"),
        ("no_team", lambda p: not p.shows_team),
        ("prints", lambda p: p.prints),
    ],
)
def test_rates_of_people_hold(rate: str, share) -> None:  # type: ignore[no-untyped-def]  # lambdas of the table above
    """Of 6,000 people each stated share has its habit, within four standard errors."""
    stated = getattr(Rates(), rate)
    found = sum(share(person) for person in PEOPLE) / len(PEOPLE)
    assert abs(found - stated) < 4 * (stated * (1 - stated) / len(PEOPLE)) ** 0.5
