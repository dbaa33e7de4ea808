"""Following up: what a continuation or a closing means for places in bodies, allocations and heads is written down.

Triggers mark the schools about which something was written that may matter here (migration 0006); they are followed up
before the day is turned, many in one transaction. What follows on a day to come is written with its date, so that it
counts on that day like anything else, and is moved when the day of opening moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body, Membership
from services.membership.domain.closing import EndedWith
from services.membership.domain.continuity import Given, Succession, lead_by_default, places, successions
from services.membership.domain.links import Kind, Relation
from services.membership.domain.school import School, Status
from services.membership.store import bodies, outcomes, overrides, people, representation
from services.membership.store import continuity as kept
from services.membership.store.continuity import Followed, LeadNamed
from services.membership.store.due import Due, put_off
from services.membership.store.ended import note_ends
from services.membership.store.schools import schools
from services.membership.use_cases import members
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.follow_decisions import BY, follow_entries, follow_overrides
from services.membership.use_cases.follow_leads import as_an_officer_named, lead_nothing
from services.membership.use_cases.follow_people import END_OF_ALLOCATION, follow_allocations, follow_heads
from services.membership.use_cases.hold import settle
from services.membership.use_cases.keep_links import settle_relations
from services.membership.use_cases.record_outcomes import GO_LIVE
from services.membership.use_cases.reroute import Change, reroute
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

PLACE, END_OF_PLACE = "place", "end-of-place"


async def follow_marked(uow: UnitOfWork, at_most: int) -> int:
    """Follow up schools that are marked. How many marks were taken."""
    marked = await kept.take_marked(uow, at_most)
    if marked:
        await follow(uow, marked)
    return len(marked)


@dataclass
class Around:
    """The schools that are followed up, with all that may go over from one to another."""

    today: date
    schools: dict[str, School]
    successions: list[Succession]
    members: list[Membership]
    bodies: dict[UUID, Body]
    followed: dict[tuple[str, str, str], Followed]
    given: Given
    leads: Mapping[tuple[str, date], LeadNamed]  # whatever was named to lead, from a day on
    named: list[Membership] = field(default_factory=list)  # lead their school though theirs is not the highest phase
    new: list[Membership] = field(default_factory=list)
    ended: list[Membership] = field(default_factory=list)
    taken_back: list[Membership] = field(default_factory=list)
    cut: list[EndedWith] = field(default_factory=list)  # by the closing of the body
    notes: list[Followed] = field(default_factory=list)
    forgotten: list[Followed] = field(default_factory=list)

    def of(self, urn: str, what: str) -> list[Followed]:
        return [each for (school, kind, _), each in self.followed.items() if (school, kind) == (urn, what)]

    def rewritten(self, membership: Membership, until: date | None) -> None:
        changed = replace(membership, until=until)
        self.ended.append(changed)
        self.members[self.members.index(membership)] = changed


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
    if not (held or headed or allocated or written or decided):
        return
    # Locks in the order that everybody keeps: bodies, then schools; then everything afresh.
    in_office = await kept.bodies_of_officers(uow, [each.person_id for each in headed])
    locked = await bodies.lock(uow, {*(each.body_id for each in held), *in_office})
    await representation.lock(uow, urns)
    await settle(uow, urns)
    known = await schools(uow, urns)
    near = {urn for each in linked if _touches(each, marked) for urn in (each.urn, each.predecessor_urn)}
    given = Given({*marked, *near}, successions(known, linked))
    around = Around(
        today=uow.today,
        schools=known,
        successions=[each for each in given.successions if _concerns(each, marked)],
        members=[each for each in await bodies.members_of_schools(uow, urns) if each.body_id in locked],
        bodies=locked,
        followed={(each.urn, each.what, each.subject): each for each in await kept.followed(uow, urns)},
        given=given,
        leads=await kept.leads_from(uow, urns) if linked or written else {},
    )
    _withdraw_plans(around)
    for succession in around.successions:
        _take_places(around, succession)
    for school in known.values():
        _end_places(around, school)
    days = {each.urn: each.from_date for each in around.new}
    days |= {each.urn: each.until for each in around.ended if each.until is not None}
    days = {each.urn: uow.today for each in around.forgotten if each.what == END_OF_PLACE} | days
    news = await _news(uow, days, known)
    since = min((days[urn] for urn in news), default=uow.today)
    past = await remember(uow, news, since)
    await kept.take_back_members(uow, [(each.body_id, each.urn, each.from_date) for each in around.taken_back])
    await kept.end_members(uow, [(each.body_id, each.urn, each.from_date, each.until) for each in around.ended])
    await bodies.add_members(uow, around.new)
    await kept.forget_leads(uow, lead_nothing(around.leads, around.members, around.today))
    for each in around.named:  # a few of the few that are in two bodies
        await kept.name_lead(uow, each.urn, each.body_id, each.from_date, BY)
    await note_ends(uow, around.cut)
    await kept.forget_followed(uow, around.forgotten)
    await kept.save_followed(uow, around.notes)
    await members.tell_members(uow, locked, around.new)
    await _tell_ended(uow, around)
    causes = await _look_again(uow, {*days, *(each.urn for each in around.ended)}, news)
    await correct_past(uow, past, since, causes)
    closings = {urn: _closing_day(around, school) for urn, school in known.items()}
    await follow_allocations(uow, around.successions, known, closings, given)
    await follow_entries(uow, given.complete(), known, given.of)
    await follow_overrides(uow, around.successions, known)
    await follow_heads(uow, around.successions)


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
            planned = [each for each in around.members if _is_noted(each, note) and _ends_as_followed(around, each)]
            around.taken_back += planned
            around.members = [each for each in around.members if each not in planned]
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
    there = [each for each in around.members if each.urn == urn and (each.until is None or each.until > on)]
    mine = [each for each in there if any(_is_noted(each, note) for note in notes)]
    if len(mine) < len(there):
        return  # somebody has put it into a body: that decides
    kinds = {body_id: body.kind for body_id, body in around.bodies.items() if not body.is_closed_on(on)}
    led_before = any(each.lead for each in mine if each.from_date < on)  # whoever leads it already goes on leading it
    said = around.leads.get((urn, on))
    by_rule_or_officer = as_an_officer_named(places(succession, around.members, kinds), said)
    wanted = [replace(each, lead=each.lead and not led_before) for each in by_rule_or_officer]
    stale = [
        each
        for each in mine
        if each.from_date == on > around.today
        and (each.body_id, each.lead) not in {(p.body_id, p.lead) for p in wanted}
    ]
    around.taken_back += stale
    around.members = [each for each in around.members if each not in stale]
    noted = {note.subject for note in notes} - {str(each.body_id) for each in stale}
    led = any(each.lead for each in mine if each not in stale and each.from_date <= on)
    by_rule = lead_by_default({place.body_id: kinds[place.body_id] for place in wanted})
    for place in wanted:
        body = around.bodies[place.body_id]
        if str(place.body_id) in noted:
            continue  # there already, or taken out again by an officer
        taken = Membership(place.body_id, urn, on, body.last_until(on, gone), place.lead and not led)
        if taken.until != gone:
            around.cut.append(EndedWith(place.body_id, PLACE, urn, on, gone))
        around.new.append(taken)
        if taken.lead and (place.body_id != by_rule or (said is not None and said.named_by == BY)):
            around.named.append(taken)
        around.members.append(taken)
        around.notes.append(_note(urn, PLACE, str(place.body_id), on, succession.words()))
        if gone is not None:  # if it does not close after all, its place goes on
            around.notes.append(_note(urn, END_OF_PLACE, str(place.body_id), gone, _closes(succession.school, gone)))


def _end_places(around: Around, school: School) -> None:
    """A place ends with the school; a school that opens again is in its bodies again."""
    closing = _closing_day(around, school)
    for each in [each for each in around.members if each.urn == school.urn]:
        note = around.followed.get((school.urn, END_OF_PLACE, str(each.body_id)))
        if closing is not None:
            runs_on = each.until is None or each.until > closing
            was_moved = note is not None and each.until == note.on != closing
            if note is not None and was_moved and note.on <= around.today < closing:
                if _comes_back(around, school, each, note):  # it is open again, until that day
                    _again(around, each, closing, note.ended_before)
                _move(around, school, note, closing)
            elif note is not None and was_moved and each.from_date < closing:
                around.rewritten(each, _earlier(closing, note.ended_before))
                _move(around, school, note, closing)
            elif each.from_date < closing and runs_on:
                around.rewritten(each, closing)
                ended = _note(school.urn, END_OF_PLACE, str(each.body_id), closing, _closes(school, closing))
                around.notes.append(replace(ended, ended_before=each.until))
        elif note is not None and each.until == note.on:
            around.forgotten.append(note)
            if note.on > around.today:
                around.rewritten(each, note.ended_before)
            elif _comes_back(around, school, each, note):
                _again(around, each, None, note.ended_before)


def _move(around: Around, school: School, note: Followed, closing: date) -> None:
    """The place ends with its school on another day; or before that, as it was to."""
    if _earlier(closing, note.ended_before) == closing:
        around.notes.append(replace(note, on=closing, why=_closes(school, closing)))
    else:
        around.forgotten.append(note)


def _closes(school: School, on: date) -> str:
    return f"{school.name} ({school.urn}) closes on {on:%-d %B %Y}"


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _again(around: Around, place: Membership, closing: date | None, ended_before: date | None) -> None:
    """From today, until it was to end, or its school closes again, or its body does."""
    wanted = _earlier(closing, ended_before)
    until = around.bodies[place.body_id].last_until(around.today, wanted)
    if until != wanted:
        around.cut.append(EndedWith(place.body_id, PLACE, place.urn, around.today, wanted))
    around.new.append(replace(place, from_date=around.today, until=until))


def _comes_back(around: Around, school: School, place: Membership, note: Followed) -> bool:
    """Whether the place goes on from today: neither it nor its body was to end while the school was closed."""
    is_over = note.ended_before is not None and note.ended_before <= around.today
    return school.open_on(around.today) and not is_over and not around.bodies[place.body_id].is_closed_on(around.today)


def _closing_day(around: Around, school: School) -> date | None:
    """The first day on which the school is no longer open, for its places and its allocations.

    One that no edition ever had as open has none: then the day on which another took its place, or it was first seen here.
    """
    if school.closed_on is not None or school.status is not Status.CLOSED:
        return school.closed_on
    followed = [each.on for each in around.successions if school in each.predecessors]
    noted = [each.on for what in (END_OF_PLACE, END_OF_ALLOCATION) for each in around.of(school.urn, what)]
    return min([*followed, *noted], default=around.today)


def _is_noted(membership: Membership, note: Followed) -> bool:
    return (membership.urn, str(membership.body_id), membership.from_date) == (note.urn, note.subject, note.on)


def _note(urn: str, what: str, subject: str, on: date, why: str) -> Followed:
    return Followed(urn, what, subject, on, "", None, why)


async def _tell_ended(uow: UnitOfWork, around: Around) -> None:
    later = []
    for each in around.ended:
        if each.until is None:
            continue
        if each.until <= uow.today:
            members.tell_left(uow, around.bodies[each.body_id], each, each.until, Cause.story())
        else:
            later.append(Due(members.LEAVES, f"{each.body_id}/{each.urn}", each.until))
    await put_off(uow, later)


async def _news(uow: UnitOfWork, days: Mapping[str, date], known: Mapping[str, School]) -> set[str]:
    """News is what is of the time since go-live, of an authority whose record goes back further than today."""
    recorded = await kept.recorded_before_today(uow, {each.authority for each in known.values()})
    return {urn for urn, day in days.items() if day >= GO_LIVE and urn in known and known[urn].authority in recorded}


async def _look_again(uow: UnitOfWork, urns: Iterable[str], news: set[str]) -> Mapping[str, Cause]:
    causes = {}
    for urn in sorted(urns):
        with story("continuity.follow", import_row=True) as cause:
            causes[urn] = cause
    await reroute(uow, set(causes) - news, Change("body", causes, take_on=True))
    await reroute(uow, news, Change("body", causes))
    return causes
