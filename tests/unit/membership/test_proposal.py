"""Under `propose` nothing is in force that nobody confirmed since the policy began (R0.1)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.adopted import Adopted, always
from services.membership.domain.category import OFSTED, PROPOSE, Because, CategoryPolicy, Inherit, Outcome
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.proposal import Ended, Kept, Proposal, confirm, decline, proposing_since
from services.membership.domain.standing import Facts, by_publication, next_change, standing
from tests.unit.membership.known import PREDECESSOR, URN, a_school, an_entry, at, circumstances, continues, graded

BEGIN, SINCE = date(2024, 1, 1), date(2024, 2, 1)
ADOPTED = (
    Adopted(CategoryPolicy(OFSTED), None, SINCE),
    Adopted(CategoryPolicy(PROPOSE, 2), SINCE, None),
)


def facts(**known: object) -> Facts:
    return replace(Facts(circumstances(), ADOPTED), **known)  # type: ignore[arg-type]


def a_proposal(category: int, on: date, number: int = 1) -> Proposal:
    return Proposal(UUID(int=number), URN, category, f"N{number}", on, at(on), on)


def test_the_policy_holds_since_the_first_of_its_versions_that_follow_one_another() -> None:
    later = date(2024, 5, 1)
    again = (
        *ADOPTED[:1],
        Adopted(CategoryPolicy(PROPOSE, 2), SINCE, later),
        Adopted(CategoryPolicy(PROPOSE, 3), later, None),
    )
    assert proposing_since(again, date(2024, 6, 1)) == SINCE
    assert proposing_since(again, date(2024, 1, 31)) is None
    broken = (*again[:1], Adopted(CategoryPolicy(PROPOSE, 2), SINCE, date(2024, 4, 1)), again[2])
    assert proposing_since(broken, date(2024, 6, 1)) == later


def test_what_was_in_force_stays_and_an_outcome_gives_only_what_the_public_may_infer() -> None:
    """R0.1, R0.8"""
    known = facts(outcomes=[graded(2, published=BEGIN), graded(4, published=date(2024, 2, 10))])
    then = standing(known, date(2024, 2, 10))
    assert (then.category.value, then.public_category.value) == (2, 4)
    assert then.restricted
    assert not then.category_is_public
    assert by_publication(known, date(2024, 2, 9)).value == 2


def test_a_confirmed_category_counts_from_its_day_and_the_one_confirmed_last_wins() -> None:
    """R0.1, R0.4"""
    early = confirm(a_proposal(4, SINCE, 1), date(2024, 3, 1), today=SINCE, at=at(SINCE))
    late = confirm(a_proposal(3, SINCE, 2), date(2024, 2, 20), today=date(2024, 2, 20), at=at(date(2024, 2, 20)))
    known = facts(outcomes=[graded(2, published=BEGIN)], proposals=[early, late])
    days = (date(2024, 2, 19), date(2024, 2, 20), date(2024, 3, 1))
    assert [standing(known, day).category.value for day in days] == [2, 3, 3]
    assert next_change(known, date(2024, 2, 19)) == date(2024, 2, 20)
    without = facts(outcomes=[graded(2, published=BEGIN)], proposals=[early])
    assert standing(without, date(2024, 3, 1)).category.value == 4


def test_what_was_confirmed_before_the_policy_began_anew_counts_no_more() -> None:
    old = confirm(a_proposal(4, date(2024, 1, 5)), date(2024, 1, 5), today=date(2024, 1, 5), at=at(date(2024, 1, 5)))
    assert standing(facts(proposals=[old]), SINCE).category.value is None


def test_what_was_written_down_when_it_began_stays_whatever_is_learned_later() -> None:
    """R0.1"""
    kept = Kept(URN, SINCE, 2, Because.OUTCOME.value, "N0", BEGIN)
    late = graded(4, published=date(2024, 1, 20), recorded_at=at(date(2024, 3, 1)))
    then = standing(facts(outcomes=[late], kept=[kept]), SINCE)
    assert (then.category.value, then.category.ref) == (2, "N0")


days = st.integers(0, 90).map(lambda number: BEGIN + timedelta(days=number))


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    on = draw(days)
    made = replace(a_proposal(draw(st.integers(1, 4)), on), proposal_id=draw(st.uuids(version=4)))
    answered = on + timedelta(days=draw(st.integers(0, 20)))
    match draw(st.sampled_from(["open", "confirmed", "declined", "superseded"])):
        case "confirmed":
            later = answered + timedelta(days=draw(st.integers(0, 20)))
            return confirm(made, later, today=answered, at=at(answered))
        case "declined":
            return decline(made, "Why", today=answered, at=at(answered))
        case "superseded":
            return replace(made, ended=Ended.SUPERSEDED, ended_on=answered, ended_at=at(answered))
    return made


@st.composite
def entries(draw: st.DrawFn) -> LaEntry:
    start = draw(days)
    lifted = draw(st.none() | st.integers(0, 40).map(lambda number: start + timedelta(days=number)))
    return an_entry(draw(st.integers(1, 4)), start, entry_id=draw(st.uuids(version=4)), lifted_on=lifted)


@st.composite
def published(draw: st.DrawFn) -> Outcome:
    on = draw(days)
    return graded(draw(st.integers(1, 4)), published=on, inspection_number=str(draw(st.integers(1, 9))))


@given(
    st.lists(published(), max_size=5),
    st.lists(proposals(), max_size=5),
    st.lists(entries(), max_size=3),
    days,
    st.randoms(use_true_random=False),
)
def test_one_category_a_day_in_any_order_of_facts_and_nothing_that_nobody_confirmed(
    outcomes: list[Outcome], made: list[Proposal], own: list[LaEntry], day: date, order: object
) -> None:
    """R0.1: an entry, what an officer confirmed since the policy began, or what stood the day before it."""
    outcomes = list({each.identity: each for each in outcomes}.values())
    known = facts(outcomes=outcomes, proposals=made, entries=own)
    found = standing(known, day).category
    shuffled = [list(each) for each in (outcomes, made, own)]
    for each in shuffled:
        order.shuffle(each)  # type: ignore[attr-defined]
    again = facts(outcomes=shuffled[0], proposals=shuffled[1], entries=shuffled[2])
    assert standing(again, day).category == found
    if day < SINCE:
        assert found.because in (Because.LA_CATEGORY, Because.OUTCOME, Because.NOTHING)
        return
    standing_entries = [each for each in own if each.stands_on(day)]
    if standing_entries:
        assert found.because is Because.LA_CATEGORY
        return
    confirmed = [
        each
        for each in made
        if each.ended is Ended.CONFIRMED and each.ended_on and each.ended_on >= SINCE and each.from_date <= day  # type: ignore[operator]
    ]
    if confirmed:
        assert found.because is Because.PROPOSAL
        assert found.ref in {str(each.proposal_id) for each in confirmed}
        assert found.value == next(each.category for each in confirmed if str(each.proposal_id) == found.ref)
    else:
        stood = replace(known, category_policies=ADOPTED[:1], entries=())
        assert found.value == standing(stood, SINCE - timedelta(days=1)).category.value


def test_what_was_confirmed_for_a_school_is_carried_on_from_the_day_on_which_another_took_it_in() -> None:
    """R0.1: not from that one's own opening, nor before it took the other one in."""
    opened, took_in = date(2012, 9, 1), date(2024, 3, 1)
    confirmed = confirm(replace(a_proposal(4, SINCE), urn=PREDECESSOR), SINCE, today=SINCE, at=at(SINCE))
    known = facts(
        circumstances=circumstances(a_school(opened_on=opened)),
        category_policies=always(CategoryPolicy(PROPOSE, inherit=Inherit.ALWAYS)),
        continuities=[continues(stated=took_in, opened_on=opened)],
        proposed_before=[confirmed],
        schools_before=[a_school(urn=PREDECESSOR)],
    )
    eve = standing(known, took_in - timedelta(days=1)).category
    now = standing(known, took_in).category
    assert (eve.value, next_change(known, SINCE)) == (None, took_in)
    assert (now.value, now.inherited_from, now.true_from) == (4, PREDECESSOR, took_in)
