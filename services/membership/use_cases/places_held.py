"""The places of schools in bodies while they change: locked, led by one body on every day, written, and told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body, Membership
from services.membership.domain.continuity import lead_by_default, led_from, never_came
from services.membership.domain.school import School
from services.membership.store import bodies, due
from services.membership.store import continuity as kept
from services.membership.store.due import Due, put_off
from services.membership.store.schools import schools
from services.membership.use_cases import members
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, reroute
from shared.store import UnitOfWork


@dataclass(frozen=True)
class PlacesHeld:
    """The places of a school, locked with their bodies."""

    urn: str
    held: list[Membership]
    bodies: Mapping[UUID, Body]
    register: Mapping[str, School]  # its school among others, unless the register lacks it

    def never_came(self, places: Collection[Membership]) -> set[Membership]:
        return never_came(places, self.register)


async def hold_places(uow: UnitOfWork, urn: str, *body_ids: UUID) -> PlacesHeld:
    """Lock these bodies and the school's other bodies, then the school; tell what is due of its places; read afresh."""
    return (await hold_all_places(uow, [urn], body_ids))[urn]


async def hold_all_places(uow: UnitOfWork, urns: Iterable[str], body_ids: Iterable[UUID]) -> dict[str, PlacesHeld]:
    """The same for several schools.

    Told later, before the day's turn is done, readers would hear that a school has left and then that it joined.
    """
    wanted = sorted(set(urns))
    before = await bodies.members_of_schools(uow, wanted)
    locked = await bodies.lock(uow, {*body_ids, *(each.body_id for each in before)})
    await hold(uow, wanted)
    subjects = [f"{body_id}/{urn}" for urn in wanted for body_id in locked]
    await members.tell_due(uow, await due.claim(uow, await due.of(uow, subjects, (members.JOINS, members.LEAVES))))
    register = await schools(uow, wanted)
    found = {urn: PlacesHeld(urn, [], locked, register) for urn in wanted}
    held = await bodies.members_of_schools(uow, wanted)
    for each in sorted(held, key=lambda each: (each.from_date, str(each.body_id))):
        if each.body_id in locked:
            found[each.urn].held.append(each)
    return found


async def led(uow: UnitOfWork, around: PlacesHeld, held: Sequence[Membership], since: date) -> list[Membership]:
    """The memberships with one that leads on every day from then on: the named one, else that of the highest phase."""
    return led_by((await kept.named_leads(uow, [around.urn]))[around.urn], around, held, since)


def led_by(
    named: Sequence[tuple[date, UUID]], around: PlacesHeld, held: Sequence[Membership], since: date
) -> list[Membership]:
    ends = {day for each in held for day in (each.from_date, each.until) if day is not None and day > since}
    led = list(held)
    for day in sorted({since, *(day for day, _ in named if day > since), *ends}):
        there = {each.body_id: around.bodies[each.body_id].kind for each in led if each.holds_on(day)}
        leads = leads_on(named, there, day)
        if leads is not None:
            led = led_from(led, leads, day)
    return led


def leads_on(named: Sequence[tuple[date, UUID]], there: Mapping[UUID, str], day: date) -> UUID | None:
    """Of these bodies, each with its kind: the one that was named last by that day, else that of the highest phase."""
    chosen = next((body_id for on, body_id in reversed(named) if on <= day and body_id in there), None)
    return chosen or lead_by_default(there)


async def write_places(uow: UnitOfWork, around: PlacesHeld, wanted: Sequence[Membership]) -> None:
    """Write what differs, tell what is so by today, and look at the school again."""
    await write_all_places(uow, [(around, wanted)])


async def write_all_places(uow: UnitOfWork, schools: Sequence[tuple[PlacesHeld, Sequence[Membership]]]) -> None:
    """First what no longer leads, since one body leads at a time, then what is longer than it was."""
    changes = [_Changes.of(around, wanted) for around, wanted in schools]
    ends = [each for change in changes for each in change.ends]
    turned = [each for change in changes for each in change.turned]
    new = [each for change in changes for each in change.new]
    gone = [each for change in changes for each in change.gone]
    await kept.take_back_members(uow, [(each.body_id, each.urn, each.from_date) for each in gone])
    await _give_ends(uow, [now for old, now in ends if not is_longer(old, now)])
    for lead in (False, True):
        await kept.lead_members(uow, [each for each in turned if each.lead is lead])
        await bodies.add_members(uow, [each for each in new if each.lead is lead])
        if not lead:
            await _give_ends(uow, [now for old, now in ends if is_longer(old, now)])
    told = await _told_to_have_left(uow, changes)
    await put_off(uow, [later for change in changes for later in _tell_places(uow, change, told)])
    urns = [change.around.urn for change in changes]
    await reroute(uow, urns, Change("body", dict.fromkeys(urns, uow.cause)))


@dataclass(frozen=True)
class _Changes:
    """What differs between the places of a school as they are and as they are to be."""

    around: PlacesHeld
    wanted: Sequence[Membership]
    gone: Sequence[Membership]  # are not to be: they lay ahead, or are a part of a place that ends before
    ends: Sequence[tuple[Membership, Membership]]
    turned: Sequence[Membership]
    new: Sequence[Membership]
    never_came: Collection[Membership]  # among those that are, and those that are to be

    def hears_of(self, place: Membership) -> Body | None:
        """Its body; none of a place that was to begin when the school had closed."""
        return self.around.bodies[place.body_id] if place not in self.never_came else None

    @classmethod
    def of(cls, around: PlacesHeld, wanted: Sequence[Membership]) -> "_Changes":
        before = {_name(each): each for each in around.held}
        after = {_name(each) for each in wanted}
        both = [(before[_name(each)], each) for each in wanted if _name(each) in before]
        return cls(
            around,
            wanted,
            [each for each in around.held if _name(each) not in after],
            [(old, now) for old, now in both if old.until != now.until],
            [now for old, now in both if old.lead != now.lead],
            [each for each in wanted if _name(each) not in before],
            around.never_came(around.held) | around.never_came(wanted),
        )

    @property
    def ends_after_all(self) -> list[Membership]:
        """As they were; but another part was to begin on the day on which they end, when another body led or ceased to."""
        went_on = [each for each in self.wanted if each in self.around.held and members.goes_on(each, self.around.held)]
        return [each for each in went_on if not members.goes_on(each, self.wanted)]


async def _give_ends(uow: UnitOfWork, places: Sequence[Membership]) -> None:
    await kept.end_members(uow, [(each.body_id, each.urn, each.from_date, each.until) for each in places])


def is_longer(old: Membership, now: Membership) -> bool:
    return old.until is not None and (now.until is None or now.until > old.until)


async def _told_to_have_left(uow: UnitOfWork, changes: Sequence[_Changes]) -> set[Membership]:
    """The places whose end has come and was told. What could not be told then waits for nobody any longer (0021)."""
    over = [
        old
        for change in changes
        for old, _ in change.ends
        if old.until is not None and old.until <= uow.today and not members.goes_on(old, change.around.held)
        if change.hears_of(old) is not None
    ]
    items = {each: members.leaving(each, each.until) for each in over if each.until}
    untold = await due.claim(uow, list(items.values()))
    return {each for each, item in items.items() if item not in untold}


def _tell_places(uow: UnitOfWork, change: _Changes, told: Collection[Membership]) -> list[Due]:
    """Tell what is so by today. What lies ahead is given back."""
    later: list[Due] = []
    again = [now for old, now in change.ends if old in told and is_longer(old, now)]
    for each in change.gone:
        body = change.hears_of(each)
        if each.from_date <= uow.today and body is not None:
            members.tell_left(uow, body, each, each.from_date, uow.cause)
    for old, now in change.ends:
        body = change.hears_of(now)
        if now in again and body is not None:  # as in every correction: what ends on its first day never was
            members.tell_left(uow, body, old, old.from_date, uow.cause)
            members.tell_joined(uow, body, now, uow.cause)
        if now.until is not None and not members.goes_on(now, change.wanted):
            later += _tell_end(uow, body, now, now.until)
    later += [
        members.leaving(each, each.until)
        for each in change.ends_after_all
        if each.until is not None and each.until > uow.today
    ]
    joined = [*change.new, *(each for each in change.turned if each not in again)]
    for each in sorted(joined, key=lambda each: (each.from_date, each.lead, str(each.body_id))):
        body = change.hears_of(each)
        if each.from_date > uow.today:
            later.append(members.joining(each))
        elif body is not None:
            members.tell_joined(uow, body, each, uow.cause)
        if each.until is None or members.goes_on(each, change.wanted):
            continue
        if each.until > uow.today or each in change.new:  # recorded when it was over already
            later += _tell_end(uow, body, each, each.until)
    return later


def _tell_end(uow: UnitOfWork, body: Body | None, place: Membership, left_on: date) -> list[Due]:
    if left_on > uow.today:
        return [members.leaving(place, left_on)]
    if body is not None:
        members.tell_left(uow, body, place, left_on, uow.cause)
    return []


def _name(place: Membership) -> tuple[UUID, date]:
    return place.body_id, place.from_date
