"""The category policy `propose`: a published outcome proposes a category, a named officer confirms it (R0.1).

Between the two nothing changes: what was in force when the authority adopted the policy stays in force.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.membership.domain.adopted import Adopted
from services.membership.domain.category import PROPOSE, Because, Category, CategoryPolicy
from shared.refusal import Invalid, NotFound, Refusal

ALWAYS = date.min  # since when, where the authority never had another policy


class Ended(enum.StrEnum):
    """How a proposal came to its end. The first two are an officer's, and so is the last; the others follow from facts."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"  # a later outcome proposes, or gives again what is in force
    WITHDRAWN = "withdrawn"  # its outcome was corrected or withdrawn, or the school closed
    POLICY = "policy"  # the authority has another policy
    TAKEN_BACK = "taken-back"  # an officer had answered by mistake: her answer never counted, and is asked for anew


@dataclass(frozen=True)
class Proposal:
    """What an outcome would make of a school's category. ``category`` None: no outcome gives one any more."""

    proposal_id: UUID
    urn: str
    category: int | None
    inspection_number: str  # empty where no outcome gives a category any more
    proposed_on: date
    recorded_at: datetime
    published_on: date | None = None
    inherited_from: str | None = None
    ended: Ended | None = None
    ended_on: date | None = None
    ended_at: datetime | None = None
    from_date: date | None = None  # from when it is in force, where it was confirmed

    @property
    def says(self) -> tuple[str, int | None]:
        return (self.inspection_number, self.category)

    def counts_on(self, day: date, since: date) -> bool:
        """Whether an officer has confirmed it under the policy that is in force, and its day has come."""
        if self.ended is not Ended.CONFIRMED or self.ended_on is None or self.from_date is None:
            return False
        return self.ended_on >= since and self.from_date <= day


@dataclass(frozen=True)
class Kept:
    """What was in force, but for entries of the authority, when it adopted the policy on the day ``since``."""

    urn: str
    since: date
    category: int | None
    because: str
    ref: str
    true_from: date | None = None
    inherited_from: str | None = None
    published_on: date | None = None


class UnknownProposal(NotFound):
    def __init__(self, proposal_id: UUID):
        super().__init__(f"No proposal {proposal_id} is recorded: see `consortia proposals --all`")


_HOW = {
    Ended.CONFIRMED: "an officer has confirmed it",
    Ended.DECLINED: "an officer has declined it",
    Ended.SUPERSEDED: "a later outcome has taken its place",
    Ended.WITHDRAWN: "its outcome was corrected or withdrawn",
    Ended.POLICY: "the authority has another category policy",
    Ended.TAKEN_BACK: "an officer has taken her answer back, and what is still to be asked is proposed anew",
}


class NoLongerOpen(Refusal):
    def __init__(self, ended: Ended, ended_on: date):
        super().__init__(f"This proposal has been closed since {ended_on:%-d %B %Y}: {_HOW[ended]}")


class ConfirmedFromThePast(Invalid):
    def __init__(self, from_date: date, today: date):
        super().__init__(
            f"A category can't be confirmed from {from_date:%-d %B %Y}: the school has been answered since then. "
            f"Enter {today:%-d %B %Y} or a later day"
        )


class WhyDeclined(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the proposal is declined: the published outcome would give another category")


class NothingAnswered(Refusal):
    def __init__(self) -> None:
        super().__init__("No officer has confirmed or declined this proposal, so there is no answer to take back")


class TakenBackAlready(Refusal):
    def __init__(self, proposal_id: UUID):
        super().__init__(f"The answer to the proposal {proposal_id} was taken back already")


class WhyTakenBack(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the answer is taken back: the school was answered by it")


def confirm(proposal: Proposal, from_date: date, *, today: date, at: datetime) -> Proposal:
    """A named officer lets the proposed category be in force from today or a later day."""
    _must_be_open(proposal)
    if from_date < today:
        raise ConfirmedFromThePast(from_date, today)
    return replace(proposal, ended=Ended.CONFIRMED, ended_on=today, ended_at=at, from_date=from_date)


def decline(proposal: Proposal, reason: str, *, today: date, at: datetime) -> Proposal:
    """The category stays what it is. The same outcome proposes the same category no second time."""
    _must_be_open(proposal)
    if not reason.strip():
        raise WhyDeclined
    return replace(proposal, ended=Ended.DECLINED, ended_on=today, ended_at=at)


def take_back(proposal: Proposal, reason: str) -> Proposal:
    """An officer has confirmed or declined by mistake: her answer never counted (R0.4)."""
    if proposal.ended is Ended.TAKEN_BACK:
        raise TakenBackAlready(proposal.proposal_id)
    if proposal.ended not in (Ended.CONFIRMED, Ended.DECLINED):
        raise NothingAnswered
    if not reason.strip():
        raise WhyTakenBack
    return replace(proposal, ended=Ended.TAKEN_BACK)


def _must_be_open(proposal: Proposal) -> None:
    if proposal.ended is not None and proposal.ended_on is not None:
        raise NoLongerOpen(proposal.ended, proposal.ended_on)


def proposing_since(adopted: Sequence[Adopted[CategoryPolicy]], day: date) -> date | None:
    """Since when officers have had to confirm, without a day between; None where they need not on this day.

    Another version of the same policy begins nothing anew.
    """
    since: date | None = None
    while True:
        at = day if since is None else since - timedelta(days=1)
        present = next((each for each in adopted if each.holds_on(at)), None)
        if present is None or present.policy.name != PROPOSE:
            return since
        if present.from_date is None:
            return ALWAYS
        since = present.from_date


def held(
    proposals: Sequence[Proposal],
    kept: Sequence[Kept],
    *,
    since: date,
    before: Category | None,
    policy: CategoryPolicy,
    day: date,
) -> Category:
    """What is in force under the policy: what an officer confirmed last, else what was in force when it began.

    ``before`` is what the earlier policy gave on its last day, where nothing has been written down of that yet.
    """
    confirmed = [each for each in proposals if each.counts_on(day, since)]
    if confirmed:
        return _by_proposal(max(confirmed, key=_when_ended), policy)
    stays = next((each for each in kept if each.since == since), None)
    if stays is not None:
        return Category(
            stays.category,
            Because(stays.because),
            stays.ref,
            policy,
            stays.true_from,
            stays.inherited_from,
            facts={"published_on": str(stays.published_on) if stays.published_on else None, "kept_since": str(since)},
        )
    if before is not None:
        return replace(before, policy=policy, facts={**before.facts, "kept_since": str(since)})
    return Category(None, Because.NOTHING, "", policy)


def carried_on(
    proposals: Sequence[Proposal],
    kept: Sequence[Kept],
    line: Mapping[str, date],
    *,
    since: date,
    before: Mapping[str, Category | None],
    policy: CategoryPolicy,
    day: date,
) -> Category | None:
    """What was confirmed or kept for the schools that it continues stays in force for the school that carries them on.

    Of several what is true since the latest day. ``line``: these schools, and from when it carries on each.
    ``before`` is what the earlier policy gave each of them on its last day, where that has not been written down yet.
    """
    left = []
    for urn in line:
        confirmed = [each for each in proposals if each.urn == urn]
        stays = [each for each in kept if each.urn == urn]
        found = held(confirmed, stays, since=since, before=before.get(urn), policy=policy, day=day)
        if found.because is not Because.NOTHING:
            left.append((found, urn))
    if not left:
        return None
    latest, of = max(left, key=lambda each: each[0].true_from or date.min)
    return _inherited(latest, of, line[of])


def _inherited(found: Category, urn: str, carried_on_from: date) -> Category:
    because = Because.INHERITED if found.because is Because.OUTCOME else found.because
    begins = max(found.true_from or date.min, carried_on_from)
    facts = {**found.facts, "confirmed_for": urn}
    return replace(
        found,
        because=because,
        inherited_from=found.inherited_from or urn,
        true_from=begins if begins > date.min else None,
        facts=facts,
    )


def wanted(
    suggested: Category, leads_to: Category, proposals: Sequence[Proposal], *, since: date
) -> tuple[str, int | None] | None:
    """The outcome and category that an officer is to be asked about; None where there is nothing to ask.

    ``suggested`` is what published outcomes give; ``leads_to`` is what is in force once all that is confirmed has begun.
    """
    if suggested.value == leads_to.value:
        return None
    says = (suggested.ref, suggested.value)
    answered = [
        each
        for each in proposals
        if each.ended in (Ended.CONFIRMED, Ended.DECLINED) and each.ended_on is not None and each.ended_on >= since
    ]
    last = max(answered, key=_when_ended, default=None)
    if last is not None and last.ended is Ended.DECLINED and last.says == says:
        return None
    return says


def why_it_ends(proposal: Proposal, *, proposing: bool, suggested: Category, known: bool, open_school: bool) -> Ended:
    """Why an open proposal is not what officers are asked about any more. ``known``: its outcome still says it."""
    if not proposing:
        return Ended.POLICY
    if open_school and known and suggested.ref != proposal.inspection_number:
        return Ended.SUPERSEDED
    return Ended.WITHDRAWN


def _by_proposal(proposal: Proposal, policy: CategoryPolicy) -> Category:
    return Category(
        proposal.category,
        Because.PROPOSAL,
        str(proposal.proposal_id),
        policy,
        proposal.from_date,
        proposal.inherited_from,
        facts={
            "inspection_number": proposal.inspection_number or None,
            "published_on": str(proposal.published_on) if proposal.published_on else None,
            "proposed_on": str(proposal.proposed_on),
            "confirmed_on": str(proposal.ended_on),
            "from": str(proposal.from_date),
        },
    )


def _when_ended(proposal: Proposal) -> tuple[datetime, datetime, str]:
    assert proposal.ended_at is not None
    return (proposal.ended_at, proposal.recorded_at, str(proposal.proposal_id))
