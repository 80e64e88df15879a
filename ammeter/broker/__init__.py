"""The embedded broker: Apache Kafka itself, one node on this machine's loopback, started, watched and stopped by us."""

from ammeter.broker.config import BrokerConfig
from ammeter.broker.embedded import EmbeddedBroker
from ammeter.broker.errors import BrokerError, JarsUnavailable
from ammeter.broker.ports import free_ports
from ammeter.broker.process import Ended

__all__ = ["BrokerConfig", "BrokerError", "EmbeddedBroker", "Ended", "JarsUnavailable", "free_ports"]
