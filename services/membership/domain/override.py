"""Somebody else speaks for a school for a while: an officer's decision, with a reason and an expiry (W-19).

The paper says who "would normally" have the conversation. An override is the answer when it is not so: it begins and
expires by itself, and who speaks then follows from the rules again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import Headship
from services.membership.domain.la_entry import a_year_later
from services.membership.domain.routing_policy import Matter
from shared.refusal import Invalid, NotFound, Refusal

BOTH = "both"
DUTY_DESK = "duty-desk"


class UnknownOverride(NotFound):
    def __init__(self, override_id: UUID):
        super().__init__(f"There is no override {override_id}: see `consortia override list`")


class OverrideNeedsReason(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter the reason for the override: it takes the place of the authority's own policy")


class OverridesNoMatter(Invalid):
    def __init__(self, matter: str):
        super().__init__(f"{matter} is not a matter: enter general, inspection or both")


class OverrideFromThePast(Invalid):
    def __init__(self, from_date: date, today: date):
        super().__init__(
            f"Nobody speaks for a school from an earlier day than it is recorded: {from_date:%-d %B %Y} has gone. "
            f"Enter {today:%-d %B %Y} or a later day"
        )


class OverrideEndsTooSoon(Invalid):
    def __init__(self, from_date: date, until: date):
        super().__init__(f"An override that begins on {from_date:%-d %B %Y} can't expire on {until:%-d %B %Y}")


class OverrideTooLong(Invalid):
    def __init__(self, latest: date):
        super().__init__(
            f"An override lasts a year at most: let it expire on {latest:%-d %B %Y} or earlier. What is to last longer "
            "belongs into the authority's policy"
        )


class SpeakerHeadsTheSchool(Refusal):
    def __init__(self, urn: str):
        super().__init__(
            f"This person heads the school {urn} in that time: nobody speaks for the school that they head"
        )


class AlreadyOverridden(Refusal):
    def __init__(self, urn: str, from_date: date, until: date):
        super().__init__(
            f"There is an override for {urn} from {from_date:%-d %B %Y} until {until:%-d %B %Y}: end that one first"
        )


class OverrideIsOver(Refusal):
    def __init__(self, until: date):
        super().__init__(f"This override expired on {until:%-d %B %Y}")


class OverrideCantEndThen(Invalid):
    def __init__(self, ended_on: date, today: date, until: date):
        super().__init__(
            f"This override can't end on {ended_on:%-d %B %Y}: enter a day from {today:%-d %B %Y} on and before "
            f"{until:%-d %B %Y}, when it expires by itself"
        )


@dataclass(frozen=True)
class Override:
    """On the days [from_date, until) this person, or the duty desk where none is named, speaks on these matters.

    Restricted: an act inside the council (R0.8).
    """

    override_id: UUID
    urn: str
    matter: str  # general, inspection or both
    person_id: UUID | None
    from_date: date
    until: date
    reason: str = ""

    @property
    def matters(self) -> frozenset[Matter]:
        return frozenset(Matter) if self.matter == BOTH else frozenset({Matter(self.matter)})

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day < self.until

    def overlaps(self, other: "Override") -> bool:
        meets = self.from_date < other.until and other.from_date < self.until
        return self.urn == other.urn and meets and bool(self.matters & other.matters)


def set_override(
    existing: Iterable[Override], headships: Sequence[Headship], new: Override, *, today: date
) -> Override:
    """An officer lets somebody else speak for a school, until a day that is said from the start."""
    if new.matter not in (*Matter, BOTH):
        raise OverridesNoMatter(new.matter)
    if not new.reason.strip():
        raise OverrideNeedsReason
    if new.from_date < today:
        raise OverrideFromThePast(new.from_date, today)
    if new.until <= new.from_date:
        raise OverrideEndsTooSoon(new.from_date, new.until)
    if new.until > a_year_later(new.from_date):
        raise OverrideTooLong(a_year_later(new.from_date))
    for each in headships:
        of_her = (each.person_id, each.urn) == (new.person_id, new.urn)
        if of_her and each.from_date < new.until and (each.until is None or new.from_date < each.until):
            raise SpeakerHeadsTheSchool(new.urn)
    for other in existing:
        if other.overlaps(new):
            raise AlreadyOverridden(new.urn, other.from_date, other.until)
    return new


def end_override(override: Override, ended_on: date, *, today: date) -> Override | None:
    """It ends earlier than it was said. None: it never came to be, since it ends before it has had a day."""
    if override.until <= today:
        raise OverrideIsOver(override.until)
    if ended_on < today or ended_on >= override.until:
        raise OverrideCantEndThen(ended_on, today, override.until)
    return replace(override, until=ended_on) if ended_on > override.from_date else None


def overriding(overrides: Iterable[Override], matter: Matter, day: date) -> Override | None:
    """The override of that matter on that day. There is one at most; of two, the later begun counts."""
    held = [each for each in overrides if matter in each.matters and each.holds_on(day)]
    return max(held, key=lambda each: (each.from_date, str(each.override_id)), default=None)
