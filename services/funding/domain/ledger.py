"""The ledger of awards: double entry, never changed, corrected by reversal alone (W-14, W-31).

An award is posted as an entitlement: the authority's commitment to the body is debited, the school's entitlement (or
what is unawarded) credited. No account here is cash: approving and paying are acts of finance with their own accounts.
A debit is positive, a credit negative.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.funding.domain.award import Award
from shared.refusal import Refusal


class EntryDoesNotBalance(Refusal):
    def __init__(self, difference: int):
        super().__init__(f"The postings of an entry must sum to nothing; these leave {difference} pence")
        self.difference = difference


class ReversalCannotBeReversed(Refusal):
    def __init__(self, entry_id: UUID):
        super().__init__("A reversal can't itself be reversed: post a new entry")
        self.entry_id = entry_id


class AccountKind(enum.StrEnum):
    COMMITMENT = "award-commitment"
    ENTITLEMENT = "school-entitlement"
    UNAWARDED = "unawarded"


@dataclass(frozen=True)
class Account:
    """An account of one body; a school's entitlement has one for each school."""

    body_id: UUID
    kind: AccountKind
    urn: str | None = None


@dataclass(frozen=True)
class Posting:
    account: Account
    pence: int


@dataclass(frozen=True)
class Entry:
    """What one school (or nobody: urn None) is entitled to by one version of an award."""

    entry_id: UUID
    award_id: UUID
    version: int
    urn: str | None
    belongs_on: date
    postings: tuple[Posting, ...]
    reverses: UUID | None = None

    def __post_init__(self) -> None:
        difference = sum(posting.pence for posting in self.postings)
        if difference or len(self.postings) < 2:
            raise EntryDoesNotBalance(difference)

    @property
    def pence(self) -> int:
        """The entitlement that this entry gives, below nothing for a reversal."""
        return sum(posting.pence for posting in self.postings if posting.account.kind is AccountKind.COMMITMENT)

    def reversed_as(self, entry_id: UUID, version: int, belongs_on: date) -> "Entry":
        if self.reverses is not None:
            raise ReversalCannotBeReversed(self.entry_id)
        mirrored = tuple(Posting(posting.account, -posting.pence) for posting in self.postings)
        return Entry(entry_id, self.award_id, version, self.urn, belongs_on, mirrored, reverses=self.entry_id)


def entitlement(entry_id: UUID, award: Award, urn: str | None, pence: int, belongs_on: date) -> Entry:
    """Dr award commitment, Cr the school's entitlement (or the unawarded part)."""
    credited = (
        Account(award.body_id, AccountKind.UNAWARDED)
        if urn is None
        else Account(award.body_id, AccountKind.ENTITLEMENT, urn)
    )
    postings = (Posting(Account(award.body_id, AccountKind.COMMITMENT), pence), Posting(credited, -pence))
    return Entry(entry_id, award.award_id, award.version, urn, belongs_on, postings)


def entries_to_reach(
    award: Award, standing: Mapping[str | None, Entry], belongs_on: date, new_id: Callable[[], UUID]
) -> list[Entry]:
    """The entries that bring the ledger from what stands (by school) to what the award now divides.

    A part that stays the same to the penny keeps its entry; one that differs is reversed and posted anew.
    """
    wanted = award.division.pence_by_party()
    entries: list[Entry] = []
    for urn in sorted({*wanted, *standing}, key=lambda party: (party is None, party or "")):
        stands, pence = standing.get(urn), wanted.get(urn, 0)
        if stands is not None and stands.pence == pence:
            continue
        if stands is not None:
            entries.append(stands.reversed_as(new_id(), award.version, belongs_on))
        if pence:
            entries.append(entitlement(new_id(), award, urn, pence, belongs_on))
    return entries
