"""What a school knows of what the council did: acts inside the council count for its head once she was told (R0.8)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import Allocation
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.override import Override
from services.membership.domain.proposal import Ended, Proposal
from services.membership.domain.standing import Facts

ENTRY_BEGINS, ENTRY_LIFTS = "la-category-begins", "la-category-lifts"
ENTRY_WITHDRAWN, ENTRY_LIFTING_CORRECTED = "la-category-withdrawn", "la-category-lifting-corrected"
ALLOCATION_BEGINS, ALLOCATION_ENDS = "allocation-begins", "allocation-ends"
ALLOCATION_CORRECTED = "allocation-corrected"
OVERRIDE_BEGINS, OVERRIDE_ENDS = "override-begins", "override-ends"
ENTRY_REVIEW = "la-category-review"  # asked of officers alone: nobody else ever hears of it
CONFIRMATION_BEGINS, CONFIRMATION_TAKEN_BACK = "proposal-begins", "proposal-taken-back"


@dataclass(frozen=True)
class Untold:
    """What a school does not know: of which facts the beginning, the end or the correction, by kind and id.

    ``since``: the day on which the first of what it has to be told was held back; None where there is nothing.
    ``allocations`` are as they stood then, of those that were corrected; ``overrides`` as they were set, of those that
    were ended earlier or taken back; ``entries`` as they stood before they were withdrawn, or the day of their lifting was
    corrected.
    """

    since: date | None = None
    facts: frozenset[tuple[str, UUID]] = frozenset()
    allocations: tuple[Allocation, ...] = ()
    overrides: tuple[Override, ...] = ()
    entries: tuple[LaEntry, ...] = ()


def as_the_school_knows(facts: Facts, untold: Untold, today: date) -> Facts:
    """The facts without those that the school was not told of, and without what is only planned."""

    def known(kind: str, fact_id: UUID, on: date | None) -> bool:
        return on is not None and on <= today and (kind, fact_id) not in untold.facts

    entries = [
        each if known(ENTRY_LIFTS, each.entry_id, each.lifted_on) else replace(each, lifted_on=None)
        for each in _as_entered(facts.entries, untold)
        if known(ENTRY_BEGINS, each.entry_id, each.from_date)
    ]
    allocations = [
        each if known(ALLOCATION_ENDS, each.allocation_id, each.until) else replace(each, until=None)
        for each in _as_told(facts.circumstances.allocations, untold)
        if known(ALLOCATION_BEGINS, each.allocation_id, each.from_date)
    ]
    overrides = [
        each
        for each in _as_set(facts.circumstances.overrides, untold, today)
        if known(OVERRIDE_BEGINS, each.override_id, each.from_date)
    ]
    around = replace(facts.circumstances, allocations=allocations, overrides=overrides)
    return replace(
        facts,
        entries=entries,
        proposals=_confirmed(facts.proposals, untold, today),
        proposed_before=_confirmed(facts.proposed_before, untold, today),
        circumstances=around,
    )


def _confirmed(proposals: Iterable[Proposal], untold: Untold, today: date) -> list[Proposal]:
    """What officers confirmed for the school, or for one that it carries on, as far as it has begun and was told.

    An answer that was taken back without the school's knowledge counts on.
    """
    return [
        replace(each, ended=Ended.CONFIRMED) if (CONFIRMATION_TAKEN_BACK, each.proposal_id) in untold.facts else each
        for each in proposals
        if each.from_date is not None and each.from_date <= today
        if (CONFIRMATION_BEGINS, each.proposal_id) not in untold.facts
    ]


def _as_entered(present: Iterable[LaEntry], untold: Untold) -> list[LaEntry]:
    """An entry whose withdrawal was not told is what it had been: lifted where it was lifted, and else it stands. One of which
    it was not told that it was lifted on another day is lifted as was told."""
    corrected = {fact_id for kind, fact_id in untold.facts if kind in (ENTRY_WITHDRAWN, ENTRY_LIFTING_CORRECTED)}
    before = {each.entry_id: each for each in untold.entries if each.entry_id in corrected}
    return [before.get(each.entry_id, each) for each in present]


def _as_told(present: Iterable[Allocation], untold: Untold) -> list[Allocation]:
    """An allocation whose correction was not told is as it stood before, as far as its days had come."""
    corrected = {fact_id for kind, fact_id in untold.facts if kind == ALLOCATION_CORRECTED}
    before = [each for each in untold.allocations if each.allocation_id in corrected]
    return [each for each in present if each.allocation_id not in corrected] + [
        each if untold.since is not None and each.until is not None and each.until <= untold.since
        else replace(each, until=None)
        for each in before
        if untold.since is not None and each.from_date <= untold.since
    ]  # fmt: skip


def _as_set(present: Iterable[Override], untold: Untold, today: date) -> list[Override]:
    """Until when it lasts was told with an override, so it ends as it was told; an earlier end is told by itself."""
    now = {each.override_id: each for each in present}
    known = dict(now)
    for each in untold.overrides:
        end_is_untold = (OVERRIDE_ENDS, each.override_id) in untold.facts
        ended = now.get(each.override_id)
        if end_is_untold or (ended is not None and ended.until > today):
            known[each.override_id] = each
    return list(known.values())
