"""The routes of membership, and whose rows a caller may see or change."""

from uuid import UUID

from services.membership.store import bodies
from services.membership.store.schools import school
from shared.store import UnitOfWork
from shared.web.routes import Act, Forbidden, Routes

IMPROVEMENT = {"la.officer", "la.school-improvement"}

routes = Routes(prefix="/api/v1", tags=["membership"])


def only_of_the_school(act: Act) -> bool:
    """A caller who knows of a school because it is hers, and not because she works in school improvement."""
    return not act.principal.roles & IMPROVEMENT


async def allow_school(act: Act, uow: UnitOfWork, urn: str) -> None:
    """An officer of the school's authority; a head for the school that is hers."""
    here = await school(uow, urn)
    if not only_of_the_school(act):
        act.allow_authority(here.authority)
    elif urn not in act.principal.urns:
        raise Forbidden("Your sign-in is not for this school.")


async def allow_body(act: Act, uow: UnitOfWork, body_id: UUID) -> None:
    act.allow_authority((await bodies.body(uow, body_id)).authority)
