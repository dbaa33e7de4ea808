"""System leaders: how many schools each has, and the bars and conflicts of her allocations (W-18). Restricted."""

from typing import Any
from uuid import UUID

from services.membership.domain import leader_load
from services.membership.domain.appointment import Allocation, heads
from services.membership.domain.leader_load import Against, HeadedSchool
from services.membership.domain.school import School
from services.membership.store import system_leaders as kept
from services.membership.store.authority_settings import settings_of
from services.membership.store.schools import trusts_of
from shared.store import UnitOfWork

NOT_STATED = "not stated"  # R0.7: neither nought nor without end


async def look_against(uow: UnitOfWork, new: Allocation, here: School, reason: str | None) -> Against:
    """What stands against this allocation. The leader is locked, so nobody else allocates her meanwhile.

    Raises IsTheTrustsOwn, TooManySchools.
    """
    await kept.lock_leader(uow, new.person_id)
    headed, contacts = await kept.in_post(uow, [new.person_id])
    return leader_load.against(
        new,
        await kept.allocations_of(uow, new.person_id, here.authority),
        (await settings_of(uow, here.authority)).schools_a_leader,
        leader_load.conflict(new, (await trusts_of(uow, [here.urn]))[here.urn], headed, contacts),
        reason,
    )


async def system_leaders(uow: UnitOfWork, authority: str) -> dict[str, Any]:
    """Each leader with her present and planned allocations, and what stands against each of them today."""
    found = await kept.leaders(uow, authority)
    rows = await kept.allocated(uow, authority, uow.today)
    headed, contacts = await kept.in_post(uow, [each.person_id for each in found])
    trusts = await trusts_of(uow, {row.urn for row in rows})
    limit = (await settings_of(uow, authority)).schools_a_leader

    def shown(row: Any) -> dict[str, Any]:
        allocation = Allocation(row.allocation_id, row.urn, row.person_id, row.from_date, row.until)
        mine = _hers(headed, row.person_id)
        her_posts = [each for each in contacts if each.person_id == row.person_id]
        bar = heads([each.headship for each in mine], row.person_id, row.urn, uow.today)
        return {
            "allocation_id": row.allocation_id,
            "urn": row.urn,
            "school_name": row.name,
            "from": row.from_date,
            "until": row.until,
            "heads_the_school": bar,
            "conflict": leader_load.conflict(allocation, trusts[row.urn], mine, her_posts),
            "reason": row.reason,
            "reason_given_by": row.given_by,
        }

    listed = []
    for leader in found:
        hers = [row for row in rows if row.person_id == leader.person_id]
        present = [shown(row) for row in hers if row.from_date <= uow.today]
        planned = [shown(row) for row in hers if row.from_date > uow.today]
        listed.append(
            {
                "person_id": leader.person_id,
                "name": leader.name,
                "schools": len(present),
                "planned_schools": len(planned),
                "over_the_limit": limit is not None and len(present) > limit,
                "heads": sorted(
                    each.headship.urn for each in _hers(headed, leader.person_id) if each.headship.holds_on(uow.today)
                ),
                "present": present,
                "planned": planned,
            }
        )
    return {
        "authority": authority,
        "on": uow.today,
        "schools_a_leader": NOT_STATED if limit is None else limit,
        "leaders": sorted(listed, key=lambda each: (each["schools"], each["name"], str(each["person_id"]))),
    }


def _hers(headed: list[HeadedSchool], person_id: UUID) -> list[HeadedSchool]:
    return [each for each in headed if each.headship.person_id == person_id]
