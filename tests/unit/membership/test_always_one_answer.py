"""Whatever the facts are, every school that is spoken for has exactly one answer on each matter (I12)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.membership.domain.adopted import always
from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import CategoryPolicy, Continuity, Inherit, Outcome
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.office import Term
from services.membership.domain.report_card import Area, CardGrade, ReportCard
from services.membership.domain.representation import Circumstances, Role
from services.membership.domain.routing_policy import BRISTOL, DUTY_DESK_ONLY, WARWICKSHIRE
from services.membership.domain.school import School, Sector, Status
from services.membership.domain.standing import Facts, next_change, standing
from services.membership.domain.trust import ClosedTrust, InTrust, Seen, trust_periods
from tests.unit.membership.known import ABBEY, PREDECESSOR, URN, at, person

BEGIN = date(2024, 1, 1)
BEFORE_THAT = "900003"
days = st.integers(0, 40).map(lambda number: BEGIN + timedelta(days=number))
maybe_days = st.none() | days
people = st.sampled_from([person(name) for name in ("a", "b", "c")])
uuids = st.uuids(version=4)
types = st.sampled_from(["1", "2", "7", "14", "34", "28", "35", "8", "6", "", "99"])
grades = st.none() | st.integers(1, 4)
cards = st.dictionaries(st.sampled_from(list(Area)), st.sampled_from(list(CardGrade)), min_size=1).map(ReportCard.of)


def ends_after(start: date, until: date | None) -> date | None:
    return until if until is None or until > start else start + timedelta(days=1)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    post, start = draw(st.sampled_from(["chair", "deputy", "acting-chair"])), draw(days)
    return Term(
        draw(uuids), UUID(int=1), ABBEY, post, draw(people), start, ends_after(start, draw(maybe_days)), "meeting"
    )


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    published = draw(days)
    return Outcome(
        draw(st.sampled_from([URN, PREDECESSOR, BEFORE_THAT, BEFORE_THAT])),
        str(draw(st.integers(1, 3))),
        draw(st.sampled_from(["graded", "ungraded"])),
        published - timedelta(days=draw(st.integers(0, 60))),
        published,
        at(published + timedelta(days=draw(st.integers(0, 5)))),
        draw(grades),
        draw(st.sampled_from([None, None, "SM", "SWK", "RSI"])),
        draw(grades),
        draw(grades),
        draw(st.sampled_from([None, True, False])),
        report_card=draw(st.none() | st.none() | cards),
    )


@st.composite
def entries(draw: st.DrawFn) -> LaEntry:
    start = draw(days)
    lifted = draw(maybe_days)
    return LaEntry(draw(uuids), URN, draw(st.integers(1, 4)), start, at(start), start + timedelta(days=365), lifted)


def spans(start: date, until: date | None) -> tuple[date, date | None]:
    return start, ends_after(start, until)


dated = st.builds(spans, days, maybe_days)


def continuities(opened_on: date | None) -> st.SearchStrategy[list[Continuity]]:
    """The school continues another, which may continue a third; a line of the register may turn them into a ring.

    A link's day may lie so long after the opening that the school took the other one in.
    """
    opened = {URN: st.just(opened_on), PREDECESSOR: maybe_days, BEFORE_THAT: maybe_days}
    stated = st.none() | st.integers(0, 80).map(lambda number: BEGIN + timedelta(days=number))
    pairs = st.sampled_from([(URN, PREDECESSOR), (PREDECESSOR, BEFORE_THAT), (URN, BEFORE_THAT), (BEFORE_THAT, URN)])
    converters = {PREDECESSOR: st.booleans(), BEFORE_THAT: st.just(False), URN: st.just(False)}
    return st.tuples(st.fixed_dictionaries(converters), st.fixed_dictionaries(opened)).flatmap(
        lambda known: st.lists(
            st.builds(
                lambda pair, merged, day: Continuity(*pair, merged, known[0][pair[0]], day, known[1][pair[0]]),
                pairs,
                st.booleans(),
                stated,
            ),
            max_size=3,
            unique_by=lambda each: (each.urn, each.predecessor_urn),
        )
    ) | stated.map(
        lambda day: [
            Continuity(URN, PREDECESSOR, stated=day, opened_on=opened_on),
            Continuity(PREDECESSOR, BEFORE_THAT, by_converter=True),
        ]
    )


@st.composite
def trusts(draw: st.DrawFn) -> tuple[InTrust, ...]:
    trust = st.sampled_from(["7001", "7001", "7002"])
    editions = draw(st.lists(st.builds(Seen, st.just(URN), trust, st.none(), days, maybe_days), max_size=3))
    return trust_periods(editions, draw(st.dictionaries(trust, st.builds(ClosedTrust, days, days), max_size=1)))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    opened, closed = draw(maybe_days), draw(maybe_days)
    school = School(
        URN, "937", "Oak", "Primary", draw(types), draw(st.sampled_from(list(Status))), opened,
        None if opened and closed and closed <= opened else closed,
    )  # fmt: skip
    return Facts(
        Circumstances(
            school,
            always(draw(st.sampled_from([WARWICKSHIRE, BRISTOL, DUTY_DESK_ONLY]))),
            draw(st.lists(dated.map(lambda span: Membership(ABBEY, URN, *span, True)), max_size=2)),
            draw(st.lists(terms(), max_size=4)),
            draw(st.lists(st.builds(lambda i, p, s: Allocation(i, URN, p, *s), uuids, people, dated), max_size=2)),
            draw(
                st.lists(
                    st.builds(
                        lambda trust, post, p, s: TrustContact(trust, post, p, *s),
                        st.sampled_from(["7001", "7002"]),
                        st.sampled_from(["chief-executive", "school-improvement-partner"]),
                        people,
                        dated,
                    ),
                    max_size=3,
                )
            ),
            draw(st.lists(st.builds(lambda p, s: Headship(p, URN, *s), people, dated), max_size=2)),
            trusts=draw(trusts()),
        ),
        always(CategoryPolicy(inherit=draw(st.sampled_from(list(Inherit))))),
        draw(st.lists(outcomes(), max_size=5)),
        draw(continuities(opened)),
        draw(st.lists(entries(), max_size=2)),
    )


@given(facts(), days)
@settings(max_examples=120, deadline=None)
def test_an_open_school_that_is_spoken_for_has_one_answer_a_matter_and_nobody_else_has_any(
    known: Facts, day: date
) -> None:
    """I12"""
    school = known.circumstances.school
    now = standing(known, day)
    named = [speaker for speaker in (now.general, now.inspection) if speaker is not None]
    assert len(named) == (2 if school.is_spoken_for() and school.open_on(day) else 0)
    for speaker in named:
        assert speaker.reason
        assert speaker.rule
        # Whoever is named holds what the role says; only desks and trusts have no person.
        desk_or_trust = speaker.role in (Role.DUTY_DESK, Role.IMPROVEMENT_DESK, Role.TRUST)
        assert (speaker.person_id is None) == desk_or_trust
        if speaker.person_id is not None:
            assert not known.circumstances.heads_it(speaker.person_id, day), "nobody speaks for a school that she heads"


@given(facts(), days)
@settings(max_examples=80, deadline=None)
def test_nothing_changes_between_one_date_of_the_facts_and_the_next(known: Facts, day: date) -> None:
    """D3.10: so it is enough to look at a school on the days that its facts name."""
    turn = next_change(known, day) or day + timedelta(days=60)
    assert turn > day
    last = turn - timedelta(days=1)
    assert standing(known, last) == standing(known, day)


@given(facts(), days, st.data())
@settings(max_examples=80, deadline=None)
def test_restricted_entries_never_show_in_what_the_public_is_told(known: Facts, day: date, data: st.DataObject) -> None:
    """N-05, I13"""
    around = known.circumstances
    plain = Facts(
        Circumstances(
            around.school,
            around.policies,
            around.memberships,
            around.terms,
            (),
            around.trust_contacts,
            around.headships,
            trusts=around.trusts,
        ),
        known.category_policies,
        known.outcomes,
        known.continuities,
        (),
    )
    with_entries, without = standing(known, day), standing(plain, day)
    assert with_entries.public_category == without.public_category
    assert with_entries.public_role == without.public_role


@given(facts(), days)
@settings(max_examples=40, deadline=None)
def test_in_bristol_no_category_and_no_office_ever_changes_who_speaks(known: Facts, day: date) -> None:
    around = replace(known.circumstances, policies=always(BRISTOL))
    now = standing(replace(known, circumstances=around), day)
    bare = standing(
        Facts(Circumstances(around.school, always(BRISTOL), trusts=around.trusts), known.category_policies), day
    )
    assert (now.general, now.inspection) == (bare.general, bare.inspection)
    assert now.general is None or around.school.sector is Sector.UNKNOWN or now.general.role is not Role.CHAIR
