"""W-14, W-31: entries balance, nothing is changed, a correction is a reversal and a new entry."""

from datetime import date
from itertools import count
from uuid import UUID

import pytest

from services.funding.domain.award import Award, AwardTerms, AwardYear
from services.funding.domain.chair import ChairHistory, ChairTerm, Post
from services.funding.domain.ledger import (
    Account,
    AccountKind,
    Entry,
    EntryDoesNotBalance,
    Posting,
    ReversalCannotBeReversed,
    entitlement,
    entries_to_reach,
)

AWARD, BODY = UUID(int=1), UUID(int=2)
OAK, ELM = "100001", "100002"
YEAR = AwardYear(date(2026, 4, 1), date(2027, 4, 1))
CHANGE = date(2026, 8, 25)


def opened() -> Award:
    history = ChairHistory((ChairTerm(UUID(int=3), Post.CHAIR, date(2024, 9, 1), OAK),))
    return Award.open(AWARD, BODY, AwardTerms(500_000), YEAR, history)


def after_a_change_of_chair() -> Award:
    return opened().follow(
        ChairHistory(
            (
                ChairTerm(UUID(int=3), Post.CHAIR, date(2024, 9, 1), OAK, ended_on=CHANGE),
                ChairTerm(UUID(int=4), Post.CHAIR, CHANGE, ELM),
            )
        )
    )


def entries(award: Award, standing: dict[str | None, Entry], on: date) -> list[Entry]:
    numbers = count(1000 * award.version)
    return entries_to_reach(award, standing, on, lambda: UUID(int=next(numbers)))


def balances(posted: list[Entry]) -> dict[Account, int]:
    sums: dict[Account, int] = {}
    for entry in posted:
        for posting in entry.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.pence
    return sums


def test_opening_an_award_debits_the_commitment_and_credits_the_school() -> None:
    assert balances(entries(opened(), {}, YEAR.from_date)) == {
        Account(BODY, AccountKind.COMMITMENT): 500_000,
        Account(BODY, AccountKind.ENTITLEMENT, OAK): -500_000,
    }


def test_a_change_of_chair_reverses_what_stood_and_posts_the_new_shares() -> None:
    """W-31, story S4"""
    first = entries(opened(), {}, YEAR.from_date)
    second = entries(after_a_change_of_chair(), {OAK: first[0]}, CHANGE)
    assert [(entry.urn, entry.pence, entry.reverses) for entry in second] == [
        (OAK, -500_000, first[0].entry_id),
        (OAK, 200_000, None),
        (ELM, 300_000, None),
    ]
    assert balances(first + second) == {
        Account(BODY, AccountKind.COMMITMENT): 500_000,
        Account(BODY, AccountKind.ENTITLEMENT, OAK): -200_000,
        Account(BODY, AccountKind.ENTITLEMENT, ELM): -300_000,
    }


def test_a_ledger_that_already_agrees_gets_no_entry() -> None:
    first = entries(opened(), {}, YEAR.from_date)
    assert entries(opened(), {OAK: first[0]}, YEAR.from_date) == []


def test_an_entry_that_does_not_balance_is_refused() -> None:
    """I5"""
    unbalanced = (
        Posting(Account(BODY, AccountKind.COMMITMENT), 500_000),
        Posting(Account(BODY, AccountKind.ENTITLEMENT, OAK), -499_999),
    )
    with pytest.raises(EntryDoesNotBalance, match="leave 1 pence"):
        Entry(UUID(int=9), AWARD, 1, OAK, YEAR.from_date, unbalanced)


def test_a_reversal_is_not_itself_reversed() -> None:
    entry = entitlement(UUID(int=9), opened(), OAK, 500_000, YEAR.from_date)
    reversal = entry.reversed_as(UUID(int=10), 2, CHANGE)
    with pytest.raises(ReversalCannotBeReversed):
        reversal.reversed_as(UUID(int=11), 3, CHANGE)
