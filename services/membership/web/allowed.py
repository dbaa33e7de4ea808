"""The routes of membership, and whose rows a caller may see or change."""

from uuid import UUID

from services.membership.store import bodies
from services.membership.store.schools import school
from shared.store import UnitOfWork
from shared.web.routes import Act, Forbidden, Routes

routes = Routes(prefix="/api/v1", tags=["membership"])


async def allow_school(act: Act, uow: UnitOfWork, urn: str) -> None:
    """An officer of the school's authority; a head for the school that is hers."""
    here = await school(uow, urn)
    if act.principal.roles & {"la.officer", "la.school-improvement"}:
        act.allow_authority(here.authority)
    elif urn not in act.principal.urns:
        raise Forbidden("Your sign-in is not for this school.")


async def allow_body(act: Act, uow: UnitOfWork, body_id: UUID) -> None:
    act.allow_authority((await bodies.body(uow, body_id)).authority)
