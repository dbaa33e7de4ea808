"""System leaders of an authority: their allocations, where else they are in post, why somebody was allocated all the same."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.leader_load import Against, HeadedSchool
from services.membership.store.rows import as_each
from services.membership.store.schools import trusts_of
from shared.store import UnitOfWork


async def lock_leader(uow: UnitOfWork, person_id: UUID) -> None:
    """Two allocations of one leader take their turns, so that the second counts the first. After the school's lock."""
    await uow.rows("select person_id from person where person_id = $1 for no key update", person_id)


async def allocations_of(uow: UnitOfWork, person_id: UUID, authority: str) -> list[Allocation]:
    """To schools of this authority: another's schools are not this one's to count."""
    rows = await uow.rows(
        "select a.allocation_id, a.urn, a.person_id, lower(a.during), upper(a.during) "
        "from allocation a join school s using (urn) where a.person_id = $1 and s.authority = $2 order by lower(a.during)",
        person_id,
        authority,
    )
    return as_each(Allocation, rows)


async def in_post(uow: UnitOfWork, person_ids: Iterable[UUID]) -> tuple[list[HeadedSchool], list[TrustContact]]:
    """The schools that these people head, with the trusts of the schools, and the posts that they hold in trusts."""
    ids = sorted(set(person_ids), key=str)
    rows = await uow.rows(
        "select person_id, urn, lower(during), upper(during) from headship "
        "where person_id = any($1::uuid[]) order by urn, lower(during)",
        ids,
    )
    headships = as_each(Headship, rows)
    trusts = await trusts_of(uow, {each.urn for each in headships})
    contacts = await uow.rows(
        "select trust_id, post, person_id, lower(during), upper(during) from trust_contact "
        "where person_id = any($1::uuid[]) order by trust_id, post, lower(during)",
        ids,
    )
    return [HeadedSchool(each, trusts[each.urn]) for each in headships], as_each(TrustContact, contacts)


async def add_reason(uow: UnitOfWork, allocation_id: UUID, found: Against, *, reason: str, given_by: str) -> None:
    """Why somebody is allocated all the same. Of several, given when it was corrected, the latest is shown."""
    await uow.execute(
        "insert into allocation_reason (allocation_id, over_the_limit, conflict, reason, given_by, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6::timestamptz)",
        allocation_id,
        found.over_the_limit,
        found.conflict,
        reason,
        given_by,
        uow.now,
    )


async def leaders(uow: UnitOfWork, authority: str) -> Sequence[Any]:
    """Whoever was ever allocated to a school of the authority: somebody with no school left is the one looked for."""
    return await uow.rows(
        "select p.person_id, p.name from person p where p.person_id in "
        "(select a.person_id from allocation a join school s using (urn) where s.authority = $1) "
        "order by p.name, p.person_id",
        authority,
    )


async def allocated(uow: UnitOfWork, authority: str, today: date) -> Sequence[Any]:
    """Present and planned allocations to the authority's schools, with the reason where one was given, the latest of several."""
    return await uow.rows(
        "select a.allocation_id, a.urn, a.person_id, lower(a.during) as from_date, upper(a.during) as until, s.name, "
        "r.reason, r.given_by from allocation a join school s using (urn) "
        "left join lateral (select reason, given_by from allocation_reason why where why.allocation_id = a.allocation_id "
        "order by why.reason_id desc limit 1) r on true "
        "where s.authority = $1 and (upper(a.during) is null or upper(a.during) > $2::date) "
        "order by lower(a.during), a.urn",
        authority,
        today,
    )
