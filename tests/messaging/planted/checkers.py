"""The invariants of D9 as functions from a history to what is wrong with it. Each is proven by planted bugs."""

from collections import Counter, defaultdict
from collections.abc import Callable

from tests.messaging.planted.history import History

Checker = Callable[[History], list[str]]


def lost(history: History) -> list[str]:
    """I1: whatever was committed is published, and applied or visibly parked."""
    said = {each.value: each for each in history.said}
    wrong = [
        f"acknowledged but not in the database: {v}" for v, o in history.attempts.items() if o == "ok" and v not in said
    ]
    published = {each.value for each in history.published}
    applied = {each.value for each in history.applied}
    parked = {(each.partition, each.offset) for each in history.parked}
    kept = {each.value for each in history.published if (each.partition, each.offset) in parked}
    for value, each in said.items():
        if value not in published:
            wrong.append(f"committed but never published: {value} ({each.key} {each.number})")
        elif value not in applied and value not in kept:
            wrong.append(f"published but neither applied nor parked: {value} ({each.key} {each.number})")
    if history.outbox:
        wrong.append(f"{history.outbox} rows still in the outbox")
    return wrong


def doubled(history: History) -> list[str]:
    """I2: one effect for each fact, by what it says, by its place and by its id; none more after a rebuild."""
    wrong = [f"applied {n} times: {v}" for v, n in Counter(each.value for each in history.applied).items() if n > 1]
    places = Counter((each.key, each.place) for each in history.applied)
    wrong += [f"applied {n} times: {key} {place}" for (key, place), n in places.items() if n > 1]
    ids: dict[str, set[str | None]] = defaultdict(set)
    for each in history.published:
        if each.value is not None and each.value not in history.by_hand:
            ids[each.value].add(each.id)
    wrong += [f"published under {len(found)} ids: {value}" for value, found in ids.items() if len(found) > 1]
    if history.applied_after_rebuild not in (None, len(history.applied)):
        wrong.append(f"{len(history.applied)} effects before the rebuild, {history.applied_after_rebuild} after it")
    return wrong


def order(history: History) -> list[str]:
    """I3: for each key, applied in the order of commits; on the topic, numbers from 1 without a gap, repeats apart."""
    wrong = []
    number = {each.value: each.number for each in history.said}
    last: dict[str, int] = defaultdict(int)
    for each in history.applied:
        if each.value not in number:
            continue
        if number[each.value] < last[each.key]:
            wrong.append(f"{each.key}: {number[each.value]} applied after {last[each.key]}")
        last[each.key] = max(last[each.key], number[each.value])
    highest: dict[str, int] = defaultdict(int)
    for record in history.published:
        if record.key is None or record.place is None or record.place[0] != 1 or record.value in history.by_hand:
            continue
        sequence = record.place[1]
        if sequence > highest[record.key] + 1:
            wrong.append(f"{record.key}: {sequence} on the topic after {highest[record.key]}")
        highest[record.key] = max(highest[record.key], sequence)
        if record.value in number and number[record.value] != sequence:
            wrong.append(f"{record.key}: committed as number {number[record.value]}, published as {sequence}")
    return wrong


def phantom(history: History) -> list[str]:
    """I4: nothing that was not committed is ever seen."""
    committed = {each.value for each in history.said} | history.by_hand
    seen = {each.value for each in history.published if each.value is not None}
    seen |= {each.value for each in history.applied}
    wrong = [f"seen but never committed: {value}" for value in sorted(seen - committed)]
    rolled_back = {value for value, outcome in history.attempts.items() if outcome == "fail"}
    return wrong + [f"rolled back but committed: {value}" for value in sorted(rolled_back & committed)]


def rebuilt(history: History) -> list[str]:
    """I7: a projection equals its own rebuild from the beginning."""
    return [
        f"{each.table}: {each.differing} rows differ ({each.before} before, {each.after} after)"
        for each in history.rebuilt
        if each.differing
    ]


def fates(history: History) -> list[str]:
    """I9: every record on the topic is applied, known as passed, or parked; and nothing waits for what is there."""
    wrong = []
    parked = {(each.partition, each.offset) for each in history.parked}
    parked_places = {(each.key, each.place) for each in history.parked}
    for record in history.published:
        where = (record.partition, record.offset)
        if where in parked or (record.key, record.place) in parked_places:
            continue
        if record.key is None or record.place is None:
            wrong.append(f"no fate: unreadable record at {where}")
        elif record.place > history.inbox.get(record.key, (0, 0)):
            wrong.append(f"no fate: {record.key} {record.place} at {where}")
    on_topic = {(record.key, record.place) for record in history.published}
    at_fault = {each.key for each in history.parked if each.status == "parked"}
    for each in history.parked:
        if each.status == "gap" and each.key is not None and each.key not in at_fault:
            epoch, sequence = history.inbox.get(each.key, (0, 0))
            missing = (each.key, (epoch or 1, sequence + 1))
            there = "is" if missing in on_topic else "is not"
            wrong.append(f"{each.key} {each.place} waits for {missing[1]}, which {there} on the topic")
        if each.status == "waiting" and each.key not in at_fault:
            wrong.append(f"{each.key} {each.place} waits behind nothing")
    return wrong


CHECKERS: dict[str, Checker] = {
    "I1 lost": lost,
    "I2 doubled": doubled,
    "I3 order": order,
    "I4 phantom": phantom,
    "I7 rebuilt": rebuilt,
    "I9 fates": fates,
}


def violations(history: History) -> dict[str, list[str]]:
    """What each checker that finds anything has found."""
    found = {name: checker(history) for name, checker in CHECKERS.items()}
    return {name: wrong for name, wrong in found.items() if wrong}
