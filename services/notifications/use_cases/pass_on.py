"""Passing on what was read: the journey, the departments, the feed; for a whole batch at once.

The inbox hands over a batch in waves. What they bring is gathered and written at the end of the transaction, so that
a batch costs at most one statement a table, however many of its records share a key, and the counter of the feed,
which every batch wants, is locked last.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from services.notifications import outbound
from services.notifications.domain.departments import AllowLists, Department, Fact, Verdict, strictest, usual_lists
from services.notifications.domain.feed import Public, PublicOutcome, PublicWithdrawal
from services.notifications.domain.telling import FEED, PEOPLE, Stage, Why, opens_with
from services.notifications.store import feed, gate, journeys, together, webhooks
from services.notifications.store.gate import Held, ToldOf
from services.notifications.store.webhooks import NewDelivery
from services.notifications.use_cases.tell_people import Change, alert_desks, tell_of_changes, wake
from shared.contracts.envelope import Envelope, school_of
from shared.contracts.membership import (
    OutcomePublished,
    OutcomeWithdrawn,
    RepresentationReassigned,
    SchoolTold,
    no_desk_was_asked,
)
from shared.contracts.registry import Sensitivity, event_type
from shared.contracts.topics import authorities, department_topic
from shared.contracts.upcast import read
from shared.messaging.cause import Cause, new_id
from shared.messaging.inbound import Received
from shared.store import UnitOfWork
from shared.telemetry import step

ALLOW_LISTS = usual_lists(each.code for each in authorities())
LISTS = AllowLists(ALLOW_LISTS)


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

    async def settle(self, uow: UnitOfWork) -> None:
        await journeys.add(self.events, uow)
        await alert_desks(self.events, uow)
        await _tell(self.events, uow)


_batches: "WeakKeyDictionary[UnitOfWork, Batch]" = WeakKeyDictionary()


def _batch_of(uow: UnitOfWork) -> Batch:
    if uow not in _batches:
        _batches[uow] = batch = Batch()
        uow.before_commit(batch.settle)
    return _batches[uow]


async def pass_on(events: list[Received[Any]], uow: UnitOfWork) -> None:
    """Every record of every known type, our own among them."""
    _batch_of(uow).events.extend(events)


async def _tell(events: list[Received[Any]], uow: UnitOfWork) -> None:
    """To everybody what the lists and the class admit, in the order of telling; the rest is held (R0.8, D3.8)."""
    audiences = {event.id: _audiences(event, uow) for event in events if not event.erased}
    untold = {event.correlation_id for event in events if True in audiences.get(event.id, {}).values()}
    opened = {
        (story, event.data.urn): event.data.told_on
        for event in events
        if isinstance(event.data, SchoolTold)
        for story in event.data.releases
    }
    released_stories = {story for story, _ in opened}
    stories = {event.correlation_id for event in events} | released_stories
    in_pieces = await together.read(events, uow)
    if not (opened or in_pieces or any(audiences.values())):
        return  # nobody's: as most of our own records
    await gate.lock(stories, uow)
    told = await gate.open_or_wait(untold, opened, uow)
    released = await gate.release(released_stories, uow)
    changes = [change_of_held(held) for held in released if held.audience == PEOPLE]
    changes += [
        Change(event.id, event.type, event.authority, event.data, event.sensitivity.value, event.cause)
        for event in events
        if PEOPLE in audiences.get(event.id, {}) and (event.told or _its_school(event) in told)
    ]
    telling = await tell_of_changes(changes, uow)
    # Of what comes in pieces nobody knows yet whether it is over: that is seen when all of it was read.
    await gate.begin_telling(telling | dict.fromkeys(in_pieces, (Stage.HEADS, ())), uow)
    if in_pieces:
        wake()

    stages = await gate.stages(stories, uow)
    lines = await gate.lines({event.key for event in events}, uow)
    going, holding = [held for held in released if held.audience != PEOPLE], []
    for event in events:
        for audience, needs_told in audiences.get(event.id, {}).items():
            assert event.value is not None
            waits = needs_told and _its_school(event) not in told
            # What goes out after the school was told goes out as a fact that it knows.
            envelope = replace(event.envelope, told=True) if needs_told and not waits else event.envelope
            record = Held(envelope, event.key, event.value, audience, waits, event.cause)
            if audience == PEOPLE:
                holding += [record] if waits else []
                continue
            early = stages.get(event.correlation_id, Stage.FEED) < (opens_with(audience) or Stage.HEADS)
            if waits or early or (event.key, audience) in lines:
                lines.add((event.key, audience))
                holding.append(record)
            else:
                going.append(record)
    await gate.hold(holding, uow)
    public = {event.id: event.data for event in events if isinstance(event.data, OutcomePublished | OutcomeWithdrawn)}
    await _give(going, uow, public)


async def open_stages(steps: Mapping[UUID, tuple[Stage, Why]], uow: UnitOfWork) -> int:
    """Open the next stage of these stories, and give out what waited for it; how many there were."""
    moved = await gate.advance(steps, uow)
    await give_out(moved, uow)
    return len(moved)


async def give_out(stories: Collection[UUID], uow: UnitOfWork) -> None:
    """What may go out of these stories, and what waited behind it."""
    await _give(await gate.release(stories, uow), uow)


def _audiences(event: Received[Any], uow: UnitOfWork) -> dict[str, bool]:
    """Who is told of this record, and whether only after the school was. By the record's class, not only its type."""
    found = {department.value: verdict is Verdict.HOLD for department, verdict in _verdicts(event, uow).items()}
    if isinstance(event.data, OutcomePublished | OutcomeWithdrawn) and event.told and _is_public(event):
        found[FEED] = False
    if isinstance(event.data, RepresentationReassigned) and event.sensitivity is not Sensitivity.CONFIDENTIAL:
        found[PEOPLE] = not event.told
    return found


def _its_school(event: Received[Any]) -> ToldOf:
    return event.correlation_id, school_of(event.key)


def _is_public(event: Received[Any]) -> bool:
    return event.sensitivity is Sensitivity.PUBLIC


def change_of_held(held: Held) -> Change:
    """A change of who speaks that was held, of which its school knows now."""
    envelope = held.envelope
    data = read(envelope.type, held.value)
    assert isinstance(data, RepresentationReassigned)
    return Change(envelope.id, envelope.type, _authority(held.key), data, envelope.sensitivity.value, held.because)


async def _give(
    records: Sequence[Held], uow: UnitOfWork, known: Mapping[UUID, OutcomePublished | OutcomeWithdrawn] = {}
) -> None:
    """To the departments, then to the feed, whose counter is locked last. `known`: outcomes that were read already."""
    passing: dict[tuple[UUID, bool], Passing] = {}
    for each in records:
        if each.audience == FEED:
            continue
        envelope = replace(each.envelope, told=True) if each.needs_told else each.envelope
        place = (envelope.id, envelope.told)
        found = passing.get(place) or Passing(envelope, each.key, each.value, (), each.because)
        passing[place] = replace(found, departments=(*found.departments, Department(each.audience)))
    await _hand_over(list(passing.values()), uow)
    await _publish([each for each in records if each.audience == FEED], known, uow)


async def _hand_over(passing: list[Passing], uow: UnitOfWork) -> None:
    """To the department's topic, and once to each of its webhooks."""
    wanted = {(_authority(each.key), department) for each in passing for department in each.departments}
    receivers = await webhooks.receivers(wanted, uow)
    deliveries = []
    for each in passing:
        authority, body = _authority(each.key), ""
        # That somebody was told of a restricted change is as restricted as the change, or as its type.
        # How many people hear of what was recorded with it is nothing that a department may know.
        outside = each.envelope if each.envelope.people_first is None else replace(each.envelope, people_first=None)
        sensitivity = Sensitivity(strictest(each.envelope.sensitivity, event_type(each.envelope.type).sensitivity))
        for department in each.departments:
            uow.copy(outside, each.value, topic=department_topic(authority, department).name, key=each.key)
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


async def _publish(
    outcomes: Sequence[Held], known: Mapping[UUID, OutcomePublished | OutcomeWithdrawn], uow: UnitOfWork
) -> None:
    if not outcomes:
        return
    sources = {each.envelope.id: each for each in outcomes}
    public = {event_id: public_part(known.get(event_id) or _read(each)) for event_id, each in sources.items()}
    for entry in await feed.publish(public, uow):
        source = sources[entry.event_id]
        with step("feed.publish", cause=source.because) as cause:
            uow.record(
                outbound.entry_published(entry.region, entry.number, entry.kind, entry.urn, entry.event_id),
                key=outbound.feed_key(_authority(source.key), entry.region),
                because=cause,
            )


def _verdicts(event: Received[Any], uow: UnitOfWork) -> dict[Department, Verdict]:
    kind = event_type(event.type)
    fact = Fact(
        event.authority,
        event.type,
        event.sensitivity.value,
        kind.sensitivity.value,
        event.told,
        at_no_desk=no_desk_was_asked(event.data),
    )
    return LISTS.verdicts(fact, uow.today)


def _read(held: Held) -> OutcomePublished | OutcomeWithdrawn:
    data = read(held.envelope.type, held.value)
    assert isinstance(data, OutcomePublished | OutcomeWithdrawn)
    return data


def public_part(data: OutcomePublished | OutcomeWithdrawn) -> Public:
    if isinstance(data, OutcomeWithdrawn):
        return PublicWithdrawal(
            urn=data.urn,
            school_name=data.school_name,
            authority=data.authority,
            region=data.region,
            inspection_number=data.inspection_number,
            kind=data.kind,
            published_on=data.published_on,
            why=data.why,
            role_before=data.public_role_before,
            role_after=data.public_role_after,
        )
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
        report_card=grades.report_card,
        corrects=data.corrects,
    )


def _authority(key: str) -> str:
    return key.split("/", 1)[0]
