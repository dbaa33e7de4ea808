"""Who would hear what if a school were recorded as told: looked at before, since what has gone out can't be called back.

What is done when it is told is done here too, and undone again: so the answer is what would happen, and not another rule's
opinion of it (R0.8).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.domain.departments import Department
from services.notifications.domain.telling import FEED, PEOPLE
from services.notifications.store import gate, journeys, messages
from services.notifications.store.gate import Held
from services.notifications.store.messages import HeardFor, NewMessage
from services.notifications.store.names import School, names_of
from services.notifications.use_cases.pass_on import change_of_held
from services.notifications.use_cases.tell_people import messages_of
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Hears:
    """A message that somebody would have. ``reason``: why it could not be sent."""

    person_id: UUID
    name: str | None
    kind: str
    urn: str
    school_name: str
    channel: str
    details: dict[str, Any]
    due_at: datetime
    reason: str | None


@dataclass(frozen=True)
class Informed:
    """A record that a department would be given. ``at_once`` is False where it waits for its turn (D3.2, D3.8)."""

    department: Department
    type: str
    event_id: UUID
    at_once: bool


@dataclass(frozen=True)
class WouldHear:
    """``not_read_yet``: the stories of which nothing has come here, so that nobody can say yet who would hear of them."""

    people: list[Hears]
    departments: list[Informed]
    not_read_yet: list[UUID]


async def who_would_hear(
    uow: UnitOfWork,
    school: School,
    stories: Collection[UUID],
    chair_of_governors: UUID | None,
    trusts: Mapping[str, UUID | None],
) -> WouldHear:
    """``trusts``: who is written to for each of these, or nobody, as membership says that it is today."""
    async with uow.rehearsal():
        await gate.lock(stories, uow)
        await gate.open_or_wait((), dict.fromkeys(((story, school.urn) for story in stories), uow.today), uow)
        if chair_of_governors is not None:
            await messages.let_hear_with_the_head({(story, school.urn, chair_of_governors) for story in stories}, uow)
        await messages.let_hear_for_trusts(
            {
                (story, school.urn, trust_id): HeardFor(hears, None)
                for story in stories
                for trust_id, hears in trusts.items()
            },
            uow,
        )
        going = await gate.release(stories, uow)
        following = await gate.known_and_held(stories, uow)
        written = await messages_of([change_of_held(each) for each in going if each.audience == PEOPLE], uow)
    names = await names_of({each.addressed.person_id for each in written}, uow)
    return WouldHear(
        people=[_hears(each, school.name, names.get(each.addressed.person_id)) for each in _in_order(written)],
        departments=[*_informed(going, at_once=True), *_informed(following, at_once=False)],
        not_read_yet=sorted(set(stories) - await journeys.heard_of(stories, school.urn, school.authority, uow)),
    )


def _in_order(written: Sequence[NewMessage]) -> list[NewMessage]:
    """In the order of telling: at the school first."""
    return sorted(written, key=lambda each: (each.addressed.stage or 0, str(each.addressed.person_id), each.channel))


def _hears(message: NewMessage, school_name: str, name: str | None) -> Hears:
    to = message.addressed
    return Hears(
        person_id=to.person_id,
        name=name,
        kind=to.kind.value,
        urn=message.urn,
        school_name=school_name,
        channel=message.channel,
        details=message.details,
        due_at=message.due_at,
        reason=message.reason,
    )


def _informed(records: Sequence[Held], *, at_once: bool) -> list[Informed]:
    return [
        Informed(Department(each.audience), each.envelope.type, each.envelope.id, at_once)
        for each in records
        if each.audience not in (PEOPLE, FEED)
    ]
