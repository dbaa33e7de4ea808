"""Awards, ledger and balances, for finance and the officer of the authority."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.funding.store import queries
from services.funding.store.queries import AwardView, BalancesView, EntryView
from services.funding.use_cases.turn_year import turn_year_for_all
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.web.routes import Act, Routes, needs

routes = Routes(prefix="/api/v1", tags=["awards"])
who = needs("la.finance", "la.officer")

Year = Annotated[int | None, Query(ge=2000, le=2200, description="The year in which the award year begins")]


@routes.get("/awards", policy=who)
async def awards(act: Act, body_id: UUID | None = None, year: Year = None) -> list[AwardView]:
    """Entitlements by body and year, with the days behind them and those that nobody has earned (W-31)."""
    return await act.read(lambda uow: queries.awards(uow, act.principal.authorities, body_id, year))


@routes.get("/ledger", policy=who)
async def ledger(act: Act, body_id: UUID) -> list[EntryView]:
    """Every entry of a body, in the order in which they were recorded (W-14)."""

    async def work(uow: UnitOfWork) -> list[EntryView]:
        act.allow_authority(await queries.authority_of(uow, body_id))
        return await queries.ledger(uow, body_id)

    return await act.read(work)


@routes.get("/balances", policy=who)
async def balances(act: Act, body_id: UUID | None = None, as_at: date | None = None) -> BalancesView:
    """Balances by account, as they were when a day was over; without a day, as they are (W-14)."""
    return await act.read(lambda uow: queries.balances(uow, act.principal.authorities, body_id, as_at or uow.today))


@routes.post("/tick", policy=needs("la.ops", "la.officer"))
async def tick(act: Act, confirm: bool = False) -> Response:
    """Open at once the awards that a new year has brought. The service does it by itself every few seconds.

    More than a week at once needs `confirm=true`: then somebody has looked at the clock.
    """

    async def work(cause: Cause) -> dict[str, str | int]:
        failed = await turn_year_for_all(act.store, confirmed=confirm)
        return {"done": "every body was looked at", "failed": len(failed)}

    return await act.once_in_parts(work)
