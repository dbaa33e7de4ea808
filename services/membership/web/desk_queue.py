"""The duty desk's queue over HTTP: for school improvement alone, since allocations and held-back changes show (R0.8)."""

from typing import Any

from services.membership.use_cases.desk_queue import desk_queue
from services.membership.web.allowed import routes
from shared.web.routes import Act, needs


@routes.get("/authorities/{code}/desk-queue", policy=needs("la.officer", "la.school-improvement"))
async def get_desk_queue(code: str, act: Act, after: str | None = None, limit: int = 100) -> dict[str, Any]:
    """What waits at the duty desk, since when, and what would cure it; `after` is `next` of the page before."""
    act.allow_authority(code)
    return await act.read(lambda uow: desk_queue(uow, code, after=after, limit=limit))
