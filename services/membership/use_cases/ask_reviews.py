"""An officer is asked whether an entry of the authority shall stand: once a review date, and once a change of an outcome (R0.1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.category import Outcome
from services.membership.domain.review import (
    NOT_NEEDED,
    Ask,
    Asked,
    asked_by_another_number,
    by_outcome,
    by_review_date,
    not_needed_any_more,
    taken_in_since,
    to_be_asked,
)
from services.membership.domain.standing import Facts
from services.membership.store import reviews as kept
from services.membership.store.asked_before import asked_before
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork

Pair = tuple[str, str]


@dataclass(frozen=True)
class Asking:
    """A locked school that is looked at for a day, with what is known of it, and the story in which.

    ``since``: the day for which it was looked at last. ``opens``: nobody was named for it then.
    """

    facts: Facts
    day: date
    since: date | None
    opens: bool
    cause: Cause


async def ask_what_has_come(uow: UnitOfWork, looked: Sequence[Asking]) -> None:
    """Of a review date that came, and an outcome that was published, while the school was closed, or not open yet, an officer
    is asked when it is open; of the outcomes of a school that it takes in, on that day.

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
    asking |= {ask: each for each in there if not each.opens for ask in _by_what_it_takes_in(each)}
    for review_id, ask in await _add(uow, {ask: each.day for ask, each in asking.items()}):
        _tell(uow, review_id, ask, asking[ask].facts.circumstances.school.authority, asking[ask].cause)


def _by_outcomes(of: Asking) -> list[Ask]:
    return [ask for outcome in of.facts.outcomes for ask in of_an_outcome(of.facts, outcome, of.day)]


def _by_what_it_takes_in(of: Asking) -> list[Ask]:
    """The questions of the outcomes that count since a day after that for which it was looked at last."""
    since = of.since or of.day
    if not any(since < step.taken_in_on <= of.day for step in of.facts.continuities):
        return []
    return _of_schools(of.facts, {urn for urn, day in _taken_in(of.facts, of.day).items() if day > since}, of.day)


def by_links(facts: Facts, linked: Collection[Pair], day: date) -> list[Ask]:
    """The questions of the outcomes that count by these links, and not without them. Each link: who continues whom."""
    others = [each for each in facts.continuities if (each.urn, each.predecessor_urn) not in linked]
    new = _taken_in(facts, day).keys() - _taken_in(replace(facts, continuities=others), day).keys()
    return _of_schools(facts, new, day)


def _of_schools(facts: Facts, urns: Collection[str], day: date) -> list[Ask]:
    return [ask for each in facts.outcomes if each.urn in urns for ask in of_an_outcome(facts, each, day)]


def _taken_in(facts: Facts, day: date) -> dict[str, date]:
    here, policy = facts.circumstances.school, facts.category_policy_on(day)
    return taken_in_since(here.urn, facts.continuities, policy, is_converter=here.is_converter, day=day)


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
    for review_id, ask in await _add(uow, dict.fromkeys(asks, on)):
        _tell(uow, review_id, ask, authority, cause)


async def _add(uow: UnitOfWork, asks: Mapping[Ask, date]) -> list[tuple[UUID, Ask]]:
    """Those of these of which somebody is to hear, with the ids of their questions.

    A question is kept too under another number of an inspection that is asked about already, as of the day of the first: it
    asks on if that is withdrawn, or turns out to be another inspection. Nobody need hear of it.
    """
    before = await asked_before(uow, [each for each in asks if each.inspected is not None])
    to_ask: list[tuple[UUID, Ask, date]] = []
    heard: list[tuple[UUID, Ask]] = []
    needless: list[UUID] = []
    for ask in sorted(asks, key=lambda each: (str(each.entry_id), each.cause, each.on, each.ref)):
        asked = before[ask.entry_id, ask.on]
        over = not_needed_any_more(ask, asked)
        needless += [over.review_id] if over is not None else []
        question, beside = to_be_asked(ask, asked), asked_by_another_number(ask, asked)
        if question is None:
            continue
        review_id, on = new_id(), beside.asked_on if beside is not None else asks[ask]
        to_ask.append((review_id, question, on))
        heard += [(review_id, ask)] if beside is None else []
        if question.inspected is not None:
            asked.append(Asked(review_id, question.ref, question.inspected, True, question.again, on, False))
    await kept.answer(uow, needless, NOT_NEEDED, by="")
    new = await kept.add_asks(uow, to_ask)
    return [(review_id, ask) for review_id, ask in heard if review_id in new]


def _tell(uow: UnitOfWork, review_id: UUID, ask: Ask, authority: str, cause: Cause) -> None:
    fact = outbound.la_category_review_due(review_id, ask.entry_id, ask.urn)
    uow.record(fact, key=school_key(authority, ask.urn), because=cause, told=False)
