"""The file that `ammeter calibrate` writes and detection reads. Rule: all of it is there, or the old one stays."""

import tempfile
from pathlib import Path

import msgspec

from ammeter.settings import Settings, SettingsError
from streams.detect.parameters import Calibration, Tuning


def path(settings: Settings) -> Path:
    """Where the file is, or would be."""
    return (settings.detectors_file or settings.data_dir / "detectors.toml").expanduser()


def load(settings: Settings) -> Calibration:
    """What was calibrated; without a file the assumptions. Raises SettingsError for one that cannot be read."""
    file = path(settings)
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Calibration)
    except FileNotFoundError:
        if settings.detectors_file is not None:
            raise SettingsError(f"{file} does not exist: correct AMMETER_DETECTORS_FILE or unset it.") from None
        return Calibration()
    except OSError as exc:
        raise SettingsError(f"{file} cannot be read ({exc.strerror}): correct its rights.") from exc
    except (msgspec.DecodeError, ValueError) as exc:
        raise SettingsError(f"{file} is no calibration: {exc}. Run `ammeter calibrate`, or remove it.") from exc


def store(settings: Settings, calibration: Calibration) -> Path:
    """Writes the file, whole or not at all."""
    file = path(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as scratch:
        try:
            scratch.write(render(calibration).encode())
            scratch.close()
            Path(scratch.name).replace(file)
        except BaseException:
            Path(scratch.name).unlink(missing_ok=True)
            raise
    return file


def render(calibration: Calibration) -> str:
    """The file's text.

    >>> print(render(Calibration(True, "2026-11-28", {"abandonment": Tuning(phi=1.2)})))
    # Written by `ammeter calibrate`; detection reads it when it starts.
    calibrated = true
    calibrated_at = "2026-11-28"
    <BLANKLINE>
    [detectors.abandonment]
    phi = 1.2
    <BLANKLINE>
    """
    lines = [
        "# Written by `ammeter calibrate`; detection reads it when it starts.",
        f"calibrated = {str(calibration.calibrated).lower()}",
        f'calibrated_at = "{calibration.calibrated_at}"',
    ]
    for name, tuning in calibration.detectors.items():
        said: dict[str, float | None] = {field: getattr(tuning, field) for field in Tuning.__struct_fields__}
        lines += ["", f"[detectors.{name}]", *(f"{key} = {value}" for key, value in said.items() if value is not None)]
    return "\n".join(lines) + "\n"
