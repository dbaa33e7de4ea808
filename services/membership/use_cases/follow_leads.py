"""Following up which body leads a school that takes places: as those that it continues were led, unless an officer says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from services.membership.domain.body import Membership
from services.membership.domain.continuity import Place
from services.membership.store.continuity import LeadNamed, Leads
from services.membership.use_cases.follow_decisions import BY


def as_an_officer_named(taken: Sequence[Place], said: LeadNamed | None) -> Sequence[Place]:
    """Led by the body that she has named for the very day, where the school takes a place in it."""
    if said is None or said.named_by == BY or said.body_id not in {each.body_id for each in taken}:
        return taken
    return [replace(each, lead=each.body_id == said.body_id) for each in taken]


def lead_nothing(leads: Leads, members: Iterable[Membership], today: date) -> list[tuple[str, date]]:
    """What was named with places for a day to come that are not to be."""
    begin = {(each.urn, each.from_date) for each in members}
    return [which for which, said in leads.items() if said.named_by == BY and which[1] > today and which not in begin]
