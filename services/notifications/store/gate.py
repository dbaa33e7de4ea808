"""What waits (R0.8, D3.8): until the school was told, for its stage in the order of telling, behind the earlier of its key.

A story that waits has one row, its gate. Whoever adds to a story or opens something locks that row first, then what is
held of the keys concerned, and then reads afresh: so a record can't slip in behind the opening unseen and wait for
ever, nor go out twice, nor overtake an earlier one of its key and audience.

A story may be of several schools, as a change of chair is, and each is told by itself: what one knows lets out nothing
of another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.notifications.domain.telling import PEOPLE, Progress, Stage, Why, opens_with
from shared.contracts.envelope import Envelope, pack, read_envelope, unpack
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

Line = tuple[str, str]  # key and audience: what must stay in order
ToldOf = tuple[UUID, str | None]  # a story and a school that knows of it; with no school, that any of its schools does


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits, and for whom."""

    envelope: Envelope
    key: str
    value: bytes
    audience: str
    needs_told: bool
    cause: Cause | None = None  # the span in which it was read; what was held is a child of the fact itself

    @property
    def because(self) -> Cause:
        its = self.envelope
        return self.cause or Cause(its.correlation_id, its.id, its.traceparent, its.batch_id)


async def lock(stories: Collection[UUID], uow: UnitOfWork) -> None:
    """Lock the gates that these stories have, in one order for everybody."""
    await uow.execute(
        "select from gate where correlation_id = any($1::uuid[]) order by correlation_id for update", sorted(stories)
    )


async def open_or_wait(
    waiting: Collection[UUID], opened: Mapping[tuple[UUID, str], date], uow: UnitOfWork
) -> set[ToldOf]:
    """Make the gates of these stories, open those of which a school was told, and say which school knows of which."""
    stories = sorted({*waiting, *(story for story, _ in opened)})
    if not stories:
        return set()
    await uow.execute(
        "insert into gate (correlation_id) select story from unnest($1::uuid[]) as new (story) order by story "
        "on conflict (correlation_id) do update set stage = gate.stage",  # so that one made meanwhile is locked too
        stories,
    )
    if opened:
        pairs = sorted(opened)
        await uow.execute(
            "insert into told_school (correlation_id, urn, told_on) "
            "select * from unnest($1::uuid[], $2::text[], $3::date[]) as new (story, urn, told_on) order by story, urn "
            "on conflict do nothing",
            [story for story, _ in pairs],
            [urn for _, urn in pairs],
            [opened[pair] for pair in pairs],
        )
    return await told_among(stories, uow)


async def told_among(stories: Collection[UUID], uow: UnitOfWork) -> set[ToldOf]:
    """Which schools know of these stories."""
    rows = await uow.rows(
        "select correlation_id, urn from told_school where correlation_id = any($1::uuid[])", sorted(stories)
    )
    return {(row.correlation_id, urn) for row in rows for urn in (row.urn, None)}


async def begin_telling(stages: Mapping[UUID, tuple[Stage, Sequence[tuple[Stage, Why]]]], uow: UnitOfWork) -> None:
    """These stories have people to tell: they are at this stage, and these stages were open from the start."""
    if not stages:
        return
    stories = sorted(stages)
    await uow.execute(
        """
        insert into gate (correlation_id, stage) select * from unnest($1::uuid[], $2::int[]) as new (story, stage)
        order by story
        on conflict (correlation_id) do update
            set stage = least(gate.stage, excluded.stage), stage_since = clock_timestamp()
        """,
        stories,
        [stages[story][0].value for story in stories],
    )
    await _note([(story, stage, why) for story in stories for stage, why in stages[story][1]], uow)


async def stages(stories: Collection[UUID], uow: UnitOfWork) -> dict[UUID, Stage]:
    """The stage of those stories whose order of telling is under way. Their gates are locked."""
    rows = await uow.rows(
        "select correlation_id, stage from gate where correlation_id = any($1::uuid[]) and stage < 4", sorted(stories)
    )
    return {row.correlation_id: Stage(row.stage) for row in rows}


async def lines(keys: Collection[str], uow: UnitOfWork) -> set[Line]:
    """Where something of these keys waits, so that the next must wait behind it. What is held stays locked."""
    rows = await uow.rows(
        "select key, audience from held where key = any($1::text[]) and audience <> $2 order by position for update",
        sorted(keys),
        PEOPLE,
    )
    return {(row.key, row.audience) for row in rows}


async def hold(records: Sequence[Held], uow: UnitOfWork) -> None:
    if not records:
        return
    await uow.execute(
        """
        insert into held (event_id, correlation_id, key, audience, needs_told, opens_at, headers, value)
        select event_id, story, key, audience, needs_told, opens_at, headers, value
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::int[], $7::text[], $8::bytea[])
            with ordinality as new (event_id, story, key, audience, needs_told, opens_at, headers, value, place)
        order by place
        on conflict (event_id, audience) do nothing
        """,
        [record.envelope.id for record in records],
        [record.envelope.correlation_id for record in records],
        [record.key for record in records],
        [record.audience for record in records],
        [record.needs_told for record in records],
        [opens_with(record.audience) or Stage.HEADS for record in records],
        [pack(record.envelope.headers()) for record in records],
        [record.value for record in records],
    )


async def release(stories: Collection[UUID], uow: UnitOfWork) -> list[Held]:
    """What may go out now that schools were told of these stories, or they came to a stage, in the order in which it came.

    It is gone from here then: released once. With it goes what waited behind it. People's messages are made out of
    order: theirs are about one school each, and one that waits for an officer must not silence the next (R0.8).
    """
    if not stories:
        return []
    keys = await uow.value(
        "select array_agg(distinct key) from held where correlation_id = any($1::uuid[])", sorted(stories)
    )
    if not keys:
        return []
    await uow.execute("select from held where key = any($1::text[]) order by position for update", keys)
    rows = await uow.rows(
        f"""
        select held.position, held.key, audience, needs_told, headers, value,
            not needs_told or {knows_of("held")} as told, coalesce(gate.stage, 4) >= opens_at as reached
        from held left join gate using (correlation_id)
        where key = any($1::text[]) order by held.position
        """,
        keys,
    )
    blocked: set[Line] = set()
    going = []
    for row in rows:
        line = (row.key, row.audience)
        if line in blocked:
            continue
        if row.told and (row.reached or row.audience == PEOPLE):
            going.append(row)
        elif row.audience != PEOPLE:
            blocked.add(line)
    if going:
        await uow.execute("delete from held where position = any($1::bigint[])", [row.position for row in going])
    return [Held(read_envelope(unpack(row.headers)), row.key, row.value, row.audience, row.needs_told) for row in going]


async def known_and_held(stories: Collection[UUID], uow: UnitOfWork) -> list[Held]:
    """What is held of these stories though its school knows of it: it waits for its stage, or behind an earlier of its key."""
    rows = await uow.rows(
        "select key, audience, needs_told, headers, value from held "
        f"where correlation_id = any($1::uuid[]) and (not needs_told or {knows_of('held')}) order by position",
        sorted(stories),
    )
    return [Held(read_envelope(unpack(row.headers)), row.key, row.value, row.audience, row.needs_told) for row in rows]


def knows_of(table: str) -> str:
    """Whether its school knows of a row's story: of what is about no single school, whether any of the story's does."""
    return (
        f"exists (select from told_school as told where told.correlation_id = {table}.correlation_id "
        f"and ({table}.key not like '%/school/%' or told.urn = substring({table}.key from '/school/(.+)$')))"
    )


async def under_way(now: datetime, patience: timedelta, uow: UnitOfWork) -> dict[UUID, tuple[Stage, Progress]]:
    """The stories whose order of telling is not over: their stage, and how its messages stand."""
    rows = await uow.rows(
        """
        select gate.correlation_id, gate.stage,
            count(*) filter (where state = 'in-letter' or (state = 'waiting' and due_at <= $1)) as open,
            count(*) filter (where state = 'waiting' and due_at > $1) as by_rule,
            count(*) filter (where state = 'sent') as sent,
            count(*) filter (where state = 'failed') as failed,
            exists (select from recorded_together as part where part.correlation_id = gate.correlation_id
                and part.people_read < part.people) as unread,
            stage_since + $2::interval <= clock_timestamp() as out_of_patience
        from gate left join message on message.correlation_id = gate.correlation_id and message.stage = gate.stage
        where gate.stage < 4
        group by gate.correlation_id, gate.stage, stage_since
        """,
        now,
        patience,
    )
    return {
        row.correlation_id: (
            Stage(row.stage),
            Progress(row.open, row.by_rule, row.sent, row.failed, row.unread, row.out_of_patience),
        )
        for row in rows
    }


async def advance(steps: Mapping[UUID, tuple[Stage, Why]], uow: UnitOfWork) -> list[UUID]:
    """Open the next stage of these stories, each at the stage given; those that still were at it."""
    if not steps:
        return []
    stories = sorted(steps)
    await lock(stories, uow)
    rows = await uow.rows(
        """
        update gate set stage = gate.stage + 1, stage_since = clock_timestamp()
        from unnest($1::uuid[], $2::int[]) as old (story, stage)
        where gate.correlation_id = old.story and gate.stage = old.stage
        returning correlation_id
        """,
        stories,
        [steps[story][0].value for story in stories],
    )
    moved = sorted(row.correlation_id for row in rows)
    await _note([(story, Stage(steps[story][0] + 1), steps[story][1]) for story in moved], uow)
    return moved


async def openings(story: UUID, uow: UnitOfWork) -> Sequence[tuple[Stage, Why, datetime]]:
    """The stages of a story that were opened, in order, each with its reason and when."""
    rows = await uow.rows("select stage, why, opened_at from stage_opened where correlation_id = $1 order by id", story)
    return [(Stage(row.stage), Why(row.why), row.opened_at) for row in rows]


async def _note(opened: Sequence[tuple[UUID, Stage, Why]], uow: UnitOfWork) -> None:
    if not opened:
        return
    await uow.execute(
        """
        insert into stage_opened (correlation_id, stage, why)
        select story, stage, why from unnest($1::uuid[], $2::int[], $3::text[]) with ordinality
            as new (story, stage, why, place) order by place
        """,
        [story for story, _, _ in opened],
        [stage.value for _, stage, _ in opened],
        [why.value for _, _, why in opened],
    )
