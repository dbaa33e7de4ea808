"""The product's answers against the model's: now after every step, and on every day as known on every day at the end."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from services.membership.domain.standing import Standing, standing
from services.membership.store.facts import facts_of
from services.membership.use_cases.contact import contact_of
from services.membership.use_cases.who_speaks import who_speaks
from shared.store import UnitOfWork
from tests.bitemporal import tables
from tests.bitemporal.model import DESK, MATTERS, Known, Who
from tests.bitemporal.tables import Period
from tests.bitemporal.world import BEGIN, MAY_CLOSE, SCHOOLS, World

A_DAY = timedelta(days=1)
AHEAD = 6 * A_DAY


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += A_DAY


def now(world: World) -> list[str]:
    """Today: what is stored, and what all committed facts give; and no history has a gap or an overlap.

    But for schools that close and reopen: their days are counted one by one at the end.
    """
    known, today = world.knows(), world.today

    async def both(uow: UnitOfWork) -> tuple[dict[tuple[str, str], Sequence[Period]], dict[str, _Given]]:
        return await _stored(uow, world), await _given(uow, world, None)

    stored, given = world.run(both)
    wrong = []
    for name in SCHOOLS:
        wrong += _differs(world, known, name, today, given[name](today), "by what is known")
        for matter in MATTERS:
            periods = stored.get((name, matter), [])
            right = known.speaker(name, matter, today)
            answers = [each.who for each in periods if each.covers(today)]
            if answers != ([right] if right else []):
                wrong.append(f"{name}, {matter}: {answers} is stored, {right} is right")
            if name not in MAY_CLOSE and any(one.until != two.start for one, two in itertools.pairwise(periods)):
                wrong.append(f"{name}, {matter}: a gap or an overlap in {[(p.start, p.until) for p in periods]}")
    return wrong


def everything(world: World) -> list[str]:
    """Every day since the beginning as it was known then; and every day as known on each of them."""
    wrong = []
    stored = world.run(lambda uow: _stored(uow, world))
    learned, known = {BEGIN} | {fact.known for fact in world.facts}, world.knows()
    for knowing in days(BEGIN, world.today):
        if knowing in learned:  # else what is known is what was known on the day before
            known = Known(world.facts, knowing)
        given = world.run(partial(_given, world=world, known=knowing))
        for name in SCHOOLS:
            for matter in MATTERS:
                right = known.speaker(name, matter, knowing)
                found = [(p.who, p.category) for p in stored.get((name, matter), []) if p.covers(knowing)]
                if found != ([(right, known.category(name, knowing).value)] if right else []):
                    wrong.append(f"{name}, {matter}, as known on day {world.date(knowing)}: {found}, right is {right}")
            for on in days(BEGIN - 3 * A_DAY, world.today + 5 * A_DAY):
                what = f"as known on day {world.date(knowing)}"
                wrong += _differs(world, known, name, on, given[name](on), what)
    return wrong


def by_asking(world: World, name: str, matter: str, on: date) -> list[str]:
    """The use case behind the page: who it was as known then, and what today's knowledge gives beside it (R0.4)."""
    then, known = Known(world.facts, on), world.knows()
    right, today = then.speaker(name, matter, on), known.speaker(name, matter, on)
    if (right is None and (today is None or on >= world.today)) or on < BEGIN:
        return []
    told = world.run(lambda uow: who_speaks(uow, world.urn(name), matter, on))
    wrong = []
    if _who(world, told) != right:
        wrong.append(f"{name}, {matter} on day {world.date(on)}: asked, it says {_who(world, told)}, right is {right}")
    if on < world.today:  # also where it says that nobody is to be named
        beside = _who(world, told["as_known_today"])
        if beside != today:
            wrong.append(f"{name}, {matter} on day {world.date(on)}: today's knowledge {beside}, right is {today}")
    elif "as_known_today" in told:
        wrong.append(f"{name}, {matter} on day {world.date(on)}: what is known today beside what is known today")
    return wrong + (_as_long_as_said(world, name, matter, told) if right is not None else [])


def contact_by_asking(world: World, body: str, on: date, asked_by: str | None) -> list[str]:
    """The contact of a body as known then, with today's knowledge beside it (R0.3a, R0.4), for as long as it says (R0.3)."""
    right, known = Known(world.facts, on).contact(body, on, asked_by), world.knows()
    herself = world.id(asked_by) if asked_by is not None else None
    told = world.run(lambda uow: contact_of(uow, world.id(body), on, herself))
    what = f"the contact of {body} on day {world.date(on)}, asked by {asked_by}"
    wrong = [] if _who(world, told) == right else [f"{what}: {_who(world, told)}, right is {right}"]
    if on < world.today and _who(world, told["as_known_today"]) != known.contact(body, on, asked_by):
        wrong.append(f"{what}: today's knowledge {told['as_known_today']}")
    first, until = told["valid_from"] or BEGIN, told["valid_until"] or world.today + AHEAD
    return wrong + [
        f"{what}: it holds since {told['valid_from']} until {told['valid_until']}, not on day {world.date(day)}"
        for day in days(max(first, BEGIN), min(until, world.today + AHEAD) - A_DAY)
        if Known(world.facts, day).contact(body, day, asked_by) != right
    ]


def _as_long_as_said(world: World, name: str, matter: str, told: dict[str, Any]) -> list[str]:
    """R0.3: from today on, as long as it says that it holds, today's knowledge gives the same."""
    known, said = world.knows(), _who(world, told)
    first, until = max(told["valid_from"], world.today), told["valid_until"] or world.today + AHEAD
    return [
        f"{name}, {matter}: asked, {said} holds until day {world.date(told['valid_until'])}, not on day {world.date(on)}"
        for on in days(first, min(until, world.today + AHEAD) - A_DAY)
        if known.speaker(name, matter, on) != said
    ]


def _differs(world: World, known: Known, name: str, on: date, given: Standing, what: str) -> list[str]:
    wrong = []
    category, right = given.category, known.category(name, on)
    ref = world.named(category.ref) or ""
    if (category.value, category.because.value, ref) != right.says:
        wrong.append(
            f"{name} on day {world.date(on)} {what}: {category.value} by {category.because} {ref}, right is {right}"
        )
    if given.public_category.value != known.public_category(name, on).value:
        wrong.append(f"{name} on day {world.date(on)} {what}: public {given.public_category.value}")
    if given.public_role != known.public_role(name, on):
        wrong.append(f"{name} on day {world.date(on)} {what}: publicly {given.public_role}")
    for matter, speaker in zip(MATTERS, (given.general, given.inspection), strict=True):
        found = _who(world, vars(speaker)) if speaker else None
        if found != known.speaker(name, matter, on):
            wrong.append(
                f"{name}, {matter}, on day {world.date(on)} {what}: {found}, right is {known.speaker(name, matter, on)}"
            )
    return wrong


def _who(world: World, told: dict[str, Any] | None) -> Who | None:
    if told is None or told["role"] is None:
        return None
    if told["role"] == DESK.role:
        return DESK
    body, trust, person = (world.named(told[what]) for what in ("body_id", "trust_id", "person_id"))
    return Who(str(told["role"]), body, world.posts.get(str(told["office_id"])), trust, person)


class _Given:
    def __init__(self, facts: object):
        self.facts = facts

    def __call__(self, on: date) -> Standing:
        return standing(self.facts, on)  # type: ignore[arg-type]


async def _given(uow: UnitOfWork, world: World, known: date | None) -> dict[str, _Given]:
    found = await facts_of(uow, [world.urn(name) for name in SCHOOLS], known=known)
    return {name: _Given(found[world.urn(name)]) for name in SCHOOLS}


async def _stored(uow: UnitOfWork, world: World) -> dict[tuple[str, str], Sequence[Period]]:
    found = await tables.answers(uow, [world.urn(name) for name in SCHOOLS])
    for periods in found.values():
        for each in periods:
            body, post, trust, person = each.who.body, each.who.post, each.who.trust, each.who.person
            each.who = Who(each.who.role, world.named(body), post, world.named(trust), world.named(person))
    return {(str(world.named(urn)), matter): periods for (urn, matter), periods in found.items()}
