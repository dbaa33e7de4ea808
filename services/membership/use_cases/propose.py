"""Under the policy `propose` each look at a school may make a proposal, or close one (R0.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.membership import outbound
from services.membership.domain.category import Category, category_of_outcome
from services.membership.domain.proposal import ALWAYS, Kept, Proposal, proposing_since, wanted, why_it_ends
from services.membership.domain.standing import Facts, by_publication, held_on, stood
from services.membership.store import proposals as kept
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork

BY_ITSELF = "membership"


@dataclass(frozen=True)
class Proposing:
    """A locked school that was looked at for a day, and the story in which."""

    facts: Facts
    day: date
    cause: Cause

    @property
    def urn(self) -> str:
        return self.facts.circumstances.school.urn

    @property
    def since(self) -> date | None:
        return proposing_since(self.facts.category_policies, self.day)


async def propose(uow: UnitOfWork, looked: Sequence[Proposing], *, state_only: bool = False) -> None:
    """Write down what stays in force where the policy began, close what is settled, make what is to be asked.

    ``state_only``: what take-on finds is asked, and nobody hears of it as news.
    """
    await kept.add_kept(uow, [found for each in looked if (found := _stays(each)) is not None])
    ended: list[Proposal] = []
    made: list[tuple[Proposing, Proposal]] = []
    for each in looked:
        suggested = by_publication(each.facts, each.day)
        says = _wanted(each, suggested)
        present = next((one for one in each.facts.proposals if one.ended is None), None)
        if present is not None and present.says != says:
            ended.append(_ended(uow, each, present, suggested))
        if says is not None and (present is None or present.says != says):
            made.append((each, _made(uow, each, suggested)))
    await kept.end_proposals(uow, ended, reason="", by=BY_ITSELF)
    await kept.add_proposals(uow, [(new, each.cause.correlation_id) for each, new in made])
    for each, new in made if not state_only else []:
        school = each.facts.circumstances.school
        uow.record(
            outbound.category_proposed(new),
            key=school_key(school.authority, school.urn),
            because=each.cause,
            told=False,
        )


def _stays(each: Proposing) -> Kept | None:
    """Its own: what is passed on to it is kept for the schools that it continues."""
    since = each.since
    if since is None or since == ALWAYS or any(one.since == since for one in each.facts.kept):
        return None
    stays = stood(each.facts, since, each.facts.circumstances.school)
    assert stays is not None
    published = stays.facts.get("published_on")
    return Kept(
        each.urn,
        since,
        stays.value,
        stays.because.value,
        stays.ref,
        stays.true_from,
        stays.inherited_from,
        date.fromisoformat(str(published)) if published else None,
    )


def _wanted(each: Proposing, suggested: Category) -> tuple[str, int | None] | None:
    since, school = each.since, each.facts.circumstances.school
    if since is None or not school.is_spoken_for() or not school.open_on(each.day):
        return None
    leads_to = held_on(each.facts, since, each.day, up_to=date.max)
    asked = [*each.facts.proposed_before, *each.facts.proposals]
    return wanted(suggested, leads_to, asked, since=since)


def _made(uow: UnitOfWork, each: Proposing, suggested: Category) -> Proposal:
    published = suggested.facts.get("published_on")
    return Proposal(
        new_id(),
        each.urn,
        suggested.value,
        suggested.ref,
        each.day,
        uow.now,
        date.fromisoformat(str(published)) if published else None,
        suggested.inherited_from,
    )


def _ended(uow: UnitOfWork, each: Proposing, present: Proposal, suggested: Category) -> Proposal:
    known = any(
        one.inspection_number == present.inspection_number
        and not one.withdrawn
        and category_of_outcome(one) == present.category
        for one in each.facts.outcomes
    )
    ended = why_it_ends(
        present,
        proposing=each.since is not None,
        suggested=suggested,
        known=known,
        open_school=each.facts.circumstances.school.open_on(each.day),
    )
    return replace(present, ended=ended, ended_on=each.day, ended_at=uow.now)
