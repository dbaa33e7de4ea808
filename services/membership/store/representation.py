"""Who speaks for each school: the row that guards a school's decision, and the history of its answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.representation import Role, Speaker
from services.membership.domain.routing_policy import Matter, RoutingPolicy
from services.membership.domain.standing import Standing
from services.membership.store.rows import as_one
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Recorded:
    """What was decided last for a school. ``settled_on`` None: nothing was decided yet."""

    urn: str
    settled_on: date | None
    category: int | None
    because: str
    because_ref: str
    restricted: bool
    public_category: int | None
    public_role: str | None
    general: Speaker | None
    inspection: Speaker | None


@dataclass(frozen=True)
class Decided:
    """What is decided now, and from which day on."""

    urn: str
    day: date
    standing: Standing
    next_due: date | None
    policy: RoutingPolicy
    correlation_id: UUID


async def lock(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
    """Lock the representation of these schools, in order of URN, making rows where there are none.

    Whoever changes an input of a route does this first, before reading anything that he decides from.
    """
    ordered = sorted(set(urns))
    if ordered:
        await uow.rows(
            "insert into representation (urn) select urn from unnest($1::text[]) as new (urn) order by urn "
            "on conflict do nothing",
            ordered,
        )
        await uow.rows("select urn from representation where urn = any($1::text[]) order by urn for update", ordered)
    return ordered


async def heirs(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
    """The schools that continue one of these: an outcome of a predecessor may count for them."""
    rows = await uow.rows(
        "select distinct urn from continuity where predecessor_urn = any($1::text[]) order by urn", sorted(set(urns))
    )
    return [row.urn for row in rows]


async def recorded(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, Recorded]:
    speakers = await uow.rows(
        "select urn, matter, role, rule, reason, office_id, body_id, trust_id, person_id from speaker "
        "where urn = any($1::text[]) and upper_inf(during)",
        list(urns),
    )
    known = {
        (row.urn, row.matter): Speaker(
            Role(row.role), row.rule, row.reason, row.office_id, row.body_id, row.trust_id, row.person_id
        )
        for row in speakers
    }
    rows = await uow.rows(
        "select urn, settled_on, category, because, because_ref, restricted, public_category, public_role "
        "from representation where urn = any($1::text[])",
        list(urns),
    )
    return {
        row.urn: as_one(Recorded, (*row, known.get((row.urn, Matter.GENERAL)), known.get((row.urn, Matter.INSPECTION))))
        for row in rows
    }


async def due(uow: UnitOfWork, day: date, *, at_most: int) -> list[str]:
    """Schools that have to be looked at again because a date among their facts has come, the earliest first."""
    rows = await uow.rows(
        "select urn from representation where next_due <= $1::date order by next_due, urn limit $2::integer",
        day,
        at_most,
    )
    return [row.urn for row in rows]


async def due_days(uow: UnitOfWork, urns: Sequence[str], day: date) -> dict[str, date]:
    rows = await uow.rows(
        "select urn, next_due from representation where urn = any($1::text[]) and next_due <= $2::date", list(urns), day
    )
    return {row.urn: row.next_due for row in rows}


async def save(uow: UnitOfWork, decided: Sequence[Decided], before: Mapping[str, Recorded]) -> None:
    """Write what was decided: one row a school, and a new period in the history of each answer that differs."""
    if not decided:
        return
    ordered = sorted(decided, key=lambda each: each.urn)
    await uow.execute(
        """
        update representation r
        set settled_on = n.settled_on, next_due = n.next_due, category = n.category, because = n.because,
            because_ref = n.because_ref, true_from = n.true_from, restricted = n.restricted,
            public_category = n.public_category, public_role = n.public_role
        from unnest($1::text[], $2::date[], $3::date[], $4::integer[], $5::text[], $6::text[], $7::date[], $8::boolean[],
                    $9::integer[], $10::text[])
             as n (urn, settled_on, next_due, category, because, because_ref, true_from, restricted, public_category,
                   public_role)
        where r.urn = n.urn
        """,
        [each.urn for each in ordered],
        [each.day for each in ordered],
        [each.next_due for each in ordered],
        [each.standing.category.value for each in ordered],
        [each.standing.category.because.value for each in ordered],
        [each.standing.category.ref for each in ordered],
        [each.standing.category.true_from for each in ordered],
        [each.standing.restricted for each in ordered],
        [each.standing.public_category.value for each in ordered],
        [each.standing.public_role for each in ordered],
    )
    await _save_answers(uow, ordered, before)


async def _save_answers(uow: UnitOfWork, ordered: Sequence[Decided], before: Mapping[str, Recorded]) -> None:
    changed: list[tuple[Decided, Matter, Speaker | None]] = []
    for each in ordered:
        known = before[each.urn]
        category_differs = known.category != each.standing.category.value
        for matter, old, new in (
            (Matter.GENERAL, known.general, each.standing.general),
            (Matter.INSPECTION, known.inspection, each.standing.inspection),
        ):
            if old != new or (new is not None and category_differs):
                changed.append((each, matter, new))
    if not changed:
        return
    keys = ([each.urn for each, _, _ in changed], [matter.value for _, matter, _ in changed])
    days = [each.day for each, _, _ in changed]
    # An answer that began on this very day never was the answer of a whole day: the day's last answer is its answer.
    await uow.execute(
        """
        delete from speaker s using unnest($1::text[], $2::text[], $3::date[]) as n (urn, matter, day)
        where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during) and lower(s.during) >= n.day
        """,
        *keys,
        days,
    )
    await uow.execute(
        """
        update speaker s set during = daterange(lower(s.during), n.day)
        from unnest($1::text[], $2::text[], $3::date[]) as n (urn, matter, day)
        where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during)
        """,
        *keys,
        days,
    )
    begun = [(each, matter, speaker) for each, matter, speaker in changed if speaker is not None]
    await uow.execute(
        """
        insert into speaker (urn, matter, during, role, rule, reason, office_id, body_id, trust_id, person_id, category,
                             shows_restricted, policy, policy_version, correlation_id, recorded_at)
        select urn, matter, daterange(day, null), role, rule, reason, office_id, body_id, trust_id, person_id, category,
               shows_restricted, policy, policy_version, correlation_id, $16::timestamptz
        from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
                    $9::text[], $10::uuid[], $11::integer[], $12::boolean[], $13::text[], $14::integer[], $15::uuid[])
             as n (urn, matter, day, role, rule, reason, office_id, body_id, trust_id, person_id, category,
                   shows_restricted, policy, policy_version, correlation_id)
        """,
        [each.urn for each, _, _ in begun],
        [matter.value for _, matter, _ in begun],
        [each.day for each, _, _ in begun],
        [speaker.role.value for _, _, speaker in begun],
        [speaker.rule for _, _, speaker in begun],
        [speaker.reason for _, _, speaker in begun],
        [speaker.office_id for _, _, speaker in begun],
        [speaker.body_id for _, _, speaker in begun],
        [speaker.trust_id for _, _, speaker in begun],
        [speaker.person_id for _, _, speaker in begun],
        [each.standing.category.value for each, _, _ in begun],
        [each.standing.restricted for each, _, _ in begun],
        [each.policy.name for each, _, _ in begun],
        [each.policy.version for each, _, _ in begun],
        [each.correlation_id for each, _, _ in begun],
        uow.now,
    )
