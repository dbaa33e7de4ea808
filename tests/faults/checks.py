"""The invariants of D9 as functions from what was asked, seen and found at the end to what is wrong with it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from tests.faults.final import Final, Told
from tests.faults.history import FAILED, OK, History, Operation

OURS = "F"  # so begin the numbers of the inspections that the load makes up; the register's own are not unique

Checker = Callable[[History, Final], list[str]]


def lost(history: History, final: Final) -> list[str]:
    """I1: what was answered with yes is in the database; what was committed is on its topic, applied and delivered."""
    wrong = [
        f"{each.kind} {each.value} was accepted and is not there"
        for each in history.operations
        if not _kept(each, final)
    ]
    for topic, records in final.topics.items():
        seen: dict[str, set[int]] = defaultdict(set)
        for record in records:
            seen[record.key].add(record.sequence)
        heads = {key: head for (name, key), head in final.heads.items() if name == topic}
        compacted = bool(records) and records[0].compacted
        for key, head in heads.items():
            if compacted:
                missing = [] if head in seen[key] else [head]
            else:
                missing = [] if len(seen[key]) >= head else sorted(set(range(1, head + 1)) - seen[key])
            wrong += [f"{topic} {key}: {number} was committed and never sent" for number in missing[:3]]
        for reader in final.readers[topic]:
            reached = final.reached[reader]
            wrong += [
                f"{topic} {key}: {reader} is at {reached.get((topic, key), 0)} of {head}"
                for key, head in heads.items()
                if reached.get((topic, key), 0) < head
            ]
    wrong += [
        f"{id_} was due to {department} by webhook: {state}, and not received"
        for department, id_, state in final.delivered
        if state != "delivered" or id_ not in final.received[department]
    ]
    return wrong + [f"{service} has {left} rows in its outbox" for service, left in final.outbox.items() if left]


def _kept(each: Operation, final: Final) -> bool:
    if each.outcome != OK:
        return True
    match each.kind:
        case "outcomes":
            return all(number in final.outcomes for number in each.detail["numbers"])
        case "entry":
            return each.value in final.entries
        case "import":
            return "done" in final.imports.get(f"made-{each.value.removeprefix('file ')}.csv", "").split(",")
        case "meeting":
            return each.detail.get("name", "") in final.meetings
    return True


def doubled(history: History, final: Final) -> list[str]:
    """I2: one effect for each thing said; one id for each place on a topic and one place for each id."""
    wrong = [
        f"outcome {name} is there {n} times" for name, n in final.outcomes.items() if n > 1 and name.startswith(OURS)
    ]
    wrong += [
        f"entry {name} is there {n} times" for name, n in final.entries.items() if n > 1 and name.startswith("entry ")
    ]
    wrong += [f"meeting {name} is there {n} times" for name, n in final.meetings.items() if n > 1]
    for topic, records in final.topics.items():
        ids: dict[tuple[str, int], str] = {}
        places: dict[str, tuple[str, int]] = {}
        for record in _ours(topic, records, final):
            place = (record.key, record.sequence)
            if ids.setdefault(place, record.id) != record.id:
                wrong.append(f"{topic} {record.key} {record.sequence} was given to two events")
            if places.setdefault(record.id, place) != place:
                wrong.append(f"{topic}: event {record.id} stands at two places")
    if final.feed_doubled:
        wrong.append(f"{final.feed_doubled} events stand in the feed twice")
    return wrong


def order(history: History, final: Final) -> list[str]:
    """I3: the numbers of each key come first in order, without a gap; a reader is never beyond what was sent."""
    wrong = []
    for topic, records in final.topics.items():
        highest: dict[str, int] = defaultdict(int)
        for record in _ours(topic, records, final):
            if record.sequence > highest[record.key] + 1 and not record.compacted:
                wrong.append(f"{topic} {record.key}: {record.sequence} came after {highest[record.key]}")
            highest[record.key] = max(highest[record.key], record.sequence)
        for reader in final.readers[topic]:
            beyond = {
                key: at
                for (name, key), at in final.reached[reader].items()
                if name == topic and (name, key) not in final.by_hand and at > highest[key]
            }
            wrong += [f"{topic} {key}: {reader} is at {at}, beyond what was sent" for key, at in beyond.items()]
    if final.feed_gaps:
        wrong.append(f"the feed's numbers and its entries differ by {final.feed_gaps}")
    return wrong


def phantom(history: History, final: Final) -> list[str]:
    """I4: nothing is seen that was not committed: no refused request, no number above the committed ones, no unknown outcome."""
    wrong = []
    for each in history.operations:
        if each.outcome == FAILED and _left_something(each, final):
            wrong.append(f"{each.kind} {each.value} was refused, and is there all the same")
    for topic, records in final.topics.items():
        for record in _ours(topic, records, final):
            if record.sequence > final.heads.get((topic, record.key), 0):
                wrong.append(f"{topic} {record.key}: {record.sequence} was sent and never committed")
            if record.names and record.names not in final.outcomes:
                wrong.append(f"{topic}: outcome {record.names} was told and is in no database")
    return wrong


def _left_something(each: Operation, final: Final) -> bool:
    if each.kind in ("outcomes", "too early"):
        return any(number in final.outcomes for number in each.detail.get("numbers", [each.value]))
    return each.kind == "entry" and each.value in final.entries


def money(history: History, final: Final) -> list[str]:
    """I5: the postings sum to nothing in every snapshot, entry by entry, and no account is on the wrong side."""
    looks = [(f"at {each.at:.1f}", each.found) for each in history.seen if each.what == "money"]
    wrong = []
    for when, found in [*looks, ("at the end", final.money)]:
        wrong += [
            f"{when}: {found[name]} {words}"
            for name, words in (
                ("of_all", "pence more than nothing in all"),
                ("unequal", "entries that do not sum to nothing"),
                ("below_zero", "accounts on the wrong side of nothing"),
            )
            if found.get(name)
        ]
    return wrong


def rebuilt(history: History, final: Final) -> list[str]:
    """I7: a projection equals its own rebuild from the beginning."""
    return [
        f"{service}.{table.table}: {table.differing} rows differ ({table.before} kept, {table.after} rebuilt)"
        for service, tables in final.rebuilt.items()
        for table in tables
        if table.differing
    ]


def fates(history: History, final: Final) -> list[str]:
    """I9: every record on a topic has been applied or passed by each of its readers, or was parked and dealt with."""
    wrong = [f"{service} still has {n} parked" for service, n in final.parked.items() if n]
    for topic, records in final.topics.items():
        highest: dict[str, int] = defaultdict(int)
        for record in records:
            highest[record.key] = max(highest[record.key], record.sequence)
        for reader in final.readers[topic]:
            reached = final.reached[reader]
            wrong += [
                f"{topic} {key}: {reader} gave {at - reached.get((topic, key), 0)} records no fate"
                for key, at in highest.items()
                if reached.get((topic, key), 0) < at
            ]
    return wrong


def healed(history: History, final: Final) -> list[str]:
    """I10: after each fault all that was committed by its healing was applied everywhere, in bounded time."""
    return [
        f"{each.name}: {each.note or 'had not caught up when it was given up'}"
        for each in history.windows
        if not each.skipped and (each.recovery is None or each.note)
    ]


def once_a_key(history: History, final: Final) -> list[str]:
    """I11: whoever asks again under one key, or twice at once, is given one answer, and there is one effect."""
    wrong = []
    keys = Counter(each.key for each in history.operations)
    wrong += [f"key {key} was used for {n} operations" for key, n in keys.items() if n > 1]
    for each in history.operations:
        if len(set(each.answers)) > 1:
            wrong.append(f"{each.kind} {each.value} was answered in {len(set(each.answers))} ways")
        for number in each.detail.get("numbers", ()):
            if final.outcomes.get(number, 0) > 1:
                wrong.append(f"{each.kind} {each.value} had the effect of {number} twice")
        effects = {
            "entry": final.entries.get(each.value, 0),
            "meeting": final.meetings.get(each.detail.get("name", ""), 0),
        }
        if effects.get(each.kind, 0) > 1:
            wrong.append(f"{each.kind} {each.value} is there {effects[each.kind]} times")
    return wrong


def one_answer(history: History, final: Final) -> list[str]:
    """I12: for each school, one answers on each matter: in the database at the end, and to whoever asked meanwhile."""
    wrong = [
        f"{urn}: {final.speakers.get((urn, matter), 0)} answer on {matter} matters"
        for urn, matter in sorted(final.must_answer)
        if final.speakers.get((urn, matter), 0) != 1
    ]
    asked = [each for each in history.seen if each.what == "who-speaks"]
    wrong += [
        f"{each.found['urn']}: asked who speaks, {each.found['status']}, {each.found['role']}"
        for each in asked
        if each.found["status"] != 200 or not each.found["role"]
    ]
    return wrong


OPEN = {"public", "internal"}
IMPROVEMENT = "school-improvement"


def who_may_know(history: History, final: Final) -> list[str]:
    """I13: no department but school improvement gets what is restricted, by topic or webhook; feed and mail wait for the school."""
    wrong = []
    for topic, records in final.topics.items():
        _, authority, department = topic.split(".")[:3]
        if not authority.isdigit():
            continue
        for record in records:
            personal = record.sensitivity == "personal"
            if personal or (department != IMPROVEMENT and record.sensitivity not in OPEN):
                wrong.append(f"{topic}: {record.type} is {record.sensitivity}")
            if department != IMPROVEMENT and not record.told:
                wrong.append(f"{topic}: {record.type} was told before the school was")
    for department, received in final.received.items():
        for id_, kind in received.items():
            if any(thing in kind for thing in ("category", "outcome", "representation", "allocation", "school.told")):
                wrong.append(f"{department} got {kind} by webhook ({id_})")
    wrong += [f"somebody was mailed {each}, of which the school has not been told" for each in final.mailed_too_early]
    return wrong + [f"the feed tells of {each}, which its school has not been told" for each in final.told_too_early]


def _ours(topic: str, records: Iterable[Told], final: Final) -> Iterator[Told]:
    """Without what was put on the topic by hand."""
    return (record for record in records if (topic, record.key) not in final.by_hand)


CHECKERS: dict[str, Checker] = {
    "I1": lost,
    "I2": doubled,
    "I3": order,
    "I4": phantom,
    "I5": money,
    "I7": rebuilt,
    "I9": fates,
    "I10": healed,
    "I11": once_a_key,
    "I12": one_answer,
    "I13": who_may_know,
}

NAMES = {
    "I1": "nothing lost",
    "I2": "nothing doubled",
    "I3": "in order",
    "I4": "no phantom",
    "I5": "money conserved",
    "I7": "projections rebuild",
    "I9": "every record its fate",
    "I10": "healed",
    "I11": "one effect a key",
    "I12": "one answer a school",
    "I13": "who may know",
}


def violations(history: History, final: Final) -> dict[str, list[str]]:
    """What each checker found."""
    return {name: checker(history, final) for name, checker in CHECKERS.items()}
