"""The settings of every producer and consumer, in one place, and a test that holds them there.

The libraries' defaults lose messages: aiokafka's producer acknowledges at the leader only and a new consumer group
starts at the end; FastStream's subscriber commits before the handler has run.
"""

from functools import lru_cache
from typing import Any

from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.partitioner import murmur2

from shared.settings import ServiceSettings

PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 0,  # a pass of the relay fills its batches by itself; waiting would only delay the single record
    "max_batch_size": 262_144,
    "max_request_size": 1_048_576,
    "compression_type": "lz4",
    "retry_backoff_ms": 100,
}

CONSUMER: dict[str, Any] = {
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "max_poll_interval_ms": 600_000,
    "partition_assignment_strategy": (StickyPartitionAssignor,),
    # How long the broker holds an answer that would be empty; with a record it answers at once. Ten such answers a second,
    # each about every partition, were most of what an idle service cost. Partitions that are given to a member wait so long
    # at most, for the answer that is under way.
    "fetch_max_wait_ms": 1_000,
}

HEARTBEATS = 0.3  # of a session: three may be lost before it ends


@lru_cache(maxsize=100_000)
def _hashed(key: bytes) -> int:
    number: int = murmur2(key) & 0x7FFFFFFF
    return number


def partition_of(key: bytes, partitions: int) -> int:
    """The library's own choice, remembered for each key: its hash is pure Python and half of what a send costs."""
    return _hashed(key) % partitions


def readable(raw: bytes | None) -> str | None:
    """Bytes that ought to be text, as text that any database takes: a poison record must not stop the reader."""
    return None if raw is None else raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def connection(settings: ServiceSettings) -> dict[str, Any]:
    """How a client reaches the broker: SCRAM whenever a user is named, which is always but in containers' tests."""
    found: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap}
    if settings.kafka_username:
        found |= {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password,
        }
    return found


def producer_settings(settings: ServiceSettings) -> dict[str, Any]:
    return connection(settings) | PRODUCER | {"request_timeout_ms": int(settings.patience_seconds * 1000)}


def consumer_settings(settings: ServiceSettings, group: str) -> dict[str, Any]:
    """A consumer of a group that keeps its place over a restart: static membership under the replica's name."""
    return CONSUMER | {
        "group_instance_id": f"{group}.{settings.replica}",
        "session_timeout_ms": int(settings.session_timeout_seconds * 1000),
        # A member hears of another that joins or leaves by the answer to one of these.
        "heartbeat_interval_ms": int(settings.session_timeout_seconds * 1000 * HEARTBEATS),
    }


def request_timeout_ms(settings: ServiceSettings) -> int:
    """When a consumer gives up a request: then its connection has died without a word, and nothing is applied meanwhile.

    Only a rebalance may take longer than a moment to answer, as long as the session of a member that is gone.
    """
    return int(max(settings.patience_seconds, settings.session_timeout_seconds + 2.0) * 1000)
