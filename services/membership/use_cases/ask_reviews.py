"""An officer is asked whether an entry of the authority shall stand: once a cause and its day (R0.1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.category import Outcome
from services.membership.domain.review import Ask, by_outcome, by_review_date
from services.membership.domain.standing import Facts
from services.membership.store import reviews as kept
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Asking:
    """A locked school that is looked at for a day, with what is known of it, and the story in which.

    ``opens``: nobody was named for it when it was looked at last.
    """

    facts: Facts
    day: date
    opens: bool
    cause: Cause


async def ask_what_has_come(uow: UnitOfWork, looked: Sequence[Asking]) -> None:
    """Of a review date that came, and an outcome that was published, while the school was closed, or not open yet, an officer
    is asked when it is open.

    Each look at a school asks, whatever has opened it: a line of the register, or a day.
    """
    there = [each for each in looked if each.facts.circumstances.school.open_on(each.day)]
    asking = {
        ask: each
        for each in there
        for entry in each.facts.entries
        if entry.urn == each.facts.circumstances.school.urn and (ask := by_review_date(entry, each.day)) is not None
    }
    asking |= await _missed(uow, {ask: each for each in there if each.opens for ask in _by_outcomes(each)})
    for review_id, ask in await kept.add_asks(uow, {ask: each.day for ask, each in asking.items()}):
        _tell(uow, review_id, ask, asking[ask].facts.circumstances.school.authority, asking[ask].cause)


def _by_outcomes(of: Asking) -> Iterable[Ask]:
    return (ask for outcome in of.facts.outcomes for ask in of_an_outcome(of.facts, outcome, of.day))


async def _missed(uow: UnitOfWork, asking: Mapping[Ask, Asking]) -> dict[Ask, Asking]:
    """Those of which nobody was asked when the outcome became known, since the school was closed then."""
    missed = await kept.learned_since_nobody_spoke(uow, list(asking)) if asking else set()
    return {ask: each for ask, each in asking.items() if ask in missed}


def of_an_outcome(facts: Facts, outcome: Outcome, day: date) -> list[Ask]:
    """The questions of one outcome of the school, or of a school that it continues, by what is known on that day."""
    here = facts.circumstances.school
    return by_outcome(
        here.urn,
        facts.entries,
        facts.outcomes,
        facts.continuities,
        outcome,
        policy=facts.category_policy_on(day),
        is_converter=here.is_converter,
        today=day,
    )


async def ask_officers(uow: UnitOfWork, asks: Sequence[Ask], authority: str, cause: Cause, on: date) -> None:
    for review_id, ask in await kept.add_asks(uow, dict.fromkeys(asks, on)):
        _tell(uow, review_id, ask, authority, cause)


def _tell(uow: UnitOfWork, review_id: UUID, ask: Ask, authority: str, cause: Cause) -> None:
    fact = outbound.la_category_review_due(review_id, ask.entry_id, ask.urn)
    uow.record(fact, key=school_key(authority, ask.urn), because=cause, told=False)
