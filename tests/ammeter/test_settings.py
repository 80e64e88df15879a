"""Settings have one order of precedence, errors in one sentence, and never a secret."""

from pathlib import Path

import pytest

from ammeter import compose
from ammeter.settings import ENV, STANDARD_PORTS, Settings, SettingsError, child_environment, load


def _file(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "a.toml"
    file.write_text(text)
    return {"AMMETER_CONFIG": str(file)}


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    """Each layer wins over those below, and says that it did."""
    environ = _file(tmp_path, 'database = "a"\npace_ms = 100\nkafka = "f:1"\n') | {
        "AMMETER_PACE_MS": "200",
        "AMMETER_KAFKA": "e:1",
    }

    settings, sources = load(environ, kafka="g:1", data=None)

    assert (settings.database, settings.pace_ms, settings.kafka, settings.partitions) == ("a", 200, "g:1", 6)
    assert [sources[name] for name in ("database", "pace_ms", "kafka", "partitions")] == [
        str(tmp_path / "a.toml"),
        "AMMETER_PACE_MS",
        "--kafka",
        "default",
    ]


def test_data_and_cache_follow_the_usual_directories() -> None:
    """XDG's variables move the defaults, and our own beat them."""
    environ = {"XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c", "AMMETER_CACHE": "/mine"}

    settings = load(environ).settings

    assert (settings.data_dir, settings.cache_dir) == (Path("/d/ammeter"), Path("/mine"))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AMMETER_PACE_MS": "soon"}, "AMMETER_PACE_MS pace_ms: "),
        ({"AMMETER_PORT_BASE": "80"}, "AMMETER_PORT_BASE port_base: "),
        ({"AMMETER_DATABASE": "a; DROP"}, "AMMETER_DATABASE database: "),
        ({"AMMETER_CONFIG": "/nowhere/a.toml"}, "/nowhere/a.toml cannot be read"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(environ: dict[str, str], said: str) -> None:
    """It says which setting, where it came from, and why."""
    with pytest.raises(SettingsError) as told:
        load(environ)

    assert str(told.value).startswith(said)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["pase_ms = 100\n", "pace_ms = \n"])
def test_a_wrong_file_is_told(tmp_path: Path, text: str) -> None:
    """A name that is no setting, and a file that is no TOML."""
    with pytest.raises(SettingsError, match=r"a\.toml"):
        load(_file(tmp_path, text))


def test_all_ports_move_together_and_differ() -> None:
    """Several stacks run side by side."""
    assert Settings().ports == STANDARD_PORTS
    moved = Settings(port_base=20_000).ports

    assert len(set(moved)) == len(moved)
    assert all(20_000 <= port < 20_100 for port in moved)


def test_a_part_gets_the_settings_of_who_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was given by options reaches the children; what was changed since wins over the environment."""
    monkeypatch.setenv(ENV + "PACE_MS", "999")
    settings = Settings(data=Path("/d"), port_base=30_000)

    environ = child_environment(settings, metrics_port=30_010, clock=None)

    assert load(environ).settings == settings.model_copy(update={"metrics_port": 30_010})


def test_readers_ask_the_read_only_port() -> None:
    """Unless a server is named, whose user decides."""
    assert Settings(port_base=20_000).store_read_url == "http://127.0.0.1:20004"
    assert Settings(clickhouse="http://r@c:8123").store_read_url == "http://r@c:8123"


def test_a_clock_is_three_numbers() -> None:
    """Else one sentence says so."""
    assert compose.clock(Settings(clock="1000,500,10")).at(1010) == 600
    with pytest.raises(SettingsError, match="AMMETER_CLOCK=fast: give origin,start,rate"):
        compose.clock(Settings(clock="fast"))


def test_an_instance_has_a_stable_name() -> None:
    """The same number is the same static member of its group."""
    settings = Settings(instance="a")

    assert [settings.instance_name(), settings.instance_name(0), settings.instance_name(3)] == ["a-0", "a-0", "a-3"]
