"""A new award year begins: open the awards that its first day is due to open (W-31).

Also after downtime: a body whose awards had begun gets every year since, and one taken on gets the current year.
"""

from contextlib import ExitStack
from datetime import date

from services.funding.domain.chair import ChairHistory
from services.funding.store.repositories import Awards, Chairs
from services.funding.use_cases.open_award import Opening, open_awards
from shared.store import UnitOfWork
from shared.telemetry import story

BODIES_AT_ONCE = 500


async def turn_year(uow: UnitOfWork) -> date:
    """Open what is due today, each award as a story of its own; the day for which that is done now."""
    waiting = await uow.rows(
        """
        select body_id from body
        where award_pence is not null
          and not exists (select 1 from award where award.body_id = body.body_id and year_from <= $1 and $1 < year_to)
        order by body_id limit $2
        """,
        uow.today,
        BODIES_AT_ONCE,
    )
    if not waiting:
        return uow.today
    chairs = Chairs(uow)
    bodies = await chairs.lock_bodies(row.body_id for row in waiting)
    histories = await chairs.histories(bodies)
    standing = await Awards(uow).of_bodies(bodies)
    with ExitStack() as stories:
        openings = []
        for body_id, body in bodies.items():
            if body.terms is None:
                continue
            chair = histories.get(body_id, ChairHistory())
            opened = {award.year.from_date for award in standing.get(body_id, ())}
            for year in body.terms.years_from(min(opened, default=uow.today), uow.today):
                if year.from_date not in opened and chair.anybody_in_the_chair(year.from_date, year.until):
                    because = stories.enter_context(story("award-year.turn", body_id=body_id))
                    openings.append(Opening(body, year, chair, uow.today, because))
        await open_awards(uow, openings)
    return uow.today
