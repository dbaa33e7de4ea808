"""Who chairs a school's governors, by an officer's act and by a take-on (R0.8).

No person is told that somebody came to chair them, and it decides nothing: it is who hears with the head when an officer
says so. The school is locked, so that two acts about it take their turns.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.membership.domain import governors
from services.membership.domain.appointment import must_not_overlap
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.taken_on import new_among
from services.membership.store import governors as kept
from services.membership.store import people, representation
from services.membership.store.schools import school
from services.membership.use_cases.tell_lines import tell_chairs
from shared.store import UnitOfWork


async def take_the_chair(
    uow: UnitOfWork, urn: str, *, person_id: UUID, from_date: date, until: date | None
) -> ChairOfGovernors:
    """From that day on she chairs them; whoever did until then does no longer."""
    held = await _locked(uow, urn)
    await people.must_be_known(uow, [person_id])
    new = ChairOfGovernors(urn, person_id, from_date, until)
    await kept.save(uow, held, governors.succeed(held, new))
    await tell_chairs(uow, [urn])
    return new


async def leave_the_chair(uow: UnitOfWork, urn: str, *, ended_on: date) -> list[ChairOfGovernors]:
    """From that day on nobody chairs them, until somebody is entered. All who did, as it is known now."""
    held = await _locked(uow, urn)
    left = governors.end(held, urn, ended_on)
    await kept.save(uow, held, left)
    await tell_chairs(uow, [urn])
    return left


async def who_hears(uow: UnitOfWork, urn: str) -> UUID:
    """Whoever chairs the governors today. Raises NobodyChairsTheGovernors."""
    return governors.on_day(await kept.chairs_of(uow, [urn]), urn, uow.today).person_id


async def take_on_chairs(uow: UnitOfWork, given: Sequence[ChairOfGovernors]) -> int:
    """Those that are not known yet; how many."""
    if not given:
        return 0
    urns = [each.urn for each in given]
    held = await kept.chairs_of(uow, urns)
    before = await kept.chairs_before(uow, urns)
    new = new_among(
        given,
        held,
        before,
        lambda each: False,
        key=lambda each: (each.urn, each.person_id, each.from_date),
        words=governors.words_of,
        cure="end it (`consortia governors end`)",
    )
    await people.must_be_known(uow, [each.person_id for each in new])
    must_not_overlap(((governors.words_of(each), each.from_date, each.until) for each in [*held, *new]), governors.CURE)
    await kept.add_chairs(uow, new)
    await tell_chairs(uow, {each.urn for each in new})
    return len(new)


async def _locked(uow: UnitOfWork, urn: str) -> list[ChairOfGovernors]:
    await school(uow, urn)
    await representation.lock(uow, [urn])
    return await kept.chairs_of(uow, [urn])
