"""The letters of the school year of year.py: which go on which day, and what holds for every one of them (R0.8, R0.9)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from tests.time.conftest import Installation
from tests.time.year import FIRST, named

# The half-terms of 2025-26 as the council published them, with the days on which only the staff are in.
IN_SCHOOL = (
    (date(2025, 9, 1), date(2025, 10, 24)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 3, 27)),
    (date(2026, 4, 13), date(2026, 5, 22)),
    (date(2026, 6, 1), date(2026, 7, 20)),
)
BANK_HOLIDAYS = (date(2026, 5, 4),)
A_WEEK = timedelta(days=7)

# Written down once and checked by hand: a person's first on the day of the fact or the next school day, and what comes within
# a week of it in one that goes when the week is over.
LETTERS: dict[date, list[str]] = {
    date(2025, 9, 1): [
        "chair: you-no-longer-speak 900002 900003; you-speak 900022",
        "leader: you-speak 900003",
        "new head: speaker-changed 900005",
    ],
    date(2025, 9, 8): [  # the head of 900005 heard first, and then the chair's week was not over
        "chair: you-no-longer-speak 900005",
    ],
    date(2025, 11, 3): [
        "chair: you-speak 900021",
        "next head: speaker-changed 900021",
    ],
    date(2026, 1, 5): [  # the new year's day lies in the holidays
        "chair: speaker-changed 900001",
        "chief: you-speak 900031",
        "deputy: you-no-longer-speak 900001",
        "lead: you-speak 900023",
        "new head: speaker-changed 900031",
        "next head: speaker-changed 900021",
        "stand-in: you-speak 900001 900004 900011 900021 900022 900024",
        "successor: speaker-changed 900004",
    ],
    date(2026, 1, 12): [  # whose own school's head hears before those who spoke: a week after her last
        "chair: you-no-longer-speak 900004 900011 900021 900022 900024",
    ],
    date(2026, 1, 13): [  # the school was told on the day before, after that day's letters
        "successor: speaker-changed 900004",
    ],
    date(2026, 1, 19): [  # a week after her last again
        "chair: you-no-longer-speak 900004",
    ],
    date(2026, 2, 10): [
        "leader: you-speak 900002",
    ],
    date(2026, 2, 25): [
        "deputy: you-no-longer-speak 900006; you-speak 900006",
        "lead: speaker-changed 900006 900006",
    ],
    date(2026, 3, 2): [
        "chief: you-no-longer-speak 900011",
        "new head: speaker-changed 900031",
    ],
    date(2026, 3, 9): [
        "chief: you-no-longer-speak 900031",
    ],
    date(2026, 4, 13): [  # the first day after Easter
        "chair: speaker-changed 900001",
        "lead: speaker-changed 900023",
        "new head: speaker-changed 900031 900031 900031",
        "next head: speaker-changed 900021",
        "partner: you-speak 900011",
        "stand-in: you-no-longer-speak 900001 900011 900021 900022 900024 900031; you-speak 900031",
        "successor: you-speak 900001 900011 900021 900022 900024 900031",
    ],
    date(2026, 4, 20): [  # the heads heard first, on the 13th
        "lead: you-speak 900006",
        "partner: you-no-longer-speak 900031; you-speak 900031",
    ],
    date(2026, 5, 5): [  # the day before is a bank holiday
        "deputy: you-speak 900004",
        "leader: you-no-longer-speak 900002 900003",
        "successor: speaker-changed 900004; you-speak 900002 900003",
    ],
    date(2026, 6, 16): [  # the school was told on the day before
        "deputy: you-speak 900004",
        "stand-in: you-no-longer-speak 900004; you-speak 900004",
        "successor: speaker-changed 900004 900004",
    ],
}

# Of the summer holidays: they go when school begins again.
WAITING = [
    "chair: speaker-changed 900001",
    "deputy: you-speak 900001 900002 900003 900011 900021 900024 900031",
    "new head: speaker-changed 900031",
    "successor: you-no-longer-speak 900001 900002 900003 900011 900021 900024 900031",
]


# To the duty desk, of the schools for which it comes to speak: at once, in the holidays and before the school is told.
ALERTS: dict[date, list[str]] = {
    date(2025, 12, 1): ["the duty desk: desk-speaks 900004"],
    date(2026, 2, 2): ["the duty desk: desk-speaks 900003"],
    date(2026, 2, 23): ["the duty desk: desk-speaks 900006"],
    date(2026, 3, 2): ["the duty desk: desk-speaks 900011 900031"],  # the trust of both has nobody
    date(2026, 3, 29): ["the duty desk: desk-speaks 900023"],  # a Sunday, on which the lead moves to it
    date(2026, 4, 15): ["the duty desk: desk-speaks 900002"],
}


class Letter(NamedTuple):
    day: date
    person: str
    says: tuple[str, ...]

    @property
    def in_short(self) -> str:
        return in_short(self.person, self.says)


def in_short(person: str, says: Iterable[str]) -> str:
    """By what is said, of which schools."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, urn in sorted(each.split(" ")[:2] for each in says):
        kinds[kind].append(urn)
    return f"{person}: {'; '.join(f'{kind} ' + ' '.join(urns) for kind, urns in kinds.items())}"


def is_school_day(day: date) -> bool:
    return any(a <= day <= b for a, b in IN_SCHOOL) and day.weekday() < 5 and day not in BANK_HOLIDAYS


async def sent(here: Installation) -> list[Letter]:
    """Every letter of those that go once a week, with what it tells of; each of them once."""
    return await _sent(here, urgent=False)


async def alerts(here: Installation) -> list[Letter]:
    """Every letter that went at once."""
    return await _sent(here, urgent=True)


async def _sent(here: Installation, *, urgent: bool) -> list[Letter]:
    rows = await here.rows(
        "select letter.id, letter.person_id, letter.state, letter.urgent, message.kind, message.urn, message.details "
        "from letter join message on message.letter_id = letter.id where letter.made_on >= $1 order by message.position",
        FIRST,
        service="notifications",
    )
    told: dict[tuple[UUID, UUID], list[str]] = defaultdict(list)
    for row in rows:
        assert row.state == "sent"
        told[row.id, row.person_id].append(f"{row.kind} {row.urn} since {row.details['valid_from']}")
    assert {letter: len(days) for letter, days in here.sent.items()} == {letter: 1 for letter, _ in told}
    asked_for = {row.id for row in rows if row.urgent == urgent}
    return sorted(
        Letter(here.sent[letter][0], str(named(person)), tuple(sorted(says)))
        for (letter, person), says in told.items()
        if letter in asked_for
    )


async def waiting(here: Installation) -> list[str]:
    rows = await here.rows(
        "select person_id, kind, urn, details from message where state = 'waiting'", service="notifications"
    )
    told: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        told[str(named(row.person_id))].append(f"{row.kind} {row.urn}")
    return sorted(in_short(person, says) for person, says in told.items())


def told(letters: Iterable[Letter]) -> Counter[str]:
    """Who was told what, in whichever letter."""
    return Counter(f"{each.person}: {said}" for each in letters for said in each.says)


def broken(letters: Iterable[Letter]) -> list[str]:
    """Letters of no school day, or sooner than a week after the one before."""
    found = []
    last: dict[str, date] = {}
    for each in letters:
        if not is_school_day(each.day):
            found.append(f"{each} went on no school day")
        if each.person in last and each.day < last[each.person] + A_WEEK:
            found.append(f"{each} went within a week of that of {last[each.person]}")
        last[each.person] = each.day
    return found
