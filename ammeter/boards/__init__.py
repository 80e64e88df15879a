"""The boards in a browser: Grafana's own JSON, drawn without Grafana and pushed live."""

from ammeter.boards.server import BoardsConfig, BoardsServer, Personal

__all__ = ["BoardsConfig", "BoardsServer", "Personal"]
