"""Which school continues which, as the register's links have it, and what follows from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.links import Kind, Known, Link, Relation, begins, relation
from services.membership.domain.school import School, Status
from services.membership.store import continuity as kept
from services.membership.store import links as kept_links
from services.membership.store import representation
from services.membership.store import schools as kept_schools
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.keep_register import Kept, resettle, settle_closings
from services.membership.use_cases.record_outcomes import GO_LIVE
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.reviews import ask_by_links
from shared.store import UnitOfWork
from shared.telemetry import story


async def keep_links(uow: UnitOfWork, links: Sequence[Link]) -> int:
    """Take over lines of a file of links. How many schools continue others than was known."""
    urns = {urn for link in links for urn in (link.urn, link.linked_urn)}
    await hold(uow, urns)
    await kept_links.save_links(uow, links)
    return len(await settle_relations(uow, urns, held=True))


async def put_kinds_right(uow: UnitOfWork, import_id: UUID, but_for: Collection[str] = ()) -> int:
    """Once all lines of a file of links are there: of one day the kind that was sent last counts, as with every line.

    How many schools continue others otherwise by that.
    """
    urns = await kept_links.forget_replaced_links(uow, import_id, but_for)
    return len(await settle_relations(uow, urns)) if urns else 0


async def settle_relations(uow: UnitOfWork, urns: Collection[str], *, held: bool = False) -> set[str]:
    """Decide afresh which of these schools continue which, by all lines about them. The schools whose relations changed.

    An outcome of a predecessor may count now, or no more. News where it is of the time since go-live, of an authority
    whose record goes back further than today; else it is state, and nobody is told.
    """
    lines: dict[tuple[str, str], list[Link]] = {}
    for line in await kept_links.links_about(uow, urns):
        pair = (min(line.urn, line.linked_urn), max(line.urn, line.linked_urn))
        lines.setdefault(pair, []).append(line)
    if not lines:
        return set()
    register = await kept_schools.schools(uow, {urn for pair in lines for urn in pair})
    known = {
        urn: Known(school.opened_on, school.status is Status.CLOSED or school.closed_on is not None, school.closed_on)
        for urn, school in register.items()
    }
    found = [each for pair in lines.values() if (each := relation(pair, known)) is not None]
    present = {(each.urn, each.predecessor_urn): each for each in await kept.relations(uow, register)}
    present |= {(each.urn, each.predecessor_urn): each for each in await kept.relations(uow, urns)}
    new = [each for each in found if present.get((each.urn, each.predecessor_urn)) != each]
    given = {(each.urn, each.predecessor_urn) for each in found}
    gone = [
        each
        for pair, each in present.items()
        if each.kind is not Kind.LISTED and pair not in given and (min(pair), max(pair)) in lines
    ]
    listed = await kept.as_listed(uow, gone)  # counts again where no link says more
    new += listed
    still = {(each.urn, each.predecessor_urn) for each in listed}
    withdrawn = [each for each in gone if (each.urn, each.predecessor_urn) not in still]
    changed = {each.urn for each in [*new, *withdrawn]}
    if not changed:
        return set()
    heirs = await representation.heirs_of(uow, changed)  # what a school inherits, the next one inherits from it
    later = {urn for of_school in heirs.values() for urn in of_school} - changed
    if later or not held:
        await hold(uow, changed | later)
    register |= await kept_schools.schools(uow, later)
    counts = [(urn, each) for each in new for urn in (each.urn, *heirs.get(each.urn, ()))]
    steps = await kept.relations(uow, later) if later else []
    days, before = defaultdict[str, set[date]](set), defaultdict[str, set[date]](set)
    for urn, each in counts:
        days[urn] |= _days_of(each, urn, steps, register)
        # Of the link as it was known, too: a day that is put off takes back what had counted since.
        before[urn] |= _days_of(present.get((each.urn, each.predecessor_urn), each), urn, steps, register)
    news = await news_among(uow, {urn: max(those) for urn, those in days.items() if those}, register)
    touched = changed | later
    since = min((day for urn in news for day in days[urn] | before[urn]), default=uow.today)
    past = await remember(uow, news, since)
    await kept.save_relations(uow, new)
    await kept.withdraw_relations(uow, withdrawn)
    await reroute(uow, touched - news, Change("register", dict.fromkeys(touched, uow.cause), take_on=True))
    causes = {}
    for urn in sorted(news):
        with story("register.link", import_row=True) as cause:
            causes[urn] = cause
    begun = {(each.urn, each.predecessor_urn) for each in new if _says_otherwise(each, present)}
    for looked in await reroute(uow, news, Change("register", causes)):
        await ask_by_links(uow, looked, begun)
    await correct_past(uow, past, since, causes)
    await settle_closings(uow, {each.predecessor_urn for each in [*new, *withdrawn]})
    return changed


def _says_otherwise(new: Relation, present: Mapping[tuple[str, str], Relation]) -> bool:
    """Of what an outcome goes by, and not only in which file it stands."""
    known = present.get((new.urn, new.predecessor_urn))
    return known is None or (known.kind, known.from_date) != (new.kind, new.from_date)


async def news_among(uow: UnitOfWork, days: Mapping[str, date], known: Mapping[str, School]) -> set[str]:
    """News is what is of the time since go-live, of an authority whose record goes back further than today. ``days``: the
    latest of each school."""
    since = {urn for urn, day in days.items() if day >= GO_LIVE and urn in known}
    recorded = await kept.recorded_before_today(uow, {known[urn].authority for urn in since})
    return {urn for urn in since if known[urn].authority in recorded}


def _days_of(of: Relation, urn: str, steps: Iterable[Relation], register: Mapping[str, School]) -> set[date]:
    """The days from which it may be so for this school: it continues another, or one that does, which it may have taken in
    much later."""
    on = _begins(of, register)
    if urn == of.urn:
        return {on} if on is not None else set()
    own = {day for each in steps if each.urn == urn and (day := _begins(each, register)) is not None}
    return {max(on, day) if on is not None else day for day in own}


def _begins(of: Relation, register: Mapping[str, School]) -> date | None:
    school = register.get(of.urn)
    return begins(of.from_date, school.opened_on) if school is not None else None


async def close_continued_schools(uow: UnitOfWork, but_for: Collection[str] = ()) -> Kept:
    """A school that another continues, and that later lists no longer have, closed when the other opened.

    Looked at when a file has ended: which of the two schools came first in it, or in which file, must not count.
    ``but_for``: schools that stand still.
    """
    rows = await uow.rows(
        "select distinct old.urn from continuity c "
        "join school old on old.urn = c.predecessor_urn join school new on new.urn = c.urn "
        "where old.status = 'open' and new.source_as_at > old.source_as_at "
        "and old.urn <> all($1::text[]) order by old.urn",
        list(but_for),
    )
    return await resettle(uow, await hold(uow, [row.urn for row in rows]))
