"""System leaders over HTTP: for school improvement alone, since every line shows an allocation (R0.8)."""

from typing import Any

from services.membership.use_cases.system_leaders import system_leaders
from services.membership.web.allowed import routes
from shared.web.routes import Act, needs


@routes.get("/authorities/{code}/system-leaders", policy=needs("la.officer", "la.school-improvement"))
async def get_system_leaders(code: str, act: Act) -> dict[str, Any]:
    """Each system leader with her schools, the one with fewest first; bars and conflicts beside each school."""
    act.allow_authority(code)
    return await act.read(lambda uow: system_leaders(uow, code))
