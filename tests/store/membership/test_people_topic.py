"""The compacted people topic ends at the newest record of each person, whatever a late relay sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from services.membership.people_topic import keep_people_topic_right
from services.membership.store.people import Person, add_people
from shared.messaging.kafka import producer_settings
from shared.service import ServiceContext
from shared.settings import ServiceSettings
from shared.store import Store
from tests.conftest import KafkaUser
from tests.eventually import eventually


@asynccontextmanager
async def keeping(store: Store, settings: ServiceSettings, topic: str) -> AsyncIterator[None]:
    context = ServiceContext(store, settings, asyncio.Event())
    task = asyncio.create_task(keep_people_topic_right(context, topic))
    try:
        yield
    finally:
        context.stopping.set()
        await task


async def send(settings: ServiceSettings, topic: str, key: str, numbers: list[int]) -> None:
    async with AIOKafkaProducer(**producer_settings(settings)) as producer:
        for number in numbers:
            await producer.send_and_wait(topic, b"{}", key.encode(), headers=[("ce_sequence", str(number).encode())])


def settings_of(user: KafkaUser, store: Store) -> ServiceSettings:
    return ServiceSettings(
        database_url=store.url,
        kafka_bootstrap=user.bootstrap,
        kafka_username=user.username,
        kafka_password=user.password,
        token_key=Path("unused"),
    )


async def waiting(store: Store) -> list[dict[str, Any]]:
    async with store.unit() as uow:
        rows = await uow.rows("select key, value from outbox order by id")
    return [{"key": row.key, "data": json.loads(row.value) if row.value is not None else None} for row in rows]


async def one_person(store: Store) -> tuple[UUID, str]:
    person_id = uuid4()
    somebody = Person(person_id, "937", "The present name", "somebody@example.org", None)
    await store.run(lambda uow: add_people(uow, [somebody]))
    return person_id, f"937/person/{person_id}"


async def test_an_old_record_that_comes_late_is_followed_by_the_person_as_she_is_now(
    store: Store, topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    """D3.4"""
    name, settings = topic("people"), settings_of(kafka_settings("membership"), store)
    _, key = await one_person(store)
    await send(settings, name, key, [1, 2, 1])
    async with keeping(store, settings, name):
        (again,) = await eventually(lambda: waiting(store))
    assert (again["key"], again["data"]["name"]) == (key, "The present name")


async def test_a_person_whose_newest_record_is_gone_from_the_topic_is_published_again_at_the_start(
    store: Store, topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    """D3.4"""
    name, settings = topic("people"), settings_of(kafka_settings("membership"), store)
    _, key = await one_person(store)
    erased = f"937/person/{uuid4()}"
    await send(settings, name, key, [1])
    await store.run(
        lambda uow: uow.execute(
            "insert into stream_head (topic, key, sequence) values ($1, $2, 2), ($1, $3, 1)", name, key, erased
        )
    )
    async with keeping(store, settings, name):
        said = await eventually(lambda: waiting(store))
    assert {each["key"]: (each["data"] or {}).get("name") for each in said} == {key: "The present name", erased: None}


async def test_a_topic_in_order_is_left_alone(
    store: Store, topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    name, settings = topic("people"), settings_of(kafka_settings("membership"), store)
    _, key = await one_person(store)
    _, late = await one_person(store)
    await send(settings, name, key, [1, 2, 5])
    async with keeping(store, settings, name):
        await send(settings, name, late, [2, 1])
        said = await eventually(lambda: waiting(store))
    assert [each["key"] for each in said] == [late]


async def test_what_somebody_else_wrote_into_the_topic_is_passed_over(
    store: Store, topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    """D3.8: the topic keeps it for ever, so whoever stumbles over it would stumble after each new start too."""
    name, settings = topic("people"), settings_of(kafka_settings("membership"), store)
    _, key = await one_person(store)
    async with AIOKafkaProducer(**producer_settings(settings)) as producer:
        for odd_key, number in (
            (b"\xff\xfe", b"1"),
            (b"nobody", b"2"),
            (b"nobody", b"1"),
            (key.encode(), b"many"),
            (None, b"1"),
            (key.encode(), None),
        ):
            await producer.send_and_wait(name, b"{}", odd_key, headers=[("ce_sequence", number)])
    await send(settings, name, key, [1, 2, 1])
    async with keeping(store, settings, name):
        (again,) = await eventually(lambda: waiting(store))
    assert again["key"] == key
