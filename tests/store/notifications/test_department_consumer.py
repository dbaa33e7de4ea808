"""The consumer that the guide gives to departments, against a real broker with passwords and access rules (D3.4, D3.5)."""

import asyncio
import importlib.util
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from shared.contracts.envelope import body_key, unpack
from tests.eventually import PATIENCE, eventually
from tests.store.notifications.conftest import WARWICKSHIRE, Notifications
from tests.store.notifications.test_informing import HEADS, took_office

GUIDE = Path(__file__).parents[3] / "docs" / "department_consumer.py"
USER = "937.governance"
Row = tuple[str, bytes, list[tuple[str, bytes]]]


def guide() -> Any:
    spec = importlib.util.spec_from_file_location("department_consumer", GUIDE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def following(topic: str, database: Path, client: dict[str, str]) -> AsyncIterator[None]:
    """The department's program, until it is stopped in the middle of whatever it does."""
    program = asyncio.create_task(guide().follow(topic, str(database), **client))
    try:
        yield
    finally:
        program.cancel()
        await asyncio.gather(program, return_exceptions=True)


def known(database: Path) -> list[str]:
    """Ids of the events that the department has, in the order in which it took them."""
    if not database.exists():
        return []
    with sqlite3.connect(database) as saved:
        return [row[0] for row in saved.execute("select id from event order by rowid")]


async def sent(notifications: Notifications) -> list[Row]:
    """What the service has for governance, as the relay would send it."""
    rows = await notifications.rows(
        "select key, headers, value from outbox where topic = 'consortia.937.governance.events.v1' order by id"
    )
    return [(row.key, row.value, unpack(row.headers)) for row in rows]


async def send(topic: str, rows: Sequence[Row], client: dict[str, str]) -> None:
    async with AIOKafkaProducer(**client) as producer:
        for key, value, headers in rows:
            await producer.send_and_wait(topic, value, key=key.encode(), headers=headers)


def ids(rows: Sequence[Row], key: str | None = None) -> list[str]:
    return [dict(headers)["ce_id"].decode() for row_key, _, headers in rows if key in (None, row_key)]


async def test_it_catches_up_from_nothing_and_stays_right_through_duplicates_late_records_and_a_stop(
    notifications: Notifications,
    topic: Callable[..., str],
    kafka_settings: Callable[[str], Any],
    tmp_path: Path,
):
    """D3.4"""
    service, department = kafka_settings("notifications").client, kafka_settings(USER).client
    own = topic("consortia.937.governance.events.v1", producers=("notifications",), consumers=(USER,))
    other_heads = body_key(WARWICKSHIRE, UUID(int=8))
    for number in range(1, 6):
        await notifications.reads(
            notifications.record_of(took_office(number), HEADS),
            notifications.record_of(took_office(number + 10), other_heads),
        )
    rows = await sent(notifications)
    database = tmp_path / "events.db"

    await send(own, rows[:6], service)
    async with following(own, database, department):
        await eventually(lambda: set(ids(rows[:6])) <= set(known(database)))
        # All again, and one from long ago, as a relay that slept past its lease would send them.
        await send(own, [*rows[:6], rows[1], *rows[6:8], rows[0]], service)
        await eventually(lambda: set(ids(rows[:8])) <= set(known(database)))
    await send(own, [rows[2], *rows[8:]], service)
    async with following(own, database, department):
        await eventually(lambda: len(known(database)) >= len(rows))
    found = known(database)
    assert sorted(found) == sorted(ids(rows))
    for key in (HEADS, other_heads):
        assert [each for each in found if each in ids(rows, key)] == ids(rows, key)


async def test_a_department_can_read_neither_anothers_topic_nor_in_anothers_name(
    topic: Callable[..., str], kafka_settings: Callable[[str], Any]
):
    """I13, N-02, N-03"""
    client = kafka_settings(USER).client
    finance = topic("consortia.937.finance.events.v1", producers=("notifications",), consumers=("937.finance",))
    with pytest.raises(TopicAuthorizationFailedError):
        await _read_one(AIOKafkaConsumer(finance, auto_offset_reset="earliest", **client))
    own = topic("consortia.937.governance.events.v1", producers=("notifications",), consumers=(USER,))
    with pytest.raises(GroupAuthorizationFailedError):
        await _read_one(AIOKafkaConsumer(own, group_id="937.finance.consumer", **client))


async def _read_one(consumer: AIOKafkaConsumer) -> None:
    try:
        await consumer.start()
        await asyncio.wait_for(consumer.getone(), PATIENCE)
    finally:
        await consumer.stop()


def test_it_has_thirty_lines_of_code_at_most():
    lines = [line.strip() for line in GUIDE.read_text().split('"""', 2)[2].splitlines()]
    assert len([line for line in lines if line and not line.startswith("#")]) <= 30
