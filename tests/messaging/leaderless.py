"""A partition without a leader for a moment, as while its broker is away."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaProducer, TopicPartition


@contextmanager
def no_leader_in_time(producer: AIOKafkaProducer, place: TopicPartition) -> Iterator[None]:
    """By its metadata the partition has no leader, as while a broker is away, and no batch has time to wait for one.

    The library does the rest: what it expires it has numbered first, and the metadata it then asks for name the leader.
    """
    partitions, batches = producer.client.cluster._partitions[place.topic], producer._message_accumulator
    has_time = batches._batch_ttl
    partitions[place.partition] = partitions[place.partition]._replace(leader=-1)
    batches._batch_ttl = -1.0
    try:
        yield
    finally:
        batches._batch_ttl = has_time
