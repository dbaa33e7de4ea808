"""The routing policies: who speaks for a school is decided by the policy of its authority (R0.3).

Published in docs/routing-policy.md. A policy is data: a name, a version and its values; the rules that read it are in
representation.py.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.refusal import Invalid


class Matter(enum.StrEnum):
    GENERAL = "general"
    INSPECTION = "inspection"  # talking to His Majesty's Inspectors, if that is required


@dataclass(frozen=True)
class RoutingPolicy:
    """``chairs``: the chair of its lead body speaks for a school, a system leader for a weak maintained one.

    Without it the group has no voice for single schools: the council's own desk or the trust speaks.
    """

    name: str
    version: int
    chairs: bool
    system_leader_from: int = 3  # the weakest categories, from this one, have an allocated system leader
    weak_academy_general: str = "trust"  # the paper is silent: our reading, a value of the policy


WARWICKSHIRE = RoutingPolicy("warwickshire", 1, chairs=True)
BRISTOL = RoutingPolicy("bristol", 1, chairs=False)
DUTY_DESK_ONLY = RoutingPolicy("duty-desk-only", 1, chairs=False)

POLICIES = {policy.name: policy for policy in (WARWICKSHIRE, BRISTOL, DUTY_DESK_ONLY)}


class UnknownRoutingPolicy(Invalid):
    def __init__(self, name: str):
        super().__init__(f"{name} is not a routing policy: enter {', '.join(sorted(POLICIES))}")


def routing_policy(name: str | None, version: int = 1, values: Mapping[str, Any] | None = None) -> RoutingPolicy:
    """The policy of that name, with the values that its authority gave it in that version.

    An authority that has chosen none is answered by its duty desk.
    """
    base = POLICIES.get(name or DUTY_DESK_ONLY.name, DUTY_DESK_ONLY)
    return replace(base, version=version, **values) if values else replace(base, version=version)
