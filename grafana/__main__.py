"""Writes grafana/dashboards/*.json from grafana/boards: `python -m grafana`."""

from grafana.board import DASHBOARDS
from grafana.boards import BOARDS


def main() -> None:
    """Write each board's file anew."""
    for board in BOARDS:
        (DASHBOARDS / f"{board.uid}.json").write_text(board.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
