"""Following up: what a continuation or a closing means for places in bodies, allocations and heads is written down.

Triggers mark the schools about which something was written that may matter here (migration 0006); they are followed up
before the day is turned, many in one transaction. What follows on a day to come is written with its date, so that it
counts on that day like anything else, and is moved when the day of opening moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.membership.domain.body import Membership, whole
from services.membership.domain.closing import EndedWith, whole_places
from services.membership.domain.continuity import (
    Given,
    Succession,
    left_over_the_border,
    places,
    successions,
    why_asked_over_the_border,
)
from services.membership.domain.links import Kind, Relation
from services.membership.domain.school import School, Status
from services.membership.store import bodies, outcomes, overrides, people, representation
from services.membership.store import continuity as kept
from services.membership.store.asks import Ask, anything_asked, ask
from services.membership.store.continuity import Followed
from services.membership.store.due import claim, put_off
from services.membership.store.ended import ended_with, note_ends
from services.membership.store.schools import schools
from services.membership.use_cases import members
from services.membership.use_cases.around import END_OF_PLACE, PLACE, Around, noted
from services.membership.use_cases.close_body import ASK_NO_BODY
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.end_places import closes, end_places
from services.membership.use_cases.follow_decisions import BY, follow_entries, follow_overrides
from services.membership.use_cases.follow_leads import (
    as_an_officer_named,
    goes_on_leading,
    lead_from,
    lead_nothing,
    name_lead,
)
from services.membership.use_cases.follow_people import END_OF_ALLOCATION, follow_allocations, follow_heads
from services.membership.use_cases.hold import settle
from services.membership.use_cases.keep_links import news_among, settle_relations
from services.membership.use_cases.places_held import is_longer
from services.membership.use_cases.reroute import Change, reroute
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import story


async def follow_marked(uow: UnitOfWork, at_most: int) -> int:
    """Follow up schools that are marked. How many marks were taken."""
    marked = await kept.take_marked(uow, at_most)
    if marked:
        await follow(uow, marked)
    return len(marked)


async def follow(uow: UnitOfWork, marked: Sequence[str]) -> None:
    """Follow up these schools and those that they continue or that continue them."""
    await settle_relations(uow, marked)
    linked = await _linked(uow, marked)
    urns = sorted({*marked, *(urn for each in linked for urn in (each.urn, each.predecessor_urn))})
    held = await bodies.members_of_schools(uow, urns)
    headed = await people.headships(uow, urns=urns)
    allocated = await people.allocations(uow, urns)
    written = await kept.followed(uow, urns)
    decided = [*await outcomes.la_entries_of(uow, urns), *await overrides.overrides(uow, urns)]
    if not (held or headed or allocated or written or decided or await anything_asked(uow, urns)):
        return
    # Locks in the order that everybody keeps: bodies, then schools; then everything afresh.
    in_office = await kept.bodies_of_officers(uow, [each.person_id for each in headed])
    locked = await bodies.lock(uow, {*(each.body_id for each in held), *in_office})
    await representation.lock(uow, urns)
    await settle(uow, urns)
    known = await schools(uow, urns)
    near = {urn for each in linked if _touches(each, marked) for urn in (each.urn, each.predecessor_urn)}
    everywhere = Given({*marked, *near}, successions(known, linked))
    given = everywhere.within_authorities()
    following = [each for each in everywhere.successions if _concerns(each, marked)]
    followed = await kept.followed(uow, urns)
    closing = [each.body_id for each in locked.values() if each.closed_on is not None]
    around = Around(
        today=uow.today,
        schools=known,
        successions=[own for each in following if (own := each.within_its_authority()) is not None],
        members=[each for each in await bodies.members_of_schools(uow, urns) if each.body_id in locked],
        bodies=locked,
        followed={(each.urn, each.what, each.subject): each for each in followed},
        given=given,
        leads=await kept.leads_from(uow, urns) if linked or written or followed else {},
        cut_before=await ended_with(uow, closing) if closing else [],
    )
    _withdraw_plans(around)
    for succession in around.successions:
        _take_places(around, succession)
    closings = {urn: _closing_day(around, school, following) for urn, school in known.items()}
    for urn, school in known.items():
        end_places(around, school, closings[urn])
    days = _first_days(around)
    news = await news_among(uow, days, known)
    since = min((days[urn] for urn in news), default=uow.today)
    past = await remember(uow, news, since)
    await kept.take_back_members(uow, [(each.body_id, each.urn, each.from_date) for each in around.taken_back])
    await kept.lead_members(uow, [each for each in around.turned if not each.lead])  # one body leads at a time
    await kept.end_members(uow, [(each.body_id, each.urn, each.from_date, each.until) for each in around.ended])
    await bodies.add_members(uow, around.new)
    await kept.lead_members(uow, [each for each in around.turned if each.lead])
    await kept.forget_leads(uow, lead_nothing(around.leads, around.members, around.today))
    for each in around.named:  # a few of the few that are in two bodies
        await kept.name_lead(uow, each.urn, each.body_id, each.from_date, BY)
    await note_ends(uow, around.cut)
    await kept.forget_followed(uow, around.forgotten)
    await kept.save_followed(uow, around.notes)
    _tell_taken_back(uow, around)
    await members.tell_members(uow, locked, [*around.new, *around.turned], around.members, known)
    await _tell_ended(uow, around)
    causes = await _look_again(uow, {*days, *(each.urn for each in around.ended)}, news)
    await correct_past(uow, past, since, causes)
    await _ask_over_borders(uow, around, following)
    await follow_allocations(uow, following, known, closings, everywhere)
    await follow_entries(uow, given.complete(), known, given.of)
    await follow_overrides(uow, given.complete(), known, given.of)
    await follow_heads(uow, following, known, everywhere)


async def _linked(uow: UnitOfWork, marked: Sequence[str]) -> list[Relation]:
    """The relations of these schools, and the further ones of whatever is linked to them."""
    first = await kept.relations(uow, marked)
    found = await kept.relations(uow, {urn for each in first for urn in (each.urn, each.predecessor_urn)})
    by_links = {(each.urn, each.predecessor_urn) for each in found if each.kind is not Kind.LISTED}
    # A listing is the weaker word where a link says that it is the other way round.
    return [each for each in found if each.kind is not Kind.LISTED or (each.predecessor_urn, each.urn) not in by_links]


def _touches(relation: Relation, marked: Iterable[str]) -> bool:
    return relation.urn in marked or relation.predecessor_urn in marked


def _concerns(succession: Succession, marked: Iterable[str]) -> bool:
    return bool({succession.school.urn, *(each.urn for each in succession.predecessors)} & set(marked))


def _withdraw_plans(around: Around) -> None:
    """A place that was written for a day to come, and that no continuation of that day gives any more."""
    for note in [each for each in around.followed.values() if each.what == PLACE]:
        if note.on > around.today and around.given.lacks(note.urn, note.on):
            _withdraw_plan(around, note)


def _withdraw_plan(around: Around, note: Followed) -> None:
    """Whole, whichever body was named to lead from when. One of which an officer has said when it ends is hers, and stays."""
    for parts in whole_places(around.of_school(note.urn)):
        if _is_noted(parts[0], note) and _ends_as_followed(around, whole(parts)):
            around.not_to_be(parts)
    around.forgotten.append(note)
    del around.followed[note.urn, note.what, note.subject]


def _ends_as_followed(around: Around, place: Membership) -> bool:
    """With its school or its body, or not at all: no officer has said when."""
    closed = around.followed.get((place.urn, END_OF_PLACE, str(place.body_id)))
    ends = {None, around.bodies[place.body_id].closed_on, *([closed.on] if closed is not None else [])}
    return place.until in ends


def _take_places(around: Around, succession: Succession) -> None:
    """The school takes the places of its predecessors, unless an officer has decided otherwise."""
    urn, on = succession.school.urn, succession.on
    gone = succession.school.closed_on
    if gone is not None and gone <= on:
        return
    notes = [*around.of(urn, PLACE), *(each for each in around.notes if (each.urn, each.what) == (urn, PLACE))]
    held = whole_places(around.of_school(urn))
    there = [parts for parts in held if parts[-1].until is None or parts[-1].until > on]
    if not all(any(_is_noted(parts[0], note) for note in notes) for parts in there):
        return  # somebody has put it into a body: that decides
    open_then = [each for each in around.bodies.values() if not each.is_closed_on(on)]
    kinds = {each.body_id: each.kind for each in open_then if each.authority == succession.school.authority}
    leading = goes_on_leading(there, on, around.today)
    wanted = as_an_officer_named(places(succession, around.members, kinds), around.leads.get((urn, on)))
    given = {str(place.body_id) for place in wanted}
    stale = [note for note in around.of(urn, PLACE) if note.on == on > around.today and note.subject not in given]
    for note in stale:
        _withdraw_plan(around, note)
    taken = {note.subject for note in notes if note not in stale}  # there already, or taken out again by an officer
    new = [place for place in wanted if str(place.body_id) not in taken]
    for place in new:
        until = around.bodies[place.body_id].last_until(on, gone)
        if until != gone:
            around.cut.append(EndedWith(place.body_id, PLACE, urn, on, gone))
        around.to_be(Membership(place.body_id, urn, on, until, lead=False))
        around.notes.append(noted(urn, PLACE, str(place.body_id), on, succession.words()))
        if gone is not None:  # if it does not close after all, its place goes on
            around.notes.append(noted(urn, END_OF_PLACE, str(place.body_id), gone, closes(succession.school, gone)))
    if new or on > around.today:
        name_lead(around, urn, on, leading or next((place.body_id for place in wanted if place.lead), None))
        lead_from(around, urn, on)


async def _ask_over_borders(uow: UnitOfWork, around: Around, following: Iterable[Succession]) -> None:
    """No body takes in a school of another authority: its own desk is asked to which one it is to belong."""
    asks = []
    for each in following:
        gone = each.school.closed_on
        elsewhere = [
            place for place in around.members if around.bodies[place.body_id].authority != each.school.authority
        ]
        if left_over_the_border(each, elsewhere) and (gone is None or gone > max(each.on, around.today)):
            asks.append(Ask(new_id(), ASK_NO_BODY, each.school.urn, each.on, why_asked_over_the_border(each)))
    await ask(uow, asks)


def _closing_day(around: Around, school: School, following: Iterable[Succession]) -> date | None:
    """The first day on which the school is no longer open, for its places and its allocations.

    One that no edition ever had as open has none: then the day on which another took its place, or it was first seen here.
    """
    if school.closed_on is not None or school.status is not Status.CLOSED:
        return school.closed_on
    followed = [each.on for each in following if school in each.predecessors]
    ended = [each.on for what in (END_OF_PLACE, END_OF_ALLOCATION) for each in around.of(school.urn, what)]
    return min([*followed, *ended], default=around.today)


def _first_days(around: Around) -> dict[str, date]:
    """Of each school the first day of which something is otherwise now."""
    days = {each.urn: around.today for each in around.forgotten if each.what == END_OF_PLACE}
    begun = [(each.urn, each.from_date) for each in (*around.turned, *around.new)]
    return days | {urn: day for urn, day in sorted([*begun, *around.otherwise], reverse=True)}


def _is_noted(membership: Membership, note: Followed) -> bool:
    return (membership.urn, str(membership.body_id), membership.from_date) == (note.urn, note.subject, note.on)


def _tell_taken_back(uow: UnitOfWork, around: Around) -> None:
    """Of a part of a place that had begun when its school was found to have closed before: it never was.

    One that began on the very day of closing ends with what was before it, which is told by itself.
    """
    ended = {(each.body_id, each.urn, each.until) for each in around.ended}
    for each in around.taken_back:
        if each.from_date <= uow.today and (each.body_id, each.urn, each.from_date) not in ended:
            members.tell_left(uow, around.bodies[each.body_id], each, each.from_date, Cause.story())


async def _tell_ended(uow: UnitOfWork, around: Around) -> None:
    await _tell_longer(uow, around)
    later = []
    for each in around.ended:
        if each.until is None or members.goes_on(each, around.members):
            continue
        if each.until <= uow.today:
            members.tell_left(uow, around.bodies[each.body_id], each, each.until, Cause.story())
        else:
            later.append(members.leaving(each, each.until))
    await put_off(uow, later)


async def _tell_longer(uow: UnitOfWork, around: Around) -> None:
    """It was told to have ended, and that was later: as in every correction, what ends on its first day never was."""
    longer = [(old, now) for now in around.ended if is_longer(old := around.ended_before(now), now)]
    longer = [(old, now) for old, now in longer if old.until is not None and old.until <= around.today]
    items = {each: members.leaving(each, each.until) for each, _ in longer if each.until}
    untold = await claim(uow, list(items.values()))
    for old, now in longer:
        if items[old] not in untold:
            members.tell_left(uow, around.bodies[old.body_id], old, old.from_date, cause := Cause.story())
            members.tell_joined(uow, around.bodies[now.body_id], now, cause)


async def _look_again(uow: UnitOfWork, urns: Iterable[str], news: set[str]) -> Mapping[str, Cause]:
    causes = {}
    for urn in sorted(urns):
        with story("continuity.follow", import_row=True) as cause:
            causes[urn] = cause
    await reroute(uow, set(causes) - news, Change("body", causes, take_on=True))
    await reroute(uow, news, Change("body", causes))
    return causes
