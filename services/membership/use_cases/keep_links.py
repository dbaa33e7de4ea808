"""Which school continues which, as the register's links have it, and what follows from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.membership.domain.category import Continuity
from services.membership.store import outcomes as kept
from services.membership.store import schools as kept_schools
from services.membership.use_cases.hold import hold
from services.membership.use_cases.keep_register import publish_lines
from services.membership.use_cases.reroute import Change, reroute
from shared.store import UnitOfWork


async def keep_links(uow: UnitOfWork, links: Sequence[Continuity], source: str) -> int:
    """Take over which school continues which, and whether by a merger."""
    await hold(uow, {urn for link in links for urn in (link.urn, link.predecessor_urn)})
    changed = await kept.add_continuities(uow, links, source)
    await reroute(uow, changed, Change("register", dict.fromkeys(changed, uow.cause), take_on=True))
    return len(changed)


async def close_continued_schools(uow: UnitOfWork, source_as_at: date) -> int:
    """A school that another continues, and that a later listing no longer has, closed when the other opened.

    The register of an earlier day shows it open without an end; without this two schools would stand for one.
    """
    rows = await uow.rows(
        """
        select old.urn, min(new.opened_on) as closed_on
        from continuity c join school old on old.urn = c.predecessor_urn join school new on new.urn = c.urn
        where old.closed_on is null and old.status = 'open' and old.source_as_at < $1::date
          and new.source_as_at >= $1::date and new.opened_on > old.source_as_at
        group by old.urn order by old.urn
        """,
        source_as_at,
    )
    if not rows:
        return 0
    await hold(uow, [row.urn for row in rows])
    known = await kept_schools.listed(uow, [row.urn for row in rows])
    closing = [replace(known[row.urn], school=replace(known[row.urn].school, closed_on=row.closed_on)) for row in rows]
    await publish_lines(uow, closing, known)
    return len(rows)
