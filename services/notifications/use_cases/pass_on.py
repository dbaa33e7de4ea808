"""Passing on what was read: the journey, the departments, the feed; for a whole batch at once.

The inbox hands over a batch in waves. What they bring is gathered and written at the end of the transaction, so that
a batch costs at most one statement a table, however many of its records share a key, and the counter of the feed,
which every batch wants, is locked last.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

from services.notifications import outbound
from services.notifications.domain.departments import AllowLists, Department, Fact, Verdict, strictest
from services.notifications.domain.feed import PublicOutcome
from services.notifications.store import feed, gate, journeys, webhooks
from services.notifications.store.gate import Held
from services.notifications.store.webhooks import NewDelivery
from shared.contracts.envelope import Envelope
from shared.contracts.membership import OutcomePublished, SchoolTold
from shared.contracts.registry import Sensitivity, event_type
from shared.contracts.topics import department_topic
from shared.messaging.cause import Cause, new_id
from shared.messaging.inbound import Received
from shared.store import UnitOfWork
from shared.telemetry import step

LISTS = AllowLists()


@dataclass(frozen=True, slots=True)
class Passing:
    """One record on its way to departments."""

    envelope: Envelope
    key: str
    value: bytes
    departments: tuple[Department, ...]
    cause: Cause


@dataclass
class Batch:
    """What one transaction has read so far."""

    events: list[Received[Any]] = field(default_factory=list)
    outcomes: list[Received[OutcomePublished]] = field(default_factory=list)

    async def settle(self, uow: UnitOfWork) -> None:
        await journeys.add(self.events, uow)
        await _inform(self.events, uow)
        await _publish(self.outcomes, uow)


_batches: "WeakKeyDictionary[UnitOfWork, Batch]" = WeakKeyDictionary()


def _batch_of(uow: UnitOfWork) -> Batch:
    if uow not in _batches:
        _batches[uow] = batch = Batch()
        uow.before_commit(batch.settle)
    return _batches[uow]


async def pass_on(events: list[Received[Any]], uow: UnitOfWork) -> None:
    """Every record of every known type, our own among them."""
    _batch_of(uow).events.extend(events)


async def publish_to_the_feed(events: list[Received[OutcomePublished]], uow: UnitOfWork) -> None:
    _batch_of(uow).outcomes.extend(events)


async def _inform(events: list[Received[Any]], uow: UnitOfWork) -> None:
    """To each department what its list and the class admit; what the school must hear first is held (D3.8)."""
    verdicts = {event.id: _verdicts(event, uow) for event in events if not event.erased}
    waiting = {event.correlation_id for event in events if Verdict.HOLD in verdicts.get(event.id, {}).values()}
    opened = {
        story: event.data.told_on
        for event in events
        if isinstance(event.data, SchoolTold)
        for story in event.data.releases
    }
    told = await gate.open_or_wait(waiting, opened, uow)

    passing = [_released(held) for held in await gate.release(opened, uow)]
    holding = []
    for event in events:
        found = verdicts.get(event.id)
        if not found:
            continue
        at_once = tuple(department for department, verdict in found.items() if verdict is Verdict.INFORM)
        later = tuple(department for department, verdict in found.items() if verdict is Verdict.HOLD)
        assert event.value is not None
        if at_once:
            passing.append(Passing(event.envelope, event.key, event.value, at_once, event.cause))
        if later and event.correlation_id in told:
            passing.append(Passing(replace(event.envelope, told=True), event.key, event.value, later, event.cause))
        elif later:
            holding.append(Held(event.envelope, event.key, event.value, later))
    await gate.hold(holding, uow)
    await _hand_over(passing, uow)


async def _hand_over(passing: list[Passing], uow: UnitOfWork) -> None:
    """To the department's topic, and once to each of its webhooks."""
    wanted = {(_authority(each.key), department) for each in passing for department in each.departments}
    receivers = await webhooks.receivers(wanted, uow)
    deliveries = []
    for each in passing:
        authority, body = _authority(each.key), ""
        # That somebody was told of a restricted change is as restricted as the change, or as its type.
        sensitivity = Sensitivity(strictest(each.envelope.sensitivity, event_type(each.envelope.type).sensitivity))
        for department in each.departments:
            uow.copy(each.envelope, each.value, topic=department_topic(authority, department).name, key=each.key)
            with step("department.inform", cause=each.cause, department=department.value) as cause:
                uow.record(
                    outbound.informed(department, each.envelope),
                    key=outbound.department_key(authority, department),
                    because=cause,
                    sensitivity=sensitivity,
                    told=each.envelope.told,
                )
            for subscription_id in receivers.get((authority, department), ()):
                body = body or outbound.webhook_body(each.envelope, each.key, each.value)
                deliveries.append(NewDelivery(new_id(), subscription_id, each.envelope, each.key, body))
    await webhooks.add_deliveries(deliveries, uow)


async def _publish(outcomes: list[Received[OutcomePublished]], uow: UnitOfWork) -> None:
    sources = {event.id: (event, public_part(event.data)) for event in outcomes}
    for entry in await feed.publish({event_id: public for event_id, (_, public) in sources.items()}, uow):
        event = sources[entry.event_id][0]
        with step("feed.publish", cause=event.cause, region=entry.region, number=entry.number) as cause:
            uow.record(
                outbound.entry_published(entry.region, entry.number, entry.kind, entry.urn, entry.event_id),
                key=outbound.feed_key(event.authority, entry.region),
                because=cause,
            )


def _verdicts(event: Received[Any], uow: UnitOfWork) -> dict[Department, Verdict]:
    kind = event_type(event.type)
    fact = Fact(event.authority, event.type, event.sensitivity.value, kind.sensitivity.value, event.told)
    return LISTS.verdicts(fact, uow.today)


def _released(held: Held) -> Passing:
    """What was held goes out as a fact that its school knows."""
    envelope = replace(held.envelope, told=True)
    cause = Cause(envelope.correlation_id, envelope.id, envelope.traceparent, envelope.batch_id)
    return Passing(envelope, held.key, held.value, held.departments, cause)


def public_part(data: OutcomePublished) -> PublicOutcome:
    grades = data.grades
    return PublicOutcome(
        urn=data.urn,
        school_name=data.school_name,
        authority=data.authority,
        region=data.region,
        inspection_number=data.inspection_number,
        kind=data.kind,
        inspection_started_on=data.inspection_started_on,
        published_on=data.published_on,
        headline=grades.headline,
        category_of_concern=grades.category_of_concern,
        quality_of_education=grades.quality_of_education,
        leadership=grades.leadership,
        safeguarding_effective=grades.safeguarding_effective,
        inherited_from_urn=data.inherited_from_urn,
        report_link=data.report_link,
        role_before=data.public_role_before,
        role_after=data.public_role_after,
    )


def _authority(key: str) -> str:
    return key.split("/", 1)[0]
