"""The embedded servers themselves: real, closed to whoever is not named, and gone afterwards."""

from collections.abc import Callable

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from infra.local.bare import BareStack
from tests.conftest import Database, KafkaUser


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


async def test_an_application_role_writes_rows_but_makes_no_table(
    database: Callable[[str], Database],
) -> None:
    mine = database("meetings")
    owner, app = await asyncpg.connect(plain(mine.owner_url)), await asyncpg.connect(plain(mine.app_url))
    try:
        await owner.execute("create table visit (id int, dates daterange, primary key (id, dates without overlaps))")
        await app.execute("insert into visit values (1, '[2024-01-01,2024-02-01)')")
        assert await app.fetchval("select count(*) from meetings.visit") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("create table meetings.more (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("truncate visit")
        assert await app.fetchval("show lock_timeout") == "3s"
        assert await app.fetchval("show idle_in_transaction_session_timeout") == "10s"
        assert await app.fetchval("show transaction_timeout") == "25s"
    finally:
        await owner.close()
        await app.close()


async def test_a_service_cannot_connect_to_anothers_database(database: Callable[[str], Database]) -> None:
    mine, other = database("meetings"), database("funding")
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match=r"no pg_hba\.conf entry"):
        await asyncpg.connect(plain(mine.app_url).replace(mine.name, other.name))


async def test_each_database_of_a_test_is_fresh(database: Callable[[str], Database]) -> None:
    first, second = database("funding"), database("funding")
    assert first.name != second.name


async def test_a_record_reaches_the_service_that_may_read_it(
    topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    name = topic("membership.events", producers=("membership",), consumers=("meetings",))
    async with AIOKafkaProducer(**kafka_settings("membership").client, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(name, b"hello", key=b"1")
    meetings = kafka_settings("meetings").client
    async with AIOKafkaConsumer(name, **meetings, group_id="meetings.test", auto_offset_reset="earliest") as consumer:
        assert (await consumer.getone()).value == b"hello"


async def test_what_no_rule_allows_is_refused(
    topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    """Deny by default (D3.5)."""
    name = topic("membership.events", producers=("membership",), consumers=("meetings",))
    async with AIOKafkaProducer(**kafka_settings("meetings").client) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(name, b"not mine to say")
    for user, group, refusal in (
        ("funding", "funding.test", TopicAuthorizationFailedError),
        ("meetings", "funding.test", GroupAuthorizationFailedError),
    ):
        reader = AIOKafkaConsumer(name, **kafka_settings(user).client, group_id=group)
        try:
            with pytest.raises(refusal):
                await read_one(reader)
        finally:
            await reader.stop()


async def read_one(reader: AIOKafkaConsumer) -> None:
    await reader.start()
    await reader.getone()


def test_the_servers_listen_on_loopback_only(stack: BareStack) -> None:
    ours = {stack.ports.postgres, stack.ports.kafka, stack.ports.kafka_controller}
    listening = [c.laddr for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr]
    addresses = {address.ip for address in listening if address.port in ours}
    assert addresses <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert addresses


async def test_a_transaction_cut_off_in_the_middle_of_a_message_gives_up_its_locks(
    database: Callable[[str], Database],
) -> None:
    """I10: between a statement and its arguments it is not idle to the server; only the limit of the whole ends it."""
    mine = database("meetings")
    lost, other = await asyncpg.connect(plain(mine.app_url)), await asyncpg.connect(plain(mine.app_url))
    try:
        await lost.execute("set idle_in_transaction_session_timeout = '300ms'; set transaction_timeout = '1s'")
        await lost.execute("begin; select pg_advisory_xact_lock(1)")
        parse = b"\0select 1\0\0\0"
        lost._transport.write(b"P" + (4 + len(parse)).to_bytes(4, "big") + parse)
        lost._transport.write(b"B" + (1_000).to_bytes(4, "big") + b"\0")  # the rest of its arguments never comes
        await other.execute("set lock_timeout = '10s'")
        await other.execute("select pg_advisory_xact_lock(1)")
    finally:
        lost.terminate()
        await other.close()
