"""People hear of what concerns them: heads and speakers of a change, whoever is asked about an inspection (R0.8, W-16)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from weakref import WeakSet

from services.notifications.domain.departments import strictest
from services.notifications.domain.message import (
    EMAIL,
    GENERAL,
    INSPECTION,
    Addressed,
    Kind,
    Reassigned,
    alerted,
    asked_at_once,
    may_go,
    told_of,
)
from services.notifications.domain.telling import Progress, Stage, Why, is_over
from services.notifications.settings import settings
from services.notifications.store import letters, messages
from services.notifications.store.messages import HeardFor, NewMessage
from shared.calendar import calendar
from shared.contracts.membership import (
    DESKS,
    DUTY_DESK,
    InspectionCallAccepted,
    InspectionCallAsked,
    InspectionCallClosed,
    RepresentationReassigned,
    SchoolTold,
    Speaker,
    desk_id,
)
from shared.contracts.registry import Sensitivity, event_type
from shared.messaging.cause import Cause
from shared.messaging.inbound import Received
from shared.store import UnitOfWork

# Whoever sends looks soon when there is something new; a process that only reads need not have a sender.
listening: "WeakSet[asyncio.Event]" = WeakSet()

Opened = Sequence[tuple[Stage, Why]]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of who speaks, as it came or as it was released."""

    event_id: UUID
    event_type: str
    authority: str
    data: RepresentationReassigned
    sensitivity: str
    cause: Cause


def wake() -> None:
    for each in list(listening):
        each.set()


async def tell_of_changes(changes: Sequence[Change], uow: UnitOfWork) -> dict[UUID, tuple[Stage, Opened]]:
    """Write what heads and speakers are to be told. For each story with people to tell: its stage, and why it is there.

    A message that waits by rule for a school day or the end of a week keeps nobody waiting.
    """
    if not changes:
        return {}
    new = await messages_of(changes, uow)
    await messages.add(new, uow)
    wake()
    stories: dict[UUID, list[NewMessage]] = {}
    for message in new:
        stories.setdefault(message.cause.correlation_id, []).append(message)
    return {story: _where(mine, uow.now) for story, mine in stories.items()}


async def messages_of(changes: Sequence[Change], uow: UnitOfWork) -> list[NewMessage]:
    """What heads and speakers are to be told of these changes."""
    # On the day on which it is told: who left before hears nothing of it.
    heads = await messages.heads_of({(change.data.urn, uow.today) for change in changes}, uow)
    governors = await messages.heard_with_the_head({change.cause.correlation_id for change in changes}, uow)
    trusts = await messages.heard_for_trusts({change.cause.correlation_id for change in changes}, uow)
    told = [
        (change, each)
        for change in changes
        for each in told_of(
            change_of(change.data, trusts.get((change.cause.correlation_id, change.data.urn), {})),
            heads.get(change.data.urn, ()),
            governors.get((change.cause.correlation_id, change.data.urn), ()),
        )
    ]
    last = await letters.last_sent({each.person_id for _, each in told}, uow)
    return [
        NewMessage(
            addressed=each,
            channel=channel,
            event_id=change.event_id,
            authority=change.authority,
            urn=change.data.urn,
            details={
                "valid_from": change.data.valid_from.isoformat(),
                "matters": list(each.matters),
                "also_lost": list(each.also_lost),
                "for_trust": each.for_trust,
                **_named(each, change, trusts.get((change.cause.correlation_id, change.data.urn), {}), uow.today),
            },
            sensitivity=strictest(change.sensitivity, event_type(change.event_type).sensitivity.value),
            cause=change.cause,
            due_at=may_go(calendar(), change.authority, uow.now, last.get(each.person_id)),
            reason=settings().no_channel(channel),
        )
        for change, each in told
        for channel in each.channels
    ]


def _named(each: Addressed, change: Change, trusts: Mapping[str, HeardFor], today: date) -> dict[str, str]:
    """Of somebody who hears because of a post: at which trust, and by which event she was named for which day. Another may be
    in post when it goes at last."""
    if each.kind is Kind.GOVERNORS_HEAR:
        return {"named_by": str(change.event_id), "named_on": today.isoformat()}
    if each.in_post_at is None:
        return {}
    told = trusts.get(each.in_post_at)
    if told is not None and told.told_as is not None and told.person_id == each.person_id:
        return {"trust_id": each.in_post_at, "named_by": str(told.told_as), "named_on": today.isoformat()}
    named_on = change.data.valid_from.isoformat()
    return {"trust_id": each.in_post_at, "named_by": str(change.event_id), "named_on": named_on}


async def note_who_hears(events: list[Received[SchoolTold]], uow: UnitOfWork) -> None:
    """Of what the school knows now: the chair of its governors where the officer says so, and for a trust whoever is in post
    on the day of the telling, and not who was when the change was recorded (R0.8)."""
    await messages.let_hear_with_the_head(
        {
            (story, event.data.urn, event.data.chair_of_governors_id)
            for event in events
            if event.data.chair_of_governors_id is not None
            for story in event.data.releases
        },
        uow,
    )
    await messages.let_hear_for_trusts(
        {
            (story, event.data.urn, each.trust_id): HeardFor(each.person_id, event.id)
            for event in events
            for story in event.data.releases
            for each in event.data.trusts
        },
        uow,
    )


def _where(mine: Sequence[NewMessage], now: datetime) -> tuple[Stage, Opened]:
    """The stage at which a story begins, and the stages that are open from the start."""
    opened: list[tuple[Stage, Why]] = []
    for stage in (Stage.HEADS, Stage.SPEAKERS):
        of_stage = [each for each in mine if each.addressed.stage is stage]
        why = is_over(
            Progress(
                open=sum(1 for each in of_stage if each.reason is None and each.due_at <= now),
                by_rule=sum(1 for each in of_stage if each.reason is None and each.due_at > now),
                failed=sum(1 for each in of_stage if each.reason is not None),
            )
        )
        if why is None:
            return stage, opened
        opened.append((Stage(stage + 1), why))
    return Stage.FEED, [*opened, (Stage.FEED, Why.TOLD)]


async def alert_desks(events: Sequence[Received[Any]], uow: UnitOfWork) -> None:
    """A desk that comes to speak, because nobody else is found or by the policy, hears of it now at its own mailbox. It is the
    council's, so it may know before the school does (W-17, W-18)."""
    new = [
        NewMessage(
            addressed=alerted(desk_id(event.authority, desk), matters),
            channel=EMAIL,
            event_id=event.id,
            authority=event.authority,
            urn=event.data.urn,
            details={"valid_from": event.data.valid_from.isoformat(), "matters": matters, "desk": desk},
            sensitivity=strictest(event.sensitivity.value, event_type(event.type).sensitivity.value),
            cause=event.cause,
            due_at=uow.now,
            urgent=True,
            reason=settings().no_channel(EMAIL),
        )
        for event in events
        # Who really speaks, and not who does as the school was told.
        if type(event.data) is RepresentationReassigned and event.sensitivity is not Sensitivity.CONFIDENTIAL
        for desk, matters in _desks_that_come_to_speak(event.data).items()
    ]
    if new:
        await messages.add(new, uow)
        wake()


def _desks_that_come_to_speak(data: RepresentationReassigned) -> dict[str, list[str]]:
    """Each with the matters on which it speaks now and did not."""
    found: dict[str, list[str]] = {}
    for matter, before, after in (
        (GENERAL, data.general_before, data.general_after),
        (INSPECTION, data.inspection_before, data.inspection_after),
    ):
        if after.role in DESKS and _who(before) != _who(after):
            found.setdefault(after.role, []).append(matter)
    return found


async def ask_at_once(events: list[Received[InspectionCallAsked]], uow: UnitOfWork) -> None:
    """Whoever is asked hears of it now, whatever the day and the week (W-16)."""
    new = [
        _asked(event, each, channel, uow)
        for event in events
        for each in asked_at_once(_receivers(event))
        for channel in each.channels
    ]
    await messages.add(new, uow)
    wake()


def _receivers(event: Received[InspectionCallAsked]) -> list[UUID]:
    """Whoever is named, and a desk at its own mailbox too: the officer of the day may be away, and somebody looks there."""
    call, desk = event.data, _desk(event.data)
    named = [call.person_id] if call.person_id is not None else []
    return [*named, desk_id(event.authority, desk)] if desk is not None else named


def _desk(call: InspectionCallAsked) -> str | None:
    """The desk that is asked. Where nobody is named who could be written to, the duty desk is (R0.3)."""
    if call.role in DESKS:
        return call.role
    return DUTY_DESK if call.person_id is None else None


async def ask_no_more(
    events: Sequence[Received[InspectionCallAccepted] | Received[InspectionCallClosed]], uow: UnitOfWork
) -> None:
    """Somebody speaks, or the call is over: whoever was not reached yet need not be (W-16)."""
    why = "the call was answered or closed before this could be sent"
    await letters.call_off({event.data.call_id for event in events}, why, uow)


def _asked(event: Received[InspectionCallAsked], each: Addressed, channel: str, uow: UnitOfWork) -> NewMessage:
    by = event.data.answer_by
    return NewMessage(
        addressed=each,
        channel=channel,
        event_id=event.id,
        authority=event.authority,
        urn=event.data.urn,
        details={
            "call_id": str(event.data.call_id),
            "answer_by": by.isoformat() if by else None,
            "desk": _desk(event.data),
        },
        sensitivity=strictest(event.sensitivity.value, event_type(event.type).sensitivity.value),
        cause=event.cause,
        due_at=uow.now,
        urgent=True,
        reason=settings().no_channel(channel),
    )


def change_of(data: RepresentationReassigned, trusts: Mapping[str, HeardFor]) -> Reassigned:
    """``trusts``: who hears for a trust by now, where that was said since."""

    def hears(speaker: Speaker | None) -> UUID | None:
        """The person who speaks, or whoever is written to for the trust that does."""
        if speaker is None or speaker.person_id is not None:
            return speaker.person_id if speaker else None
        told = trusts.get(speaker.trust_id or "")
        return told.person_id if told else speaker.trust_contact_id

    before = {GENERAL: data.general_before, INSPECTION: data.inspection_before}
    after = {GENERAL: data.general_after, INSPECTION: data.inspection_after}
    changed = tuple(matter for matter in (GENERAL, INSPECTION) if _who(before[matter]) != _who(after[matter]))
    everybody = [each for each in (*before.values(), *after.values()) if each is not None]
    themselves = {each.person_id for each in everybody}
    return Reassigned(
        data.urn,
        data.valid_from,
        # Where the trust speaks as before, its new chief executive gains nothing and the former loses nothing.
        {matter: hears(speaker) for matter, speaker in before.items() if matter in changed},
        {matter: hears(speaker) for matter, speaker in after.items() if matter in changed},
        changed,
        frozenset(person for each in everybody if (person := hears(each)) is not None) - themselves,
        {matter: speaker.trust_id for matter, speaker in before.items() if speaker},
        {matter: speaker.trust_id for matter, speaker in after.items() if speaker},
    )


def _who(speaker: Speaker | None) -> Any:
    """Who speaks, apart from the rule by which, and from who hears of it: with the same answer nothing changes."""
    return speaker.model_dump(exclude={"rule", "trust_contact_id"}) if speaker else None
