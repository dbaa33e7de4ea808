"""An officer lets somebody else speak for a school for a while; it begins and expires by itself (W-19, R0.8)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import override as overriding
from services.membership.domain.known import OVERRIDE_BEGINS, OVERRIDE_ENDS
from services.membership.domain.override import Override
from services.membership.domain.school import NotStateFunded, must_not_be_closed
from services.membership.store import overrides as kept
from services.membership.store import people
from services.membership.store.due import Due, put_off
from services.membership.store.schools import school
from services.membership.use_cases.hold import hold
from services.membership.use_cases.restricted import tell_override
from shared.messaging.cause import new_id
from shared.store import UnitOfWork


@dataclass(frozen=True)
class OverrideSet:
    override_id: UUID
    urn: str
    matter: str
    person_id: UUID | None
    from_date: date
    until: date


async def set_override(
    uow: UnitOfWork,
    urn: str,
    *,
    matter: str,
    person_id: UUID | None,
    from_date: date,
    until: date,
    reason: str,
    set_by: str,
) -> OverrideSet:
    """This person, or the duty desk where none is named, speaks for the school on those days, whatever the rules say."""
    here = await school(uow, urn)
    if not here.is_spoken_for():
        raise NotStateFunded(urn, here.name)
    await hold(uow, [urn])
    must_not_be_closed(await school(uow, urn), from_date)
    if person_id is not None:
        await people.must_be_known(uow, [person_id])
    new = overriding.set_override(
        await kept.overrides(uow, [urn]),
        await people.headships(uow, urns=[urn]),
        Override(new_id(), urn, matter, person_id, from_date, until, reason.strip()),
        today=uow.today,
    )
    await kept.add_override(uow, new, set_by=set_by)
    later = [Due(OVERRIDE_BEGINS, str(new.override_id), from_date)] if from_date > uow.today else []
    await put_off(uow, [*later, Due(OVERRIDE_ENDS, str(new.override_id), until)])
    await tell_override(uow, new, uow.cause, from_date, ended=False)
    return _said(new)


async def end_override(
    uow: UnitOfWork, override_id: UUID, *, ended_on: date, reason: str, ended_by: str
) -> OverrideSet | None:
    """It ends earlier than was said; who speaks then follows from the rules again. None: it never came to be."""
    found = await kept.override(uow, override_id)
    await hold(uow, [found.urn])
    present = await kept.override(uow, override_id)
    ended = overriding.end_override(present, ended_on, today=uow.today)
    if ended is None:
        await kept.take_back_override(uow, override_id, reason=reason, ended_by=ended_by)
        if present.from_date <= uow.today:  # it had begun today, and that was told
            await tell_override(uow, present, uow.cause, uow.today, ended=True)
        return None
    await kept.end_override(uow, ended, reason=reason, ended_by=ended_by)
    if ended_on > uow.today:
        await put_off(uow, [Due(OVERRIDE_ENDS, str(override_id), ended_on)])
    await tell_override(uow, ended, uow.cause, ended_on, ended=True)
    return _said(ended)


def _said(override: Override) -> OverrideSet:
    return OverrideSet(
        override.override_id, override.urn, override.matter, override.person_id, override.from_date, override.until
    )
