"""The queue of the gate "school told": what waits for an officer's word (R0.8)."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.membership.store import withheld
from services.membership.web.allowed import routes
from shared.calendar import calendar
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class Waiting(BaseModel):
    """A change that is held back: which school, since when; not what it is."""

    urn: str
    correlation_id: UUID = Field(description="The change's story, to follow it as a journey")
    sensitivity: str = Field(serialization_alias="class")
    withheld_at: datetime
    since: date
    working_days: int = Field(description="Mondays to Fridays less bank holidays that have gone by")


@routes.get("/held", policy=needs("la.officer", "la.school-improvement"), response_model=list[Waiting])
async def held(authority: str, act: Act) -> list[Waiting]:
    """The changes of which schools of an authority were not told yet, the oldest first: ids and class only."""
    act.allow_authority(authority)

    async def read(uow: UnitOfWork) -> list[Waiting]:
        return [
            Waiting(
                urn=row.urn,
                correlation_id=row.correlation_id,
                sensitivity="restricted",
                withheld_at=row.withheld_at,
                since=row.acted_on,
                working_days=calendar().working_days(row.acted_on, uow.today),
            )
            for row in await withheld.waiting_in(uow, authority)
        ]

    return await act.read(read)
