"""Messages to people: one a fact, person and channel."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row

from services.notifications.domain.message import Addressed, Kind
from services.notifications.store import letters
from shared.calendar import calendar
from shared.clock import NOW
from shared.messaging.cause import Cause, new_id
from shared.store import Reads, UnitOfWork

AT_A_TIME = 500  # people whose e-mails are gathered in one transaction

# While the head's own message about the same change is under way, or may still come, the speakers' waits: but not for ever.
_AFTER_THE_HEAD = """
    not (coalesce(stage, 1) > 1 and exists (
        select from recorded_together as part join gate using (correlation_id)
        where part.correlation_id = message.correlation_id and part.people_read < part.people
            and gate.stage_since + $3::interval > clock_timestamp()
    )) and
    not exists (
        select from message as first left join letter on letter.id = first.letter_id
        where first.correlation_id = message.correlation_id and first.stage < message.stage and (
            (first.state = 'waiting' and first.due_at <= $1 and first.created_at + $3::interval > clock_timestamp())
            or (first.state = 'in-letter' and letter.made_at + $3::interval > clock_timestamp())
        )
    )
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    addressed: Addressed
    channel: str
    event_id: UUID
    authority: str
    urn: str
    details: dict[str, Any]
    sensitivity: str
    cause: Cause
    due_at: datetime
    urgent: bool = False
    # Why it can't be sent at all, where that is known from the start.
    reason: str | None = None

    @property
    def goes_alone(self) -> bool:
        """An inspection call is a letter by itself and waits for no other; all else is gathered (W-16)."""
        return self.addressed.kind is Kind.INSPECTION_CALL and self.reason is None


class HeardFor(NamedTuple):
    """Who is written to for a trust, or nobody, and the event that says so."""

    person_id: UUID | None
    told_as: UUID | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that may be put into a letter."""

    id: UUID
    person_id: UUID
    authority: str
    urgent: bool


async def heads_of(schools: Collection[tuple[str, date]], uow: UnitOfWork) -> dict[str, list[UUID]]:
    """Who heads each of these schools on its day."""
    if not schools:
        return {}
    rows = await uow.rows(
        """
        select distinct urn, person_id from headship join unnest($1::text[], $2::date[]) as asked (urn, day) using (urn)
        where from_date <= day and (until is null or day < until) order by urn, person_id
        """,
        [urn for urn, _ in sorted(schools)],
        [day for _, day in sorted(schools)],
    )
    found: dict[str, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.urn, []).append(row.person_id)
    return found


async def let_hear_with_the_head(stories: Collection[tuple[UUID, str, UUID]], uow: UnitOfWork) -> None:
    """Of this story and school this person hears too. What is told of it may come later."""
    if stories:
        await uow.execute(
            "insert into hears_with_the_head (correlation_id, urn, person_id) "
            "select * from unnest($1::uuid[], $2::text[], $3::uuid[]) on conflict do nothing",
            *(list(column) for column in zip(*sorted(stories), strict=True)),
        )


async def heard_with_the_head(stories: Collection[UUID], uow: UnitOfWork) -> dict[tuple[UUID, str], list[UUID]]:
    """Who hears of these stories with the head, story by story and school by school."""
    rows = await uow.rows(
        "select correlation_id, urn, person_id from hears_with_the_head where correlation_id = any($1::uuid[]) "
        "order by person_id",
        sorted(stories),
    )
    found: dict[tuple[UUID, str], list[UUID]] = {}
    for row in rows:
        found.setdefault((row.correlation_id, row.urn), []).append(row.person_id)
    return found


async def let_hear_for_trusts(told: Mapping[tuple[UUID, str, str], HeardFor], uow: UnitOfWork) -> None:
    """Of this story and school this person, or nobody, is written to for this trust. What is told of it may come later."""
    if told:
        await uow.execute(
            "insert into hears_for_trust (correlation_id, urn, trust_id, person_id, told_as) "
            "select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[]) "
            "on conflict (correlation_id, urn, trust_id) do update "
            "set person_id = excluded.person_id, told_as = excluded.told_as",
            *(list(column) for column in zip(*((*key, *told[key]) for key in sorted(told)), strict=True)),
        )


async def heard_for_trusts(stories: Collection[UUID], uow: UnitOfWork) -> dict[tuple[UUID, str], dict[str, HeardFor]]:
    """Who hears of these stories for trusts, story by story and school by school; of a trust nobody, where nobody is."""
    rows = await uow.rows(
        "select correlation_id, urn, trust_id, person_id, told_as from hears_for_trust "
        "where correlation_id = any($1::uuid[])",
        sorted(stories),
    )
    found: dict[tuple[UUID, str], dict[str, HeardFor]] = {}
    for row in rows:
        found.setdefault((row.correlation_id, row.urn), {})[row.trust_id] = HeardFor(row.person_id, row.told_as)
    return found


async def add(messages: Sequence[NewMessage], uow: UnitOfWork) -> None:
    """Write those that are new: one a fact, person and channel. What goes alone is in its letter from the start."""
    if not messages:
        return
    await uow.execute(
        """
        with added as (
            insert into message (id, event_id, person_id, channel, authority, kind, urn, details, sensitivity,
                correlation_id, traceparent, urgent, stage, due_at, reason, letter_id, state)
            select id, event_id, person_id, channel, authority, kind, urn, details, sensitivity, correlation_id,
                traceparent, urgent, stage, due_at, reason, letter_id,
                case when reason is not null then 'failed' when letter_id is not null then 'in-letter' else 'waiting' end
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[],
                $9::text[], $10::uuid[], $11::text[], $12::bool[], $13::int[], $14::timestamptz[], $15::text[],
                $16::uuid[])
                with ordinality as new (id, event_id, person_id, channel, authority, kind, urn, details, sensitivity,
                    correlation_id, traceparent, urgent, stage, due_at, reason, letter_id, place)
            order by place
            on conflict (event_id, person_id, channel) do nothing
            returning letter_id, person_id, authority, channel
        )
        insert into letter (id, person_id, authority, channel, urgent, made_on)
        select letter_id, person_id, authority, channel, true, $17::date from added
        where letter_id is not null order by letter_id
        """,
        [new_id() for _ in messages],
        [each.event_id for each in messages],
        [each.addressed.person_id for each in messages],
        [each.channel for each in messages],
        [each.authority for each in messages],
        [each.addressed.kind.value for each in messages],
        [each.urn for each in messages],
        [json.dumps(each.details) for each in messages],
        [each.sensitivity for each in messages],
        [each.cause.correlation_id for each in messages],
        [each.cause.traceparent for each in messages],
        [each.urgent for each in messages],
        [each.addressed.stage.value if each.addressed.stage else None for each in messages],
        [each.due_at for each in messages],
        [each.reason for each in messages],
        [new_id() if each.goes_alone else None for each in messages],
        uow.today,
    )


async def ready(now: datetime, settle: timedelta, patience: timedelta, uow: UnitOfWork) -> list[Waiting]:
    """Messages that may go into a letter now, locked. Those of one change come a moment apart: they are waited for."""
    rows = await uow.rows(
        f"""
        select id, person_id, authority, urgent from message
        where person_id in (
            select person_id from message where state = 'waiting' and due_at <= $1 and channel = 'email'
            group by person_id
            having max(created_at) + $2::interval <= clock_timestamp()
                or min(created_at) + 10 * $2::interval <= clock_timestamp()
            order by min(position) limit {AT_A_TIME}
        ) and state = 'waiting' and due_at <= $1 and channel = 'email' and {_AFTER_THE_HEAD}
        order by position for update of message
        """,
        now,
        settle,
        patience,
    )
    return [Waiting(**row._mapping) for row in rows]


_HEADS_IT = """
    exists (select from headship h where h.urn = message.urn and h.person_id = message.person_id
        and h.from_date <= $1 and (h.until is null or $1 < h.until))
"""


def _is_in(kind: str, subject: str, post: str) -> str:
    return f"""
        exists (select from post_held h
            where h.kind = '{kind}' and h.subject = {subject} and h.person_id = message.person_id
                and h.from_date <= $1 and (h.until is null or $1 < h.until) {post})
    """


# A message to somebody in a post, unless she plainly is in it on the day $1. Who is in it says `domain/in_post.py`; looked at
# often, so that most messages are not even read.
_PERHAPS_ANOTHERS = f"""
    case message.kind
        when 'speaker-changed' then not {_HEADS_IT}
        when 'governors-hear' then {_HEADS_IT} or not {_is_in("school", "message.urn", "")}
        else message.details ? 'trust_id' and ({_HEADS_IT}
            or not {_is_in("trust", "message.details ->> 'trust_id'", "and h.post = 'chief-executive'")})
    end
"""
_OF_POSTS = """
    message.id, message.person_id, message.kind, message.stage, message.event_id, message.channel, message.authority,
    message.urn, message.details, message.sensitivity, message.correlation_id, message.traceparent
"""


async def perhaps_anothers(busy: Collection[UUID], uow: UnitOfWork) -> Sequence[Row[Any]]:
    """What may go now to somebody in a post which she may have left; also what could not be sent and would be tried again, but
    for letters that are being sent."""
    return await uow.rows(
        f"""
        select {_OF_POSTS} from message
        where (state = 'waiting' and due_at <= $2 or state = 'in-letter' and letter_id in (
                select id from letter where state = 'pending' and id <> all($3::uuid[]))) and {_PERHAPS_ANOTHERS}
        order by position
        """,
        uow.today,
        uow.now,
        sorted(busy),
    )


async def unsent_and_perhaps_anothers(person_id: UUID, uow: UnitOfWork) -> Sequence[Row[Any]]:
    """What was not sent to her and was made for a post which she may have left."""
    return await uow.rows(
        f"select {_OF_POSTS} from message where person_id = $2 and state <> 'sent' and {_PERHAPS_ANOTHERS}",
        uow.today,
        person_id,
    )


async def give_up(why: Mapping[UUID, str], uow: UnitOfWork) -> set[UUID]:
    """These are not sent to whom they were made for; who has no letter any more by that."""
    rows = await uow.rows(
        """
        update message set state = 'failed', reason = new.why from unnest($1::uuid[], $2::text[]) as new (id, why)
        where message.id = new.id and state in ('waiting', 'in-letter') returning letter_id
        """,
        sorted(why),
        [why[each] for each in sorted(why)],
    )
    return await letters.give_up_without_messages({row.letter_id for row in rows if row.letter_id}, uow)


async def gather(people: Mapping[UUID, Sequence[Waiting]], uow: UnitOfWork) -> None:
    """Put these messages into one e-mail a person. To a desk of the council all are urgent, to anybody else none."""
    made = [
        ([each.id for each in waiting], person, waiting[0].authority, "email", waiting[0].urgent)
        for person, waiting in sorted(people.items())
    ]
    await letters.put_into(made, uow)


async def waiting_for(person_id: UUID, uow: UnitOfWork) -> Sequence[Row[Any]]:
    """What waits to go into an e-mail to her, locked: which, of which authority, until when."""
    return await uow.rows(
        "select id, authority, due_at from message where person_id = $1 and state = 'waiting' and channel = 'email' "
        "order by position for update",
        person_id,
    )


async def put_off(until: Mapping[UUID, datetime], uow: UnitOfWork) -> None:
    """When these messages may go: their receivers' weeks are not over, or begin with another e-mail."""
    if not until:
        return
    await uow.execute(
        """
        update message set due_at = new.due_at from unnest($1::uuid[], $2::timestamptz[]) as new (id, due_at)
        where message.id = new.id and state = 'waiting'
        """,
        sorted(until),
        [until[each] for each in sorted(until)],
    )


class Unsent(NamedTuple):
    """How many messages and letters may go now and have not gone, and of how many stories the telling is not over."""

    messages: int
    letters: int
    stories: int


async def unsent(store: Reads) -> Unsent:
    """What is due and not sent, and the stories whose order of telling is not over."""
    (row,) = await store.rows(
        f"""
        select {NOW} as now,
            (select count(*) from message where state = 'waiting' and due_at <= {NOW}) as messages,
            (select count(*) from letter where state = 'pending' and urgent and due_at <= clock_timestamp()) as urgent,
            array(select authority from letter
                where state = 'pending' and not urgent and due_at <= clock_timestamp()) as weekly,
            (select count(*) from gate where stage < 4) as stories
        """
    )
    open_now = {each for each in set(row.weekly) if calendar().school_hours(each, row.now) <= row.now}
    may_go = sum(authority in open_now for authority in row.weekly)
    return Unsent(row.messages, row.urgent + may_go, row.stories)


_LISTED = """
    message.id, message.event_id, message.correlation_id, message.channel, message.sensitivity, message.urgent,
    message.created_at, message.due_at, message.state, message.reason, letter.id as letter_id, letter.attempts,
    letter.sent_at, letter.last_code
"""


async def of_person(
    person_id: UUID, limit: int, uow: UnitOfWork, *, but_for: Collection[UUID] = ()
) -> Sequence[Row[Any]]:
    """The newest first, without these."""
    return await uow.rows(
        f"""
        select {_LISTED}, message.authority, message.kind, message.urn, message.details, school.name as school_name
        from message left join letter on letter.id = letter_id left join school using (urn)
        where message.person_id = $1 and message.id <> all($3::uuid[])
        order by message.position desc limit $2
        """,
        person_id,
        limit,
        sorted(but_for),
    )


async def of_call(call_id: UUID, uow: UnitOfWork) -> Sequence[Row[Any]]:
    return await uow.rows(
        f"""
        select {_LISTED}, message.authority, message.person_id, message.details
        from message left join letter on letter.id = letter_id
        where message.urgent and message.details ->> 'call_id' = $1 order by message.position
        """,
        str(call_id),
    )


async def of_authority(authority: str, limit: int, uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Ids and states, for those who run it: not who is told, of which school, or what (N-04)."""
    return await uow.rows(
        f"""
        select {_LISTED} from message left join letter on letter.id = letter_id
        where message.authority = $1 order by message.position desc limit $2
        """,
        authority,
        limit,
    )
