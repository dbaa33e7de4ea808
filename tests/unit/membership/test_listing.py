"""A school follows from what every edition said of it, whatever the order in which the files came (D3.11)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.doubtful_date import FAR_OFF
from services.membership.domain.listing import (
    Continuing,
    Folded,
    Listing,
    Source,
    TrustListing,
    closed_by_continuation,
    fold,
    fold_trust,
)
from services.membership.domain.school import School, Status
from services.membership.domain.trust import ClosedTrust
from services.membership.store.listings import news

URN = "990001"
FIRST, LATER, LAST = date(2024, 6, 17), date(2025, 8, 31), date(2026, 3, 7)


def listing(as_at: date = FIRST, source: Source = Source.GIAS, **said: object) -> Listing:
    known: dict[str, object] = {"authority": "937", "name": "Oak", "type_code": "1", "status": Status.OPEN}
    return Listing(URN, source, as_at, **(known | said))  # type: ignore[arg-type]


def links(as_at: date, trust: str, **said: object) -> Listing:
    return Listing(URN, Source.GROUP_LINKS, as_at, part=trust, trust_id=trust, trust_name=f"Trust {trust}", **said)  # type: ignore[arg-type]


def folded(*listings: Listing, closed_trusts: dict[str, ClosedTrust] | None = None) -> Folded:
    found = fold(listings, closed_trusts)
    assert found is not None
    return found


def school(*listings: Listing) -> School:
    return folded(*listings).school


def test_a_later_edition_counts_and_its_blanks_do_not_wipe_what_an_earlier_one_knew() -> None:
    now = school(listing(opened_on=date(2001, 9, 1), phase="Primary"), listing(LATER, name="Oak Academy", phase=""))
    assert (now.name, now.phase, now.opened_on) == ("Oak Academy", "Primary", date(2001, 9, 1))


def test_an_older_edition_that_comes_late_changes_nothing_that_a_newer_one_says() -> None:
    assert school(listing(LATER, name="New"), listing(FIRST, name="Old")).name == "New"


def test_a_day_on_which_it_was_to_open_again_is_not_its_first_when_it_stays_closed_after_all() -> None:
    """R0.4: else it had never been open, and nobody had spoken for it on the days before it closed."""
    closed = {"status": Status.CLOSED, "closed_on": date(2024, 3, 31)}
    first = listing(opened_on=date(2001, 9, 1), **closed)
    now = school(first, listing(LATER, opened_on=date(2026, 9, 1)), listing(LAST, **closed))
    assert now.opened_on == date(2001, 9, 1)
    unknown = school(listing(**closed), listing(LATER, opened_on=date(2026, 9, 1)), listing(LAST, **closed))
    assert (unknown.opened_on, unknown.open_on(date(2024, 3, 30)), unknown.open_on(LAST)) == (None, True, False)


def test_a_close_date_does_not_survive_a_later_open() -> None:
    closed = listing(status=Status.CLOSED, closed_on=date(2024, 3, 31))
    reopened = school(closed, listing(LATER))
    assert (reopened.status, reopened.closed_on) == (Status.OPEN, None)


SPRING, AUTUMN = date(2024, 3, 31), date(2024, 9, 1)
NEXT = date(2026, 9, 1)  # after the last edition
CLOSED = listing(status=Status.CLOSED, closed_on=SPRING)


@pytest.mark.parametrize(
    ("editions", "closures"),
    [
        ([CLOSED, listing(LATER)], [(SPRING, LATER)]),
        ([CLOSED, listing(LATER, Source.OFSTED)], [(SPRING, LATER)]),
        ([listing(closed_on=AUTUMN), listing(LATER)], [(AUTUMN, LATER)]),  # its day had come
        ([listing(closed_on=LAST), listing(LATER)], []),  # called off before its day
        ([CLOSED, listing(LATER, opened_on=AUTUMN)], [(SPRING, AUTUMN)]),
        ([CLOSED, listing(LATER, opened_on=date(2001, 9, 1))], [(SPRING, LATER)]),
        ([CLOSED, listing(LATER, opened_on=SPRING)], []),  # open again on the very day
        ([CLOSED, listing(LATER, status=Status.CLOSED)], []),  # it is closed still
        ([CLOSED, listing(LATER, closed_on=LAST)], [(SPRING, LATER)]),  # open again, and to close again
        ([CLOSED, listing(LATER), listing(LAST, status=Status.CLOSED, closed_on=LAST)], [(SPRING, LATER)]),
        ([CLOSED, listing(LATER), listing(LAST, status=Status.CLOSED, closed_on=SPRING)], []),  # it never opened again
        ([CLOSED, listing(LATER, status=Status.PROPOSED), listing(LAST)], [(SPRING, LAST)]),
        ([CLOSED, listing(LATER, status=Status.PROPOSED)], [(SPRING, date.max)]),  # nobody says when
        ([CLOSED, listing(LATER, status=Status.PROPOSED, opened_on=NEXT)], [(SPRING, NEXT)]),
        ([CLOSED, listing(LATER, opened_on=NEXT), listing(LAST)], [(SPRING, NEXT)]),  # it is to open, and that stands
        (
            [CLOSED, listing(LATER, opened_on=LAST), listing(LAST, opened_on=NEXT)],
            [(SPRING, NEXT)],
        ),  # later than planned
        ([CLOSED, listing(LATER, opened_on=NEXT), listing(LAST, opened_on=AUTUMN)], [(SPRING, AUTUMN)]),
        ([listing(status=Status.CLOSED), listing(LATER)], [(FIRST, LATER)]),  # since when, no edition says
        ([CLOSED, listing(FIRST, version=2)], []),  # the same edition, put right
        ([CLOSED, listing(LATER, opened_on=AUTUMN), listing(LATER, version=2)], [(SPRING, LATER)]),
    ],
)
def test_it_was_closed_from_the_day_that_editions_give_until_the_one_that_has_it_open_again(
    editions: list[Listing], closures: list[tuple[date, date]]
) -> None:
    """R0.4, D3.11: in whatever order they come."""
    for order in (editions, editions[::-1]):
        now = school(*order)
        assert list(now.closures) == closures
        assert not any(now.open_on(begins) or now.open_on(ends - timedelta(days=1)) for begins, ends in closures)
        assert now.open_on(SPRING - timedelta(days=1)) or now.status is Status.CLOSED


def test_a_school_opens_again_on_a_day_to_come_only_while_it_is_closed_until_then() -> None:
    """R0.4"""
    now, a_day = school(CLOSED, listing(LATER, opened_on=NEXT)), timedelta(days=1)
    assert [now.opens_again(day) for day in (SPRING - a_day, SPRING, NEXT - a_day, NEXT)] == [None, NEXT, NEXT, None]
    assert school(CLOSED, listing(LATER, status=Status.PROPOSED)).opens_again(LAST) is None
    assert school(CLOSED, listing(LATER, opened_on=NEXT, closed_on=NEXT)).opens_again(LAST) is None  # nor on that day


def test_a_school_that_opened_again_on_the_very_day_on_which_it_closed_had_opened_before() -> None:
    """R0.4: that day is not the one on which it opened first."""
    opened, closed = date(2001, 9, 1), listing(status=Status.CLOSED, closed_on=SPRING)
    again = listing(LATER, opened_on=SPRING)
    assert school(listing(AUTUMN, opened_on=opened), closed, again).opened_on == opened
    assert school(closed, again).open_on(SPRING - timedelta(days=1))


YEARS_AHEAD, LONG_AGO = date(2100, 1, 1), date(1899, 12, 31)
OPEN, CLOSED_STATUS, PROPOSED = Status.OPEN, Status.CLOSED, Status.PROPOSED


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({"status": OPEN, "closed_on": date(2023, 9, 1)}, True),  # as if it had closed, and is listed as open
        ({"status": OPEN, "closed_on": FIRST}, True),
        ({"status": OPEN, "closed_on": FIRST + timedelta(days=1)}, True),  # its last day
        ({"status": OPEN, "closed_on": LONG_AGO}, True),
        ({"status": OPEN, "closing": True, "closed_on": LONG_AGO}, True),
        ({"status": OPEN, "closing": True, "closed_on": date(2024, 6, 1)}, False),  # as it was proposed
        ({"status": OPEN, "opened_on": YEARS_AHEAD}, True),
        ({"status": OPEN, "opened_on": LONG_AGO}, True),
        ({"status": OPEN, "opened_on": FIRST + timedelta(days=90)}, False),  # an edition read before its day
        ({"status": CLOSED_STATUS, "closed_on": YEARS_AHEAD}, False),
        ({"status": PROPOSED, "opened_on": LONG_AGO}, False),
        ({"status": PROPOSED, "opened_on": date(2024, 6, 1)}, True),
    ],
)
def test_a_date_that_contradicts_the_status_takes_no_speaker_away_and_names_none(
    said: dict[str, object], is_open: bool
) -> None:
    """W-02, W-15: it was closed by a misprint, and nobody was told."""
    assert school(listing(**said)).open_on(FIRST) is is_open


def test_a_day_of_closing_that_cannot_be_meant_is_none() -> None:
    assert school(listing(closed_on=YEARS_AHEAD)).closed_on is None
    assert school(listing(closed_on=LAST)).closed_on == LAST


def test_a_planned_close_date_survives_a_list_that_has_no_dates_until_that_day_is_past() -> None:
    closing = listing(closed_on=date(2025, 12, 31), closing=True)
    assert school(closing, listing(LATER, Source.OFSTED)).closed_on == date(2025, 12, 31)
    assert school(closing, listing(LATER, Source.GIAS_MINIMAL)).closed_on == date(2025, 12, 31)
    assert school(closing, listing(LAST, Source.OFSTED)).closed_on is None  # it is open after that day
    assert school(closing, listing(LATER)).closed_on is None  # the register has dates, and has this one no more


def test_a_school_proposed_to_close_keeps_the_day_that_an_earlier_edition_gave() -> None:
    closing = listing(closed_on=date(2025, 12, 31), closing=True)
    assert school(closing, listing(LATER, closing=True)).closed_on == date(2025, 12, 31)


def test_a_closed_school_keeps_the_close_date_when_a_later_edition_leaves_it_blank() -> None:
    closed = listing(status=Status.CLOSED, closed_on=date(2024, 3, 31))
    assert school(closed, listing(LATER, status=Status.CLOSED)).closed_on == date(2024, 3, 31)


@pytest.mark.parametrize("source", [Source.GIAS, Source.GIAS_MINIMAL])
def test_a_closing_without_a_date_takes_effect_on_the_day_of_the_first_edition_that_has_it(source: Source) -> None:
    """D3.11, R0.4: it was open on the days before, which are answered as they were."""
    first, again = (listing(day, source, status=Status.CLOSED) for day in (LATER, LAST))
    for order in ([listing(), first, again], [again, first, listing()]):
        closed = school(*order)
        assert (closed.status, closed.closed_on) == (Status.CLOSED, LATER)
        assert closed.open_on(LATER - timedelta(days=1))
    assert school(listing(), first, listing(LAST, status=Status.CLOSED, closed_on=AUTUMN)).closed_on == AUTUMN
    planned = listing(closing=True, closed_on=LAST)
    assert school(planned, first).closed_on == LATER  # it closed before the day that was planned


def test_a_school_that_no_edition_has_as_open_was_never_open() -> None:
    assert school(listing(status=Status.CLOSED)).open_on(FIRST - timedelta(days=1)) is False
    lapsed = school(listing(status=Status.PROPOSED), listing(LATER, status=Status.CLOSED))
    assert (lapsed.closed_on, lapsed.open_on(FIRST)) == (None, False)


def test_a_school_open_again_after_a_closing_without_a_date_is_open() -> None:
    closed = listing(LATER, Source.GIAS_MINIMAL, status=Status.CLOSED)
    for source in (Source.GIAS, Source.GIAS_MINIMAL, Source.OFSTED):
        assert school(listing(), closed, listing(LAST, source)).closed_on is None
    assert school(listing(), closed, replace(closed, status=Status.OPEN, version=2)).open_on(LAST)
    assert school(listing(), closed, listing(LAST, closing=True)).open_on(LAST)


@pytest.mark.parametrize(("opened", "closes"), [(AUTUMN, AUTUMN), (LATER, LATER), (FIRST, LATER), (LAST, LATER)])
def test_a_closing_without_a_date_is_of_the_day_on_which_another_continued_it(opened: date, closes: date) -> None:
    found = folded(listing(), listing(LATER, status=Status.CLOSED))
    assert closed_by_continuation(found, [Continuing(opened, LATER)]).closed_on == closes


def test_a_school_that_was_only_proposed_is_open_when_a_later_list_has_it() -> None:
    assert school(listing(status=Status.PROPOSED), listing(LATER, Source.OFSTED)).status is Status.OPEN


def test_ofsted_fills_what_the_register_leaves_blank_and_does_not_rename() -> None:
    now = school(listing(type_code=""), listing(LATER, Source.OFSTED, name="OAK SCHOOL", type_code="34"))
    assert (now.name, now.type_code) == ("Oak", "34")


def test_where_sources_differ_on_a_trust_the_later_dated_one_wins() -> None:
    """D3.11"""
    by_ofsted = listing(LATER, Source.OFSTED, trust_id="7002")
    by_links = links(FIRST, "7001")
    assert folded(listing(), by_ofsted, by_links).trust_as_at == LATER
    assert school(listing(), by_ofsted, by_links).trust_id == "7002"
    assert school(listing(), links(LAST, "7001"), by_ofsted).trust_id == "7001"


def test_of_two_trusts_in_one_edition_the_one_joined_later_counts() -> None:
    moved = links(FIRST, "7001", joined_on=date(2024, 1, 1))
    assert school(listing(), moved, links(FIRST, "7009", joined_on=date(2015, 1, 1))).trust_id == "7001"


def test_a_trust_that_a_later_edition_has_as_closed_speaks_for_nobody() -> None:
    by_links, closed = links(FIRST, "7001"), {"7001": ClosedTrust(LATER, LATER)}
    assert folded(listing(), by_links, closed_trusts=closed).school.trust_id is None
    assert folded(listing(), links(LAST, "7001"), closed_trusts=closed).school.trust_id == "7001"


def test_a_school_has_the_trust_of_the_day() -> None:
    """D3.10: a joining to come is known, and the trust until then is the school's."""
    lines = [listing(trust_id="7001"), links(LATER, "7002", joined_on=LAST)]
    assert [fold(lines, on=on).school.trust_id for on in (LATER, LAST)] == ["7001", "7002"]  # type: ignore[union-attr]


def test_a_line_sent_again_without_a_trust_or_with_another_day_of_joining_takes_back_what_it_said() -> None:
    wrong = listing(trust_id="7001")
    assert folded(wrong, replace(wrong, trust_id=None, version=2)).trusts == ()
    dated = links(FIRST, "7001", joined_on=date(2024, 1, 1))
    (since,) = folded(listing(), dated, replace(dated, joined_on=date(2023, 1, 1), version=2)).trusts
    assert since.from_date == date(2023, 1, 1)


def test_links_alone_make_no_school_and_count_when_the_register_has_it() -> None:
    assert fold([links(FIRST, "7001")]) is None


def test_of_one_edition_sent_twice_the_line_that_was_sent_last_counts() -> None:
    first = listing(name="Misprint")
    (corrected,) = news({URN: [first]}, [listing(name="Oak")])
    assert corrected.version == 2
    assert school(first, corrected).name == school(corrected, first).name == "Oak"
    assert news({URN: [first, corrected]}, [listing(name="Oak")]) == []


@pytest.mark.parametrize("opened_on", [None, date(2023, 9, 1)])
def test_a_line_sent_again_without_its_opening_day_or_with_another_takes_back_the_one_that_it_gave(
    opened_on: date | None,
) -> None:
    """D3.11: of one edition. What it doesn't say any more an earlier edition may."""
    wrong = listing(LATER, opened_on=date(2022, 9, 1))
    right = replace(wrong, opened_on=opened_on, version=2)
    assert school(wrong, right).opened_on == opened_on
    assert school(listing(opened_on=AUTUMN), wrong, right).opened_on == (opened_on or AUTUMN)


def test_a_line_sent_again_without_its_day_of_closing_takes_back_the_one_that_it_gave() -> None:
    """D3.11: it closed with the first edition that has it closed."""
    wrong = listing(LATER, status=Status.CLOSED, closed_on=AUTUMN)
    assert school(listing(), wrong, replace(wrong, closed_on=None, version=2)).closed_on == LATER


@pytest.mark.parametrize(
    ("opened", "listed", "closes"),
    [
        (date(2024, 9, 1), LATER, date(2024, 9, 1)),
        (date(2024, 9, 1), FIRST, None),  # no later list, so nothing says that the old school is gone
        (date(2020, 9, 1), LATER, None),  # both were listed after it had opened
        (None, LATER, None),
    ],
)
def test_a_school_that_another_continues_closes_when_that_one_opens(
    opened: date | None, listed: date, closes: date | None
) -> None:
    assert closed_by_continuation(folded(listing()), [Continuing(opened, listed)]).closed_on == closes


def test_a_school_that_is_listed_again_after_another_continued_it_stays_open() -> None:
    still_there = folded(listing(), listing(LAST, Source.OFSTED))
    assert closed_by_continuation(still_there, [Continuing(date(2024, 9, 1), LATER)]).closed_on is None


DAYS = st.dates(date(2020, 1, 1), date(2026, 1, 1))
SAID = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Oak", "Ash", "Elm"]),
        "phase": st.sampled_from(["", "Primary", "Secondary"]),
        "type_code": st.sampled_from(["", "1", "34"]),
        "status": st.sampled_from(Status),
        "closing": st.booleans(),
        "opened_on": st.none() | DAYS,
        "closed_on": st.none() | DAYS,
        "trust_id": st.sampled_from([None, "7001", "7002"]),
        "joined_on": st.none() | DAYS,
    }
)
EDITIONS = st.lists(
    st.builds(lambda source, as_at, said: listing(as_at, source, **said), st.sampled_from(Source), DAYS, SAID),
    min_size=1,
    max_size=8,
    unique_by=lambda each: (each.source, each.as_at),
)
CLOSED_TRUSTS = st.dictionaries(st.sampled_from(["7001", "7002"]), st.builds(ClosedTrust, DAYS, DAYS))


@given(EDITIONS, st.randoms(use_true_random=False), CLOSED_TRUSTS)
def test_files_in_any_order_and_any_number_of_times_end_in_the_same_school(
    editions: list[Listing], chance: object, closed: dict[str, ClosedTrust]
) -> None:
    expected = fold(editions, closed)
    sent = [*editions, *chance.choices(editions, k=5)]  # type: ignore[attr-defined]
    chance.shuffle(sent)  # type: ignore[attr-defined]
    kept: list[Listing] = []
    for each in sent:
        kept += news({URN: kept}, [each])
    assert len(kept) == len(editions)
    assert fold(kept, closed) == expected


@given(EDITIONS)
def test_what_the_last_edition_of_the_register_says_is_what_the_school_is(editions: list[Listing]) -> None:
    latest = max((each for each in editions if each.lists_school), key=lambda each: each.in_order, default=None)
    found = fold(editions)
    assert (found is None) == (latest is None)
    if found is not None and latest is not None:
        assert found.school.status is latest.status
        if latest.status is Status.OPEN and latest.source is Source.GIAS and not latest.closing:
            meant = latest.closed_on is not None and latest.as_at < latest.closed_on <= latest.as_at + FAR_OFF
            assert found.school.closed_on == (latest.closed_on if meant else None)


@given(
    st.lists(
        st.builds(
            TrustListing,
            trust_id=st.just("7001"),
            as_at=DAYS,
            name=st.sampled_from(["", "Larch Trust", "Alder Trust"]),
            open=st.booleans(),
            closed_on=st.none() | DAYS,
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each.as_at,
    ),
    st.randoms(use_true_random=False),
)
def test_a_trust_follows_from_its_editions_in_any_order(editions: list[TrustListing], chance: object) -> None:
    expected = fold_trust(editions)
    chance.shuffle(editions)  # type: ignore[attr-defined]
    assert fold_trust(editions) == expected
    assert expected.as_at == max(each.as_at for each in editions)
    assert expected.open or expected.closed_on == next(
        (each.closed_on for each in sorted(editions, key=lambda each: each.as_at, reverse=True) if each.closed_on), None
    )


def test_an_open_trust_has_no_close_date_left_from_before() -> None:
    closed = TrustListing("7001", FIRST, "Larch Trust", open=False, closed_on=FIRST - timedelta(days=9))
    assert fold_trust([closed, replace(closed, as_at=LATER, open=True, closed_on=None)]).closed_on is None
