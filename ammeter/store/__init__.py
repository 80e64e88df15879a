"""The store server: ClickHouse's HTTP protocol over chdb, for the machine that has no ClickHouse."""

from ammeter.store.config import StoreConfig
from ammeter.store.errors import StoreError
from ammeter.store.server import StoreServer, serve

__all__ = ["StoreConfig", "StoreError", "StoreServer", "serve"]
