"""Writes what is rendered from grafana/boards and grafana/alerts: `python -m grafana`."""

from grafana import alerts
from grafana.boards import BOARDS


def main() -> None:
    """Write each board's file and each file of alerts anew."""
    for board in BOARDS:
        board.file.parent.mkdir(exist_ok=True)
        board.file.write_text(board.text(), encoding="utf-8")
    for file, text in alerts.files().items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
