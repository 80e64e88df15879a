"""The store of the store's tests, for tests of several parts at once."""

from tests.sinks.conftest import empty_store, store, store_url

__all__ = ["empty_store", "store", "store_url"]
