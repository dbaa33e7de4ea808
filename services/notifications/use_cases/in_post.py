"""What was made for somebody in a post goes to whoever is in it when it may go at last, and not to her who has left (R0.8)."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.notifications.domain.in_post import Named, hear_now, in_post
from services.notifications.domain.message import Addressed, Kind, may_go
from services.notifications.domain.telling import Stage
from services.notifications.settings import settings
from services.notifications.store import letters, messages, posts
from services.notifications.store.messages import NewMessage
from shared.calendar import calendar
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

WHY = {Kind.SPEAKER_CHANGED: "heads the school no longer", Kind.GOVERNORS_HEAR: "chairs its governors no longer"}
OF_A_TRUST = "hears for the trust no longer"


async def pass_on_to_whoever_is_in_post(busy: Collection[UUID], uow: UnitOfWork) -> set[UUID]:
    """Of what has waited, for a school day, the end of a week or the mail server, whoever has left the post for which it was
    made hears nothing any more, and whoever is in it now hears it in her place. Whose letters were given up by that.

    Also what could not be sent while she was in post and would be tried again; but for letters that are being sent.
    """
    rows = await messages.perhaps_anothers(busy, uow)
    instead = await _now_hear(rows, uow)
    if not instead:
        return set()
    left = [row for row in rows if row.id in instead]
    without = await messages.give_up({row.id: WHY.get(Kind(row.kind), OF_A_TRUST) for row in left}, uow)
    last = await letters.last_sent({person for people in instead.values() for person in people}, uow)
    new = [
        NewMessage(
            addressed=Addressed(person, Kind(row.kind), Stage(row.stage)),
            channel=row.channel,
            event_id=row.event_id,
            authority=row.authority,
            urn=row.urn,
            details=row.details | {"named_on": uow.today.isoformat()},
            sensitivity=row.sensitivity,
            cause=Cause(row.correlation_id, row.event_id, row.traceparent),
            due_at=may_go(calendar(), row.authority, uow.now, last.get(person)),
            reason=settings().no_channel(row.channel),
        )
        for row in left
        for person in sorted(instead[row.id])
    ]
    await messages.add(new, uow)
    return without


async def messages_of(
    person_id: UUID, limit: int, uow: UnitOfWork, *, but_for_kept_from_her: bool
) -> Sequence[Row[Any]]:
    """What she was told and is to be told. ``but_for_kept_from_her``: without what was made for her in a post in which she is
    no longer, and was not sent."""
    unsent = await messages.unsent_and_perhaps_anothers(person_id, uow) if but_for_kept_from_her else ()
    return await messages.of_person(person_id, limit, uow, but_for=await _now_hear(unsent, uow))


async def _now_hear(rows: Sequence[Row[Any]], uow: UnitOfWork) -> dict[UUID, frozenset[UUID]]:
    """Of each of these messages that is no longer hers for whom it was made: who hears it now, perhaps nobody."""
    if not rows:
        return {}
    headed = await posts.headships({row.urn for row in rows}, uow)
    lines = await posts.lines({post for row in rows if (post := _post(row))}, uow)
    found = {}
    for row in rows:
        heads, post = headed.get(row.urn, ()), _post(row)
        people = in_post(heads, uow.today) if post is None else hear_now(lines.get(post), heads, _named(row), uow.today)
        if people is not None and row.person_id not in people:
            found[row.id] = people
    return found


def _post(row: Row[Any]) -> posts.Post | None:
    """For which post but a head's it was made."""
    if row.kind == Kind.SPEAKER_CHANGED:
        return None
    return (posts.SCHOOL, row.urn) if row.kind == Kind.GOVERNORS_HEAR else (posts.TRUST, row.details["trust_id"])


def _named(row: Row[Any]) -> Named:
    by, on = row.details.get("named_by"), row.details.get("named_on")
    return Named(row.person_id, UUID(by) if by else None, date.fromisoformat(on) if on else None)
