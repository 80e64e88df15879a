"""Alerts: what Prometheus watches of the pipeline, and what Grafana reads of the detectors' verdicts."""

from pathlib import Path

from grafana.alerts import pipeline, product, prometheus

FOLDER = Path(__file__).resolve().parents[1]


def files() -> dict[Path, str]:
    """Each rendered file, and what is in it."""
    return {
        FOLDER / "prometheus" / "rules.yml": prometheus.file(pipeline.GROUPS),
        FOLDER / "provisioning" / "alerting" / "rules.yaml": product.file(),
    }
