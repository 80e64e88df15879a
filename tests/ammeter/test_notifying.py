"""From settings to notifiers: one tells people, addresses stay secret, faults are sentences."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ammeter import notifying
from ammeter.cli import _code
from ammeter.doctor import _files
from ammeter.settings import Settings, SettingsError
from sinks.deliveries import Superseded
from sinks.message import Shown
from streams.detect.catalogue import CATALOGUE

HUSH = "https://chat.example.org/hooks/hush"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Settings]:
    """Settings with a routes file of a text."""

    def make(text: str, **more: Any) -> Settings:
        file = tmp_path / "routes.toml"
        file.write_text(text)
        return Settings(routes_file=file, data=tmp_path, **more)

    return make


def test_an_address_may_be_elsewhere(
    made: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the environment, in a file beside the routes, in one anywhere, or in the routes."""
    monkeypatch.setenv("CHAT", HUSH + "1")
    (tmp_path / "near").write_text(HUSH + "2\n")
    far = tmp_path / "far" / "away"
    far.parent.mkdir()
    far.write_text(HUSH + "3")

    found = notifying.routes(made(f"[channels]\na='env:CHAT'\nb='file:near'\nc='file:{far}'\nd='{HUSH}4'"))

    assert found.addresses == {"a": HUSH + "1", "b": HUSH + "2", "c": HUSH + "3", "d": HUSH + "4"}
    assert {way.kind for way in notifying.ways(found).values()} == {"webhook"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[channels]\na = 'env:AMMETER_TEST_NOTHING'", "channels.a: AMMETER_TEST_NOTHING is not set: put the address"),
        ("[channels]\na = 'file:nothing'", "cannot be read (FileNotFoundError): put the address into it."),
        ("[channels]\na = 'carrier-pigeon://hush'", "channels.a: the address is of no kind that is known"),
        ("[channels]\na = 'slack://hush'", "channels.a: the address is of no kind that is known"),
        ("[channels", "this is no TOML"),
        (f"[channels]\na = '{HUSH}'\n[[routes]]\nmetrics=['hope']\nchannels=['a']", "'hope' is no metric"),
    ],
)
def test_a_fault_is_a_sentence_without_the_address(made: Callable[..., Settings], text: str, complaint: str) -> None:
    """And an exit code of usage; doctor finds it as well."""
    settings = made(text)

    with pytest.raises(SettingsError) as caught:
        notifying.part(settings)

    told = [found.what for found in _files(settings)]
    assert complaint in str(caught.value)
    assert any(complaint in each for each in told)
    assert "hush" not in str(caught.value) + str(told)
    assert _code(caught.value) == 2


def test_one_notifies_and_the_others_do_not(made: Callable[..., Settings]) -> None:
    """Where it is chosen and can."""
    text = f"[channels]\na = '{HUSH}'"

    assert notifying.part(made(text)) == ("sink", "chat")
    assert notifying.part(made(text, alertmanager="http://a:9093", notifier="alertmanager")) == ("sink", "alertmanager")
    assert notifying.part(made(text, notifier="grafana")) == ()
    assert notifying.part(Settings()) == ()
    with pytest.raises(SettingsError, match="AMMETER_NOTIFIER is grafana, so `ammeter sink chat` has nobody to tell"):
        notifying.check_notifier(Settings(notifier="grafana"), "chat")
    with pytest.raises(SettingsError, match="AMMETER_ROUTES_FILE is not set"):
        notifying.routes(Settings())


def test_alertmanagers(tmp_path: Path) -> None:
    """Several; a password only from a file, since settings are printed."""
    file = tmp_path / "address"
    file.write_text("http://me:hush@a:9093\n")

    assert notifying.alertmanagers(Settings(alertmanager="http://a:9093, http://b:9093")) == [
        "http://a:9093",
        "http://b:9093",
    ]
    assert notifying.alertmanagers(Settings(alertmanager=f"file:{file}")) == ["http://me:hush@a:9093"]
    for given, complaint in (
        ("", "is not set"),
        ("a:9093", "give http://host:port"),
        ("http://me:hush@a:9093", "holds a password: put it into a file"),
    ):
        with pytest.raises(SettingsError, match=complaint) as caught:
            notifying.alertmanagers(Settings(alertmanager=given))
        assert "hush" not in str(caught.value)


def test_every_detector_has_its_words(made: Callable[..., Settings]) -> None:
    """Title, unit and runbook; links begin where they are told to."""
    writing = notifying.writing(made("", boards_url="https://boards.example.org/", floor=7))

    assert set(writing.detectors) == {each.name for each in CATALOGUE}
    assert writing.detectors["abandonment"] == Shown(
        "Abandonment of troubled sessions", "share", "abandonment", is_proxy=True
    )
    assert (writing.boards_url, writing.runbooks_url, writing.floor, writing.day_begins) == (
        "https://boards.example.org",
        "docs/runbooks.md",
        7,
        4,
    )
    assert notifying.writing(Settings(port_base=20_000)).boards_url == "http://127.0.0.1:20005"


def test_a_notifier_that_lost_its_place_has_failed() -> None:
    """With a sentence, and no traceback."""
    assert _code(Superseded()) == 1
