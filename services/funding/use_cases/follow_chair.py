"""Bring a body's awards to what the history of its chair now says (W-31).

What is decided depends on the whole history, never on the event that brought the news: so news that comes twice, or
late, changes nothing that is right already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.funding import outbound
from services.funding.domain.award import Adjustment, Award
from services.funding.domain.chair import ChairHistory
from services.funding.domain.ledger import entries_to_reach
from services.funding.store.ledger import Ledger, Posted
from services.funding.store.repositories import Awards, Body, Chairs, Saved
from services.funding.use_cases.open_award import Opening, open_awards
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import step


@dataclass(frozen=True)
class ChangeOfChair:
    """News of a body's chair.

    `opens_from` is the day from whose year on awards may be opened, up to the year of `recorded_on`; `as_it_stood`
    gives the history without this news; `settled` is false while the rest of the same change is still to come.
    """

    body_id: UUID
    on: date
    recorded_on: date
    because: Cause
    opens_from: date
    as_it_stood: Callable[[ChairHistory], ChairHistory] | None
    settled: bool = True


async def follow_chair(uow: UnitOfWork, changes: Sequence[ChangeOfChair]) -> None:
    """At most one change a body."""
    if not changes:
        return
    chairs, awards = Chairs(uow), Awards(uow)
    bodies = await chairs.lock_bodies({change.body_id for change in changes})
    histories = await chairs.histories(bodies)
    standing = await awards.of_bodies(bodies)

    openings = [
        opening
        for change in changes
        if change.body_id in bodies
        for opening in _due(
            change,
            bodies[change.body_id],
            histories.get(change.body_id, ChairHistory()),
            standing.get(change.body_id, []),
        )
    ]
    for award in await open_awards(uow, openings):
        standing.setdefault(award.body_id, []).append(award)
    await _adjust(uow, [change for change in changes if change.settled], bodies, histories, standing)


def _due(change: ChangeOfChair, body: Body, chair: ChairHistory, standing: Sequence[Award]) -> list[Opening]:
    """The awards that should be open by now and are not."""
    if body.terms is None:
        return []
    first = change.opens_from
    if first > change.on and any(award.year.from_date <= change.on for award in standing):
        first = change.on  # this body's awards had begun by then, so that year is not from before the take-on
    have = {award.year.from_date for award in standing}
    openings = []
    for year in body.terms.years_from(min(first, change.recorded_on), change.recorded_on):
        if year.from_date in have:
            continue
        # An award that the first day of its year should have opened is opened as it stood before this news, and then
        # adjusted: finance sees the entitlement and the change as two facts.
        histories = [chair] if change.settled else []
        if change.as_it_stood is not None and year.from_date < change.on:
            histories.insert(0, change.as_it_stood(chair))
        for history in histories:
            if history.anybody_in_the_chair(year.from_date, year.until):
                openings.append(Opening(body, year, history, change.recorded_on, change.because))
                break
    return openings


async def _adjust(
    uow: UnitOfWork,
    changes: Sequence[ChangeOfChair],
    bodies: Mapping[UUID, Body],
    histories: Mapping[UUID, ChairHistory],
    awards: Mapping[UUID, Sequence[Award]],
) -> None:
    versions: list[Saved] = []
    adjusted: list[tuple[Saved, Adjustment]] = []
    for change in changes:
        for award in sorted(awards.get(change.body_id, ()), key=lambda award: award.year):
            followed = award.follow(histories.get(change.body_id, ChairHistory()))
            if followed is award:
                continue
            saved = Saved(followed, change.recorded_on, change.because)
            versions.append(saved)
            adjustment = followed.adjustment_from(award)
            if adjustment is not None:
                adjusted.append((saved, adjustment))
    if not versions:
        return
    await Awards(uow).move_on(versions)
    if not adjusted:
        return
    ledger = Ledger(uow)
    entries = await ledger.standing(saved.award.award_id for saved, _ in adjusted)
    posted: list[Posted] = []
    for saved, adjustment in adjusted:
        award = saved.award
        with step("award.adjust", cause=saved.because) as cause:
            made = entries_to_reach(award, entries.get(award.award_id, {}), adjustment.from_date, new_id)
            posted += [Posted(entry, saved.recorded_on, saved.because) for entry in made]
            key = body_key(bodies[award.body_id].authority, award.body_id)
            uow.record(outbound.award_adjusted(award, adjustment), key=key, because=cause)
    await ledger.post(posted)
