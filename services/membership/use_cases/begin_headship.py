"""A person comes to head a school, beside any other that she heads (R0.3). Who leaves one for another, moves.

Nobody speaks for the school that she heads, so her school is looked at again; an office that went with no school, or with
another, goes with this one where she has headed none longer, and those who keep that (her award goes there) hear of it.
"""

from services.membership.domain import in_post
from services.membership.domain.appointment import Headship
from services.membership.domain.school import must_not_be_closed
from services.membership.store import people
from services.membership.store.schools import school
from services.membership.use_cases.correct_past import remember
from services.membership.use_cases.end_headships import hold_heads, look_again, put_off_days
from services.membership.use_cases.headships import tell_headships
from shared.store import UnitOfWork


async def begin_headship(uow: UnitOfWork, new: Headship) -> Headship:
    """From its first day on; a day that has gone too, which tells what it changes of the past."""
    held = await hold_heads(uow, new.urn, [new.person_id])
    must_not_be_closed(await school(uow, new.urn), new.from_date)
    await people.must_be_known(uow, [new.person_id])
    in_post.begin(held.headships, new, in_post.HEADSHIP_CURE)
    before = await remember(uow, [new.urn], new.from_date)
    await people.add_headships(uow, [new])
    await put_off_days(uow, new)
    cause = uow.cause
    if new.from_date <= uow.today:
        cause = await tell_headships(uow, [new], [], cause)
    if new.until is not None and new.until <= uow.today:
        cause = await tell_headships(uow, [], [(new, new.until)], cause)
    await look_again(uow, held, before, new.from_date, cause)
    return new
