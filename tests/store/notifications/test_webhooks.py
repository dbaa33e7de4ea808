"""Webhooks against real receivers: at least once, in order per key, never again after a success (D3.9)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks.webhooks import WebhookVerificationError

from services.notifications.deliverer import Deliverer
from services.notifications.domain.retry import decide
from services.notifications.sender import Sender
from services.notifications.store import webhooks
from services.notifications.store.webhooks import Attempt
from services.notifications.use_cases.subscribe import resume, subscribe
from shared.contracts.envelope import body_key
from shared.messaging.lease import Lease
from shared.metrics import REGISTRY
from tests.eventually import PATIENCE, eventually
from tests.store.notifications.conftest import WARWICKSHIRE, Notifications, id_of
from tests.store.notifications.receivers import Receiver, receiving, verified
from tests.store.notifications.test_informing import HEADS, took_office

AT_ONCE = (timedelta(0),) * 3
IN_AN_HOUR = (timedelta(hours=1),)


class Hooked:
    """One subscription of governance and the worker that serves it."""

    def __init__(self, notifications: Notifications, receiver: Receiver, subscription: dict[str, Any]):
        self.notifications = notifications
        self.receiver = receiver
        self.id: UUID = subscription["id"]
        self.secret: str = subscription["secret"]

    @asynccontextmanager
    async def working(self, schedule: tuple[timedelta, ...] = AT_ONCE, **settings: Any) -> AsyncIterator[Deliverer]:
        """The worker as the service runs it, until the end of the block."""
        settings.setdefault("allowed", frozenset({self.receiver.place}))
        stopping = asyncio.Event()
        async with Sender(**{"timeout": 5.0, **settings}) as sender:
            deliverer = Deliverer(self.notifications.store, sender, schedule)
            task = asyncio.create_task(deliverer.run(Lease(self.notifications.store, "webhooks"), stopping))
            try:
                yield deliverer
            finally:
                stopping.set()
                await task

    async def happens(self, *numbers: int, key: str = HEADS) -> list[UUID]:
        records = [self.notifications.record_of(took_office(number), key) for number in numbers]
        await self.notifications.reads(*records)
        return [id_of(record) for record in records]

    async def delivered(self) -> list[UUID]:
        rows = await self.notifications.rows(
            "select event_id from delivery where state = 'delivered' and subscription_id = $1 order by position",
            self.id,
        )
        return [row.event_id for row in rows]

    async def state(self) -> str:
        (row,) = await self.notifications.rows("select state from subscription where id = $1", self.id)
        return str(row.state)

    def received(self) -> list[UUID]:
        return [UUID(str(verified(call, self.secret)["id"])) for call in self.receiver.calls]


async def hook(notifications: Notifications, receiver: Receiver) -> Hooked:
    subscription = await notifications.store.run(
        lambda uow: subscribe(
            uow,
            authority=WARWICKSHIRE,
            department="governance",
            url=receiver.url,
            who="officer",
            allowed=frozenset({receiver.place}),
        )
    )
    return Hooked(notifications, receiver, subscription)


@pytest.fixture
async def hooked(notifications: Notifications) -> AsyncIterator[Callable[..., Any]]:
    """`await hooked(Receiver(...))` subscribes a receiver that runs until the end of the test."""
    opened = []

    async def make(receiver: Receiver | None = None) -> Hooked:
        context = receiving(receiver or Receiver())
        opened.append(context)
        return await hook(notifications, await context.__aenter__())

    yield make
    for context in opened:
        await context.__aexit__(None, None, None)


async def test_a_receiver_gets_a_signed_cloud_event_that_it_can_verify(hooked):
    """D3.9"""
    governance = await hooked()
    (event_id,) = await governance.happens(1)
    async with governance.working():
        await eventually(lambda: governance.receiver.calls)
        await eventually(governance.delivered)
    (call,) = governance.receiver.calls
    verified(call, governance.secret)
    event = from_http_event(HTTPMessage({"content-type": call.headers["content-type"]}, call.body))
    assert event.get_id() == str(event_id)
    assert event.get_type() == "consortia.membership.office.taken-up.v1"
    assert event.get_data() == took_office(1).model_dump(mode="json")
    assert event.get_extension("partitionkey") == HEADS
    with pytest.raises(WebhookVerificationError):
        verified(call, "whsec_" + "A" * 44)


async def test_a_failing_receiver_is_tried_again_under_the_same_id_until_it_answers(hooked):
    governance = await hooked()
    answers = iter([500, 503, 204])
    governance.receiver.answer = lambda call: next(answers)
    await governance.happens(1)
    async with governance.working():
        await eventually(governance.delivered)
    assert len(governance.receiver.calls) == 3
    assert len({call.webhook_id for call in governance.receiver.calls}) == 1
    log = await governance.notifications.rows("select status from delivery_attempt order by id")
    assert [row.status for row in log] == [500, 503, 204]


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ([500, 204], {"failed": 1, "sent": 1}),
        ([500, 500], {"failed": 1, "paused": 1}),
        ([410], {"refused": 1}),
    ],
)
async def test_how_each_attempt_ended_is_counted(hooked, answers: list[int], outcomes: dict[str, int]):
    """D3.12"""
    before = _counted()
    given = iter(answers)
    governance = await hooked(Receiver(answer=lambda call: next(given)))
    await governance.happens(1)
    async with governance.working(AT_ONCE[:1]):
        await eventually(lambda: _counted() - before == Counter(outcomes))


def _counted() -> Counter[str]:
    """The counter of deliveries, by outcome."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    found = [each for each in samples if each.name == "consortia_deliveries_total"]
    assert {each.labels["service"] for each in found} <= {"notifications"}
    return Counter({each.labels["outcome"]: int(each.value) for each in found})


async def test_a_later_event_of_a_key_waits_behind_one_that_fails_and_other_keys_do_not(hooked):
    """D3.9"""
    governance = await hooked()
    stuck, free = HEADS, body_key(WARWICKSHIRE, UUID(int=8))
    governance.receiver.answer = lambda call: 500 if f'"partitionkey":"{stuck}"'.encode() in call.body else 204
    first, _second = await governance.happens(1, 2, key=stuck)
    others = await governance.happens(3, 4, key=free)
    async with governance.working(IN_AN_HOUR):
        await eventually(lambda: _has(governance, others))
    assert [each for each in governance.received() if each not in others] == [first]


async def test_the_events_of_a_key_arrive_in_order_one_at_a_time(hooked):
    governance = await hooked()
    told = await governance.happens(*range(1, 13))
    async with governance.working():
        await eventually(lambda: _has(governance, told))
    assert governance.received() == told
    assert governance.receiver.most_in_flight == 1


async def test_a_receiver_that_is_gone_is_not_called_again(hooked):
    governance = await hooked(Receiver(answer=lambda call: 410))
    await governance.happens(1, 2)
    async with governance.working():
        await eventually(lambda: _is(governance, "disabled"))
        await governance.happens(3, key=body_key(WARWICKSHIRE, UUID(int=9)))
    assert len(governance.receiver.calls) == 1
    assert len(await governance.notifications.rows("select 1 from delivery")) == 2  # none was added after it


async def test_a_redirect_is_a_failure_and_is_not_followed(hooked):
    elsewhere = await hooked()
    governance = await hooked(Receiver(answer=lambda call: 307, location=elsewhere.receiver.url))
    await elsewhere.notifications.rows("update subscription set state = 'disabled' where id = $1", elsewhere.id)
    await governance.happens(1)
    both = frozenset({governance.receiver.place, elsewhere.receiver.place})
    async with governance.working(IN_AN_HOUR, allowed=both):
        await eventually(lambda: _attempted(governance, 1))
    assert elsewhere.receiver.calls == []
    (attempt,) = await governance.notifications.rows("select status from delivery_attempt")
    assert attempt.status == 307


async def test_a_used_up_schedule_pauses_the_subscription_and_leaves_word_for_the_officer(hooked):
    """D3.9"""
    governance = await hooked(Receiver(answer=lambda call: 500))
    await governance.happens(1, 2)
    async with governance.working(AT_ONCE[:2]):
        await eventually(lambda: _is(governance, "paused"))
    assert len(governance.receiver.calls) == 3
    (word,) = await governance.notifications.rows("select what, why from audit where subject = $1", str(governance.id))
    assert (word.what, word.why) == ("subscription.paused", "every attempt of the schedule failed")


async def test_a_resumed_subscription_gets_what_waited_in_order_with_what_came_meanwhile(hooked):
    governance = await hooked(Receiver(answer=lambda call: 500))
    told = await governance.happens(1, 2)
    async with governance.working(()):
        await eventually(lambda: _is(governance, "paused"))
        told += await governance.happens(3)
        governance.receiver.answer = lambda call: 204
        governance.receiver.calls.clear()

        async def again(uow: Any) -> Any:
            return await resume(uow, await webhooks.subscription(governance.id, uow))

        assert (await governance.notifications.store.run(again))["waiting"] == 3
        await eventually(lambda: _has(governance, told))
    assert governance.received() == told


async def test_a_slow_receiver_delays_only_itself(hooked):
    slow = await hooked(Receiver(hang=asyncio.Event()))
    quick = await hooked()
    told = await slow.happens(1, 2, 3)
    async with slow.working(allowed=frozenset({slow.receiver.place, quick.receiver.place}), timeout=30):
        await eventually(lambda: _has(quick, told))
        assert await slow.delivered() == []
        slow.receiver.hang.set()
        await eventually(lambda: _has(slow, told))


async def test_a_receiver_that_never_answers_is_given_up_in_time(hooked):
    governance = await hooked(Receiver(hang=asyncio.Event()))
    await governance.happens(1)
    async with governance.working(IN_AN_HOUR, timeout=0.2):
        await eventually(lambda: _attempted(governance, 1))
    (attempt,) = await governance.notifications.rows("select status, problem from delivery_attempt")
    assert (attempt.status, attempt.problem) == (None, "no answer within 0.2 seconds")


async def test_an_endless_answer_is_cut_short(hooked):
    governance = await hooked(Receiver(answer=lambda call: 200, endless=True))
    await governance.happens(1)
    async with governance.working(timeout=10 * PATIENCE):  # so it isn't the time that ends it
        await eventually(governance.delivered)


async def test_what_was_delivered_is_never_sent_again(hooked):
    """D3.9"""
    governance = await hooked()
    await governance.happens(1, 2)
    async with governance.working():
        await eventually(lambda: _count(governance, 2))
    async with governance.working() as again:
        assert not await again.look()
    assert len(governance.receiver.calls) == 2


async def test_a_late_word_of_failure_does_not_undo_a_recorded_success(hooked):
    """D3.9: a worker that slept past its lease reports last."""
    governance = await hooked()
    await governance.happens(1)
    store = governance.notifications.store
    (due,) = await store.run(lambda uow: webhooks.due((), uow))
    answered = Attempt(due, datetime.now(UTC), 5, 204, None, decide(204, 1))
    late = Attempt(due, datetime.now(UTC), 5, 503, None, decide(503, 1))
    for each in (answered, late):
        await store.run(lambda uow, each=each: webhooks.keep_attempts([each], uow))
    assert len(await governance.delivered()) == 1
    assert await store.run(lambda uow: webhooks.due((), uow)) == []


async def test_a_crash_between_sending_and_recording_sends_again_under_the_same_id(hooked):
    """D3.9: at least once, and the receiver knows the repeat by its id."""
    governance = await hooked()
    await governance.happens(1)
    async with governance.working() as deliverer:

        async def crash(*_: Any) -> None:
            raise RuntimeError("the process dies here")

        deliverer._keep = crash  # type: ignore[method-assign]
        await eventually(lambda: governance.receiver.calls)
    assert await governance.delivered() == []
    async with governance.working():
        await eventually(governance.delivered)
    assert len(governance.receiver.calls) >= 2
    assert len({call.webhook_id for call in governance.receiver.calls}) == 1


async def test_two_workers_do_not_send_at_once(hooked):
    """D3.9: one of them holds the lease."""
    governance = await hooked()
    told = await governance.happens(*range(1, 6))
    async with governance.working(), governance.working():
        await eventually(lambda: _has(governance, told))
    assert governance.received() == told


async def test_who_was_paused_past_the_lease_before_sending_sends_nothing(hooked, monkeypatch: pytest.MonkeyPatch):
    """D3.9: another may have sent it by now, and the next of its key after it."""
    governance, received = await hooked(), []

    def pause_at_first(place: str) -> None:
        if place == "delivery.before_send":
            received.append(len(governance.receiver.calls))
            if len(received) == 1:
                deliverer._lease._asked_at -= 60

    monkeypatch.setattr("services.notifications.deliverer.crash_point", pause_at_first)
    async with governance.working() as deliverer:
        await governance.happens(1)
        await eventually(governance.delivered)
    assert received == [0, 0]
    assert len(governance.receiver.calls) == 1


async def test_a_private_receiver_that_nobody_allowed_is_never_connected_to(hooked):
    """D3.9"""
    governance = await hooked()
    await governance.happens(1)
    async with governance.working(IN_AN_HOUR, allowed=frozenset()):
        await eventually(lambda: _attempted(governance, 1))
    assert governance.receiver.connections == 0


async def test_a_public_name_that_turns_out_to_be_this_machine_is_never_connected_to(hooked):
    """D3.9: the name is looked up once and what it says is checked, so it can't change between check and call."""
    governance = await hooked()
    await governance.notifications.rows(
        "update subscription set url = $1", f"https://council.example:{governance.receiver.port}/hook"
    )
    await governance.happens(1)
    looked_up = []

    async def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    async with governance.working(IN_AN_HOUR, allowed=frozenset(), resolver=rebinding):
        await eventually(lambda: _attempted(governance, 1))
    assert looked_up == ["council.example"]
    assert governance.receiver.connections == 0
    (attempt,) = await governance.notifications.rows("select problem from delivery_attempt")
    assert "not a public address" in attempt.problem


async def test_the_vetted_address_is_called_with_the_name_it_was_asked_for(hooked):
    governance = await hooked()
    place = f"receiver.example:{governance.receiver.port}"
    await governance.notifications.rows("update subscription set url = $1", f"http://{place}/hook?team=si")
    await governance.happens(1)

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with governance.working(allowed=frozenset({place}), resolver=here):
        await eventually(governance.delivered)
    (call,) = governance.receiver.calls
    assert (call.headers["host"], call.path) == (place, "/hook?team=si")


async def _has(hooked: Hooked, told: list[UUID]) -> bool:
    return set(told) <= set(await hooked.delivered())


async def _count(hooked: Hooked, number: int) -> bool:
    return len(await hooked.delivered()) == number


async def _is(hooked: Hooked, state: str) -> bool:
    return await hooked.state() == state


async def _attempted(hooked: Hooked, number: int) -> bool:
    return len(await hooked.notifications.rows("select id from delivery_attempt")) >= number
