"""The calendar that detection goes by."""

from pathlib import Path

import pytest

from ammeter.settings import Settings, SettingsError
from ammeter.working_days import load

DAY = 86_400_000
CHRISTMAS_EVE = 1_798_110_000_000
"""2026-12-24 11:00 UTC, a Thursday."""


def test_without_a_file_the_week_is_the_usual_one(tmp_path: Path) -> None:
    """UTC, Saturday and Sunday off."""
    calendar = load(Settings(data=tmp_path))
    days = [calendar.day(CHRISTMAS_EVE + after * DAY) for after in range(4)]
    assert [calendar.is_working(day) for day in days] == [True, True, False, False]


def test_what_the_file_says_holds(tmp_path: Path) -> None:
    """Holidays, another weekend, another zone."""
    file = tmp_path / "calendar.toml"
    file.write_text('zone = "Asia/Dubai"\nweekend = [4]\nholidays = ["2026-12-24"]\n')
    calendar = load(Settings(data=tmp_path, calendar_file=file))
    days = [calendar.day(CHRISTMAS_EVE + after * DAY) for after in range(3)]
    assert [calendar.is_working(day) for day in days] == [False, False, True]
    assert calendar.start(days[0]) == CHRISTMAS_EVE - 11 * 3_600_000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('zone = "Mars/Olympus"', "Olympus"),
        ('holidays = ["25.12.2026"]', "25.12.2026"),
        ("weekend = [0, 1, 2, 3, 4, 5, 6]", "not all seven"),
        ("weekend = [7]", "weekend days"),
        ("begins = 24", "hour"),
        ("timezone = 1", "timezone"),
        ("nonsense", "is no calendar"),
    ],
)
def test_a_mistake_in_it_is_said(tmp_path: Path, text: str, why: str) -> None:
    """Rather than alarms on a holiday."""
    file = tmp_path / "calendar.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=why):
        load(Settings(data=tmp_path, calendar_file=file))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the setting that names it."""
    with pytest.raises(SettingsError, match="AMMETER_CALENDAR_FILE"):
        load(Settings(data=tmp_path, calendar_file=tmp_path / "none.toml"))
