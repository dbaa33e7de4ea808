"""What a school knows of what the council did: acts inside the council count for its head once she was told (R0.8)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership.domain.standing import Facts

ENTRY_BEGINS, ENTRY_LIFTS = "la-category-begins", "la-category-lifts"
ALLOCATION_BEGINS, ALLOCATION_ENDS = "allocation-begins", "allocation-ends"
OVERRIDE_BEGINS, OVERRIDE_ENDS = "override-begins", "override-ends"
ENTRY_REVIEW = "la-category-review"  # asked of officers alone: nobody else ever hears of it
CONFIRMATION_BEGINS = "proposal-begins"


def as_the_school_knows(facts: Facts, untold: Collection[tuple[str, UUID]], today: date) -> Facts:
    """The facts without those that the school was not told of, and without what is only planned."""

    def known(kind: str, fact_id: UUID, on: date | None) -> bool:
        return on is not None and on <= today and (kind, fact_id) not in untold

    entries = [
        each if known(ENTRY_LIFTS, each.entry_id, each.lifted_on) else replace(each, lifted_on=None)
        for each in facts.entries
        if known(ENTRY_BEGINS, each.entry_id, each.from_date)
    ]
    allocations = [
        each if known(ALLOCATION_ENDS, each.allocation_id, each.until) else replace(each, until=None)
        for each in facts.circumstances.allocations
        if known(ALLOCATION_BEGINS, each.allocation_id, each.from_date)
    ]
    overrides = [
        each if known(OVERRIDE_ENDS, each.override_id, each.until) else replace(each, until=date.max)
        for each in facts.circumstances.overrides
        if known(OVERRIDE_BEGINS, each.override_id, each.from_date)
    ]
    proposals = [
        each
        for each in facts.proposals
        if each.from_date is not None and known(CONFIRMATION_BEGINS, each.proposal_id, each.from_date)
    ]
    around = replace(facts.circumstances, allocations=allocations, overrides=overrides)
    return replace(facts, entries=entries, proposals=proposals, circumstances=around)
