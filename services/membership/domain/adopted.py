"""Policies on a timeline: which one is in force on a day. A policy is data, dated and versioned (R0.1, R0.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from shared.refusal import Invalid

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


def always(policy: P) -> tuple[Adopted[P], ...]:
    """The policy that never was and never will be another."""
    return (Adopted(policy),)


def in_force(adopted: Sequence[Adopted[P]], day: date) -> P | None:
    return next((each.policy for each in adopted if each.holds_on(day)), None)
