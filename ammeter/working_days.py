"""The organisation's calendar: time zone, weekend, holidays. Rule: a name or date that is none is refused.

A file in TOML, every line of which may be left out:
    zone = "Europe/Berlin"
    begins = 4            # the hour at which a day begins
    weekend = [5, 6]      # Monday is 0
    holidays = ["2026-12-25", "2026-12-26"]
"""

from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from ammeter.settings import Settings, SettingsError
from streams.detect.calendar import Calendar


def load(settings: Settings) -> Calendar:
    """The calendar of `calendar_file`; without one UTC, Saturday and Sunday, no holidays. Raises SettingsError."""
    if settings.calendar_file is None:
        return Calendar()
    file = settings.calendar_file.expanduser()
    try:
        found = msgspec.toml.decode(file.read_bytes(), type=Calendar)
        ZoneInfo(found.zone)
        for day in found.holidays:
            date.fromisoformat(day)
        if not 0 <= found.begins < 24 or not {*found.weekend} < {*range(7)}:
            raise ValueError("begins is an hour from 0 to 23, weekend days from 0 to 6, not all seven")
    except OSError as exc:
        raise SettingsError(f"{file} cannot be read ({exc.strerror}): correct AMMETER_CALENDAR_FILE.") from exc
    except (ValueError, LookupError) as exc:
        raise SettingsError(f"{file} is no calendar: {exc}. Correct it (AMMETER_CALENDAR_FILE).") from exc
    return found
