"""The settings of every producer and consumer, as they were really built: the libraries' defaults lose messages."""

import random
from typing import Any, cast

import pytest
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.partitioner import DefaultPartitioner
from faststream import AckPolicy

from shared.messaging.consumer import Consumer
from shared.messaging.kafka import partition_of
from tests.messaging.conftest import Side
from tests.messaging.sample import Reader


@pytest.mark.usefixtures("own_topic")  # who may write no topic is not given a producer's id
async def test_the_producer_is_acknowledged_by_all_and_idempotent(writer: Side) -> None:
    relay = writer.relay()
    await relay.lease.take()
    producer = await relay._connected()
    try:
        assert producer._sender._acks == -1
        assert producer._txn_manager is not None  # idempotence on
        assert producer._txn_manager.transactional_id is None  # and no Kafka transactions
        assert producer._message_accumulator._batch_size == 262_144
        assert producer._max_request_size == 1_048_576
        assert producer._request_timeout_ms == 15_000
        assert producer._compression_type == "lz4"
        assert producer.client._sasl_mechanism == "SCRAM-SHA-512"
        assert producer.client._security_protocol == "SASL_PLAINTEXT"
    finally:
        await relay._drop_producer()
        await relay.lease.let_go()


async def test_the_consumer_commits_nothing_by_itself_and_starts_at_the_beginning(reader: Side, own_topic: str) -> None:
    consumer = Consumer(
        reader.store, reader.settings, Reader().inbound(), reader.service, topics=[own_topic], group=reader.group
    )
    await consumer.start()
    try:
        client = consumer.client
        assert client._enable_auto_commit is False
        assert client._auto_offset_reset == "earliest"
        assert client._isolation_level == "read_committed"
        assert client._group_id == reader.group
        assert client._group_instance_id == f"{reader.group}.0"
        assert client._session_timeout_ms == 10_000
        assert client._heartbeat_interval_ms == 3_000
        # A connection that died without a word is given up after 15 s, not 40; never before a rebalance may answer.
        assert client._client._request_timeout_ms == 15_000
        assert client._max_poll_interval_ms == 600_000
        assert (client._fetcher._fetch_min_bytes, client._fetcher._fetch_max_wait_ms) == (1, 1_000)
        assert list(client._partition_assignment_strategy) == [StickyPartitionAssignor]
        assert client._client._sasl_mechanism == "SCRAM-SHA-512"
        subscriber = consumer.subscriber
        assert subscriber.ack_policy is AckPolicy.MANUAL
        assert client.subscription() == {own_topic}
    finally:
        await consumer.stop()


async def test_after_an_empty_answer_the_consumer_asks_again_at_once(
    reader: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream sleeps as long as it has waited: the first record after a quiet moment would sleep with it."""

    class Quiet:
        async def getmany(self, **_: Any) -> dict[Any, Any]:
            return {}

    async def sleeps(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} seconds")

    monkeypatch.setattr("anyio.sleep", sleeps)
    consumer = Consumer(
        reader.store, reader.settings, Reader().inbound(), reader.service, topics=[own_topic], group=reader.group
    )
    assert await consumer.subscriber.get_msg(cast(Any, Quiet())) == ()


def test_a_key_lies_in_the_partition_in_which_every_other_client_would_put_it() -> None:
    """A producer in another language, or one of before, must not put a key elsewhere: its order would be gone."""
    dice = random.Random(3)
    for _ in range(300):
        key, partitions = dice.randbytes(dice.randrange(1, 40)), list(range(dice.choice([1, 3, 12])))
        expected = DefaultPartitioner()(key, partitions, [])
        assert partition_of(key, len(partitions)) == expected == partition_of(key, len(partitions))
