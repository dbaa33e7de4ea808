"""Who speaks for each school: the row that guards a school's decision, and the history of its answers."""

from collections import defaultdict
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
    since: Mapping[Matter, date]  # from when the present answers are in force


@dataclass(frozen=True)
class Decided:
    """What is decided now, and from which day on."""

    urn: str
    day: date
    standing: Standing
    is_open: bool
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
        "select urn, matter, role, rule, reason, office_id, body_id, trust_id, person_id, lower(during) as since from speaker "
        "where urn = any($1::text[]) and upper_inf(during)",
        list(urns),
    )
    known: dict[str, dict[Matter, Speaker]] = defaultdict(dict)
    since: dict[str, dict[Matter, date]] = defaultdict(dict)
    for row in speakers:
        known[row.urn][Matter(row.matter)] = Speaker(
            Role(row.role), row.rule, row.reason, row.office_id, row.body_id, row.trust_id, row.person_id
        )
        since[row.urn][Matter(row.matter)] = row.since
    rows = await uow.rows(
        "select urn, settled_on, category, because, because_ref, restricted, public_category, public_role "
        "from representation where urn = any($1::text[])",
        list(urns),
    )
    return {
        row.urn: as_one(
            Recorded,
            (*row, known[row.urn].get(Matter.GENERAL), known[row.urn].get(Matter.INSPECTION), since[row.urn]),
        )
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
    """Write what was decided: one row a school, and a new period in the history of each answer that differs.

    Of a school that is closed, or not open yet, no category is told, so what was told last stays until it opens.
    """
    if not decided:
        return
    ordered = sorted(decided, key=lambda each: each.urn)
    await uow.execute(
        """
        update representation r
        set settled_on = n.settled_on, next_due = n.next_due, restricted = n.restricted, public_role = n.public_role,
            category = case when n.is_open then n.category else r.category end,
            because = case when n.is_open then n.because else r.because end,
            because_ref = case when n.is_open then n.because_ref else r.because_ref end,
            true_from = case when n.is_open then n.true_from else r.true_from end,
            public_category = case when n.is_open then n.public_category else r.public_category end
        from unnest($1::text[], $2::date[], $3::date[], $4::integer[], $5::text[], $6::text[], $7::date[], $8::boolean[],
                    $9::integer[], $10::text[], $11::boolean[])
             as n (urn, settled_on, next_due, category, because, because_ref, true_from, restricted, public_category,
                   public_role, is_open)
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
        [each.is_open for each in ordered],
    )
    await _save_answers(uow, ordered, before)


@dataclass(frozen=True)
class _Answer:
    """One answer that differs from the one before it; ``speaker`` None: nobody is to be named any more."""

    decided: Decided
    matter: Matter
    speaker: Speaker | None


async def _save_answers(uow: UnitOfWork, ordered: Sequence[Decided], before: Mapping[str, Recorded]) -> None:
    """A day's last answer is its answer: one that began this very day is written over, an older one is closed."""
    changed = [answer for each in ordered for answer in _differing(each, before[each.urn])]
    again: list[_Answer] = []
    fresh: list[_Answer] = []
    for answer in changed:
        since = before[answer.decided.urn].since.get(answer.matter)
        (again if since is not None and since >= answer.decided.day else fresh).append(answer)
    withdrawn = [answer for answer in again if answer.speaker is None]
    if withdrawn:
        await uow.execute(
            "delete from speaker s using unnest($1::text[], $2::text[]) as n (urn, matter) "
            "where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during)",
            [answer.decided.urn for answer in withdrawn],
            [answer.matter.value for answer in withdrawn],
        )
    closing = [answer for answer in fresh if answer.matter in before[answer.decided.urn].since]
    if closing:
        await uow.execute(
            """
            update speaker s set during = daterange(lower(s.during), n.day)
            from unnest($1::text[], $2::text[], $3::date[]) as n (urn, matter, day)
            where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during)
            """,
            [answer.decided.urn for answer in closing],
            [answer.matter.value for answer in closing],
            [answer.decided.day for answer in closing],
        )
    written_over = [answer for answer in again if answer.speaker is not None]
    if written_over:
        await uow.execute(_WRITE_OVER, *_columns(written_over), uow.now)
    begun = [answer for answer in fresh if answer.speaker is not None]
    if begun:
        await uow.execute(_BEGIN, *_columns(begun), uow.now)


def _differing(decided: Decided, known: Recorded) -> Iterable[_Answer]:
    category_differs = known.category != decided.standing.category.value
    for matter, old, new in (
        (Matter.GENERAL, known.general, decided.standing.general),
        (Matter.INSPECTION, known.inspection, decided.standing.inspection),
    ):
        if old != new or (new is not None and category_differs):
            yield _Answer(decided, matter, new)


_NEW = """
    unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::text[],
           $10::uuid[], $11::integer[], $12::boolean[], $13::text[], $14::integer[], $15::uuid[])
    as n (urn, matter, day, role, rule, reason, office_id, body_id, trust_id, person_id, category, shows_restricted,
          policy, policy_version, correlation_id)
"""

_BEGIN = f"""
    insert into speaker (urn, matter, during, role, rule, reason, office_id, body_id, trust_id, person_id, category,
                         shows_restricted, policy, policy_version, correlation_id, recorded_at)
    select urn, matter, daterange(day, null), role, rule, reason, office_id, body_id, trust_id, person_id, category,
           shows_restricted, policy, policy_version, correlation_id, $16::timestamptz
    from {_NEW}
"""

_WRITE_OVER = f"""
    update speaker s
    set role = n.role, rule = n.rule, reason = n.reason, office_id = n.office_id, body_id = n.body_id,
        trust_id = n.trust_id, person_id = n.person_id, category = n.category, shows_restricted = n.shows_restricted,
        policy = n.policy, policy_version = n.policy_version, correlation_id = n.correlation_id,
        recorded_at = $16::timestamptz
    from {_NEW}
    where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during) and s.urn = any($1::text[])
"""


def _columns(answers: Sequence[_Answer]) -> list[list[object]]:
    rows = []
    for answer in answers:
        each, speaker = answer.decided, answer.speaker
        assert speaker is not None
        rows.append(
            (
                each.urn,
                answer.matter.value,
                each.day,
                speaker.role.value,
                speaker.rule,
                speaker.reason,
                speaker.office_id,
                speaker.body_id,
                speaker.trust_id,
                speaker.person_id,
                each.standing.category.value,
                each.standing.restricted,
                each.policy.name,
                each.policy.version,
                each.correlation_id,
            )
        )
    return [list(column) for column in zip(*rows, strict=True)]
