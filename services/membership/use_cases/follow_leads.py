"""Following up which body leads a school that takes places: as those that it continues were led, unless an officer says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.membership.domain.body import Membership
from services.membership.domain.continuity import Place
from services.membership.store.continuity import LeadNamed, Leads
from services.membership.use_cases.around import Around
from services.membership.use_cases.follow_decisions import BY
from services.membership.use_cases.places_held import PlacesHeld, leads_on, led_by

A_DAY = timedelta(days=1)


def as_an_officer_named(taken: Sequence[Place], said: LeadNamed | None) -> Sequence[Place]:
    """Led by the body that she has named for the very day, where the school takes a place in it."""
    if said is None or said.named_by == BY or said.body_id not in {each.body_id for each in taken}:
        return taken
    return [replace(each, lead=each.body_id == said.body_id) for each in taken]


def goes_on_leading(there: Iterable[Sequence[Membership]], on: date, today: date) -> UUID | None:
    """The body that leads the school already when it takes others' places, and so from then on."""
    last = on if on <= today else on - A_DAY
    begun = [parts for parts in there if parts[0].from_date <= last]
    return next((each.body_id for parts in begun for each in parts if each.lead and each.holds_on(last)), None)


def name_lead(around: Around, urn: str, on: date, body_id: UUID | None) -> None:
    """That body leads from the day on, though the rule would give another; unless an officer has named one for the very day."""
    there = {each.body_id: around.bodies[each.body_id].kind for each in around.of_school(urn) if each.holds_on(on)}
    said = around.leads.get((urn, on))
    named = said.body_id if said is not None and said.body_id in there else None
    if body_id is None or body_id not in there or (said is not None and named is not None and said.named_by != BY):
        return
    if named not in (None, body_id) or leads_on(around.named_to_lead(urn), there, on) != body_id:
        around.named.append(Membership(body_id, urn, on, None, lead=True))


def lead_from(around: Around, urn: str, since: date) -> None:
    """One body leads the school on every day from then on, by what is named and by the rule."""
    held = around.of_school(urn)
    before = {(each.body_id, each.from_date): each for each in held}
    for each in led_by(around.named_to_lead(urn), PlacesHeld(urn, held, around.bodies, around.schools), held, since):
        was = before.get((each.body_id, each.from_date))
        if was is None:
            around.to_be(each)
        elif was != each:
            around.led_otherwise(was, each)


def lead_nothing(leads: Leads, members: Iterable[Membership], today: date) -> list[tuple[str, date]]:
    """What was named with places for a day to come that are not to be."""
    begin = {(each.urn, each.from_date) for each in members}
    return [which for which, said in leads.items() if said.named_by == BY and which[1] > today and which not in begin]
