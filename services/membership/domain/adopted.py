"""Policies on a timeline: which one is in force on a day. A policy is data, dated and versioned (R0.1, R0.3)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from shared.refusal import Invalid, NotFound, Refusal

P = TypeVar("P")


@dataclass(frozen=True)
class Adopted(Generic[P]):
    """A policy on the days [from_date, until); None stands for no beginning and no end."""

    policy: P
    from_date: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.from_date is None or self.from_date <= day) and (self.until is None or day < self.until)


class PolicyFromThePast(Invalid):
    def __init__(self, from_date: date, today: date):
        super().__init__(
            f"A policy can't be adopted from {from_date:%-d %B %Y}: schools have been answered since then. "
            f"Enter {today:%-d %B %Y} or a later day"
        )


class UnknownPolicyVersion(NotFound):
    def __init__(self, kind: str, version: int):
        super().__init__(f"No {kind} policy was adopted as version {version}: see `consortia policy list`")


class StandsNoLonger(Refusal):
    def __init__(self, kind: str, version: int, instead: int | None):
        what = f"version {instead} stands in its place" if instead is not None else "it was withdrawn"
        super().__init__(f"Version {version} of the {kind} policy counts no more: {what}")


class AppliesFromTheBeginning(Refusal):
    def __init__(self, kind: str, version: int):
        super().__init__(
            f"Version {version} of the {kind} policy applies from the beginning, and there was none before it: correct what "
            "it says, or adopt another from a day on"
        )


@dataclass(frozen=True)
class Adoption:
    """An authority adopts a policy from a day on; None stands for no beginning. ``in_place_of``: of a version that was wrong."""

    version: int
    from_date: date | None = None
    in_place_of: int | None = None


def standing_version(adoptions: Sequence[Adoption], withdrawn: Collection[int], kind: str, version: int) -> Adoption:
    """The adoption of that version, where it still counts. Raises UnknownPolicyVersion, StandsNoLonger."""
    found = next((each for each in adoptions if each.version == version), None)
    if found is None:
        raise UnknownPolicyVersion(kind, version)
    instead = next((each.version for each in adoptions if each.in_place_of == version), None)
    if instead is not None or version in withdrawn:
        raise StandsNoLonger(kind, version, instead)
    return found


def timeline(adoptions: Iterable[Adoption], withdrawn: Collection[int]) -> list[tuple[Adoption, date | None]]:
    """Which of them applies from when, each with its first day no longer: as if the withdrawn ones had never been.

    What is adopted applies from its day on instead of all that was planned. What stands in place of another was adopted
    when that was.
    """
    known = {each.version: each for each in adoptions}
    replaced = {each.in_place_of for each in known.values()}
    standing = [each for each in known.values() if each.version not in withdrawn and each.version not in replaced]
    found: list[tuple[Adoption, date | None]] = []
    for each in sorted(standing, key=lambda each: (_first(each, known), each.version)):
        if each.from_date is None:
            found = [(each, None)]
            continue
        before = [(one, end) for one, end in found if one.from_date is None or one.from_date < each.from_date]
        found = [(one, min(end or each.from_date, each.from_date)) for one, end in before]
        found.append((each, None))
    return found


def _first(adoption: Adoption, known: dict[int, Adoption]) -> int:
    """The version in whose place it stands, and so on to the first."""
    while adoption.in_place_of is not None:
        adoption = known[adoption.in_place_of]
    return adoption.version


def always(policy: P) -> tuple[Adopted[P], ...]:
    """The policy that never was and never will be another."""
    return (Adopted(policy),)


def in_force(adopted: Sequence[Adopted[P]], day: date) -> P | None:
    return next((each.policy for each in adopted if each.holds_on(day)), None)
