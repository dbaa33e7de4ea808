"""A desk's own mailbox is told to whoever writes to people, so that a call that reaches it reaches somebody (W-16, R0.3)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.membership.people_topic import publish_again
from services.membership.store.authorities import Desk
from services.membership.use_cases import inspection_calls
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.contracts.membership import desk_id
from shared.store import Store
from tests.conftest import KafkaUser
from tests.eventually import eventually
from tests.store.membership.asking import Ask
from tests.store.membership.conftest import Authority, Said
from tests.store.membership.test_desk_queue import items
from tests.store.membership.test_inspection_calls import ask, time_passes
from tests.store.membership.test_people_topic import keeping, send, settings_of, waiting

__all__ = ["ask"]
DUTY = Desk("duty-desk", "duty@example.org", "01632 960001", None)
KEY = f"937/person/{desk_id('937', 'duty-desk')}"


async def taken_on(abbey: Authority, *desks: Desk) -> list[Said]:
    """What is told when these are taken on."""
    await abbey.forget_said()
    await abbey.do(lambda uow: take_on(uow, TakenOn(authority="937", desks=desks)))
    return await abbey.said()


async def test_a_desks_mailbox_is_told_under_an_id_of_its_own_and_on_the_topic_of_addresses(abbey: Authority) -> None:
    """W-16"""
    [said] = await taken_on(abbey, DUTY)
    assert (said.type, said.key, said.sensitivity) == ("person.recorded", KEY, "personal")
    assert said.data == {
        "person_id": str(desk_id("937", "duty-desk")),
        "name": "duty desk",
        "email": "duty@example.org",
        "telephone": "01632 960001",
    }


async def test_each_desk_of_each_authority_has_an_id_of_its_own_which_never_changes() -> None:
    ids = {desk_id(authority, desk) for authority in ("937", "801") for desk in ("duty-desk", "improvement-desk")}
    assert len(ids) == 4
    assert str(desk_id("937", "duty-desk")) == "bbe65a22-55de-5047-a5a3-9f4fb780c256"


async def test_a_desk_is_told_again_when_its_mailbox_or_telephone_changes_and_not_otherwise(abbey: Authority) -> None:
    await taken_on(abbey, DUTY)
    assert await taken_on(abbey, DUTY) == []
    officer = Desk("duty-desk", DUTY.mailbox, DUTY.telephone, abbey.people["officer"])
    assert await taken_on(abbey, officer) == []
    assert [each.data["email"] for each in await taken_on(abbey, Desk("duty-desk", "new@example.org", "1", None))] == [
        "new@example.org"
    ]
    assert [
        each.data["telephone"] for each in await taken_on(abbey, Desk("duty-desk", "new@example.org", "2", None))
    ] == ["2"]


async def test_a_late_record_of_a_desk_is_followed_by_the_desk_as_it_is_now_and_not_taken_for_an_erased_person(
    abbey: Authority,
) -> None:
    """D3.4"""
    await taken_on(abbey, DUTY)
    await abbey.forget_said()
    await abbey.do(lambda uow: publish_again(uow, [KEY]))
    [said] = await abbey.said()
    assert (said.key, said.data["email"]) == (KEY, "duty@example.org")


async def test_a_desk_from_before_desks_were_told_is_told_when_the_service_starts(
    store: Store, topic: Callable[..., str], kafka_settings: Callable[[str], KafkaUser]
) -> None:
    """W-16: an authority that was taken on long ago has nothing to do."""
    name, settings = topic("people"), settings_of(kafka_settings("membership"), store)
    await store.run(
        lambda uow: uow.execute(
            "insert into desk (authority, desk, mailbox, telephone) values ('937', 'duty-desk', 'duty@example.org', '1')"
        )
    )
    async with keeping(store, settings, name):
        [said] = await eventually(lambda: waiting(store))
    assert (said["key"], said["data"]["email"]) == (KEY, "duty@example.org")
    await store.run(lambda uow: uow.execute("delete from outbox"))
    await send(settings, name, KEY, [1])
    somebody = "937/person/00000000-0000-4000-8000-000000000000"
    async with keeping(store, settings, name):
        await send(settings, name, somebody, [2, 1])
        assert [each["key"] for each in await eventually(lambda: waiting(store))] == [somebody]


@pytest.mark.parametrize("recorded", [True, False])
async def test_the_queue_says_where_the_duty_desk_could_not_be_written_to(
    ask: Ask, abbey: Authority, recorded: bool
) -> None:
    """W-16, R0.3: no desk was ever recorded, so of a call that reaches it only the queue tells."""
    if recorded:
        await taken_on(abbey, DUTY)
    await abbey.do(lambda uow: inspection_calls.start(uow, "900011", started_by="head"))
    await time_passes(abbey, date(2024, 1, 11))
    found: dict[str, Any] = (await items(ask))[0]
    assert found["kind"] == "inspection-call"
    assert found["mailbox"] == ("duty@example.org" if recorded else None)
    assert ("nobody was written to" in found["cure"].lower()) is not recorded
    assert "accept the call" in found["cure"]
