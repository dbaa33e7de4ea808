"""The invariants of D9 as functions from what was asked, seen and found at the end to what is wrong with it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

from tests.faults import acts, books, calls, enough, telling
from tests.faults.final import Final
from tests.faults.history import Ended, History
from tests.faults.told import Told

OURS = "F"  # so begin the numbers of the inspections that the load makes up; the register's own are not unique
SHOWN = 200  # findings of one kind are enough

Checker = Callable[[History, Final], list[str]]


def lost(history: History, final: Final) -> list[str]:
    """I1: what was answered with yes is in the database; what was committed is on its topic, applied, and had its effects."""
    wrong = []
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
    return wrong + [f"{service} has {left} rows in its outbox" for service, left in final.outbox.items() if left]


def doubled(history: History, final: Final) -> list[str]:
    """I2: one effect for each thing said, one letter and webhook-id; one id for each place on a topic, one place for each id."""
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
    """I3: the numbers of each key come in order, without a gap, and are applied, told and delivered so; so is the feed read."""
    wrong = []
    for topic, records in final.topics.items():
        highest: dict[str, int] = defaultdict(int)
        for record in _ours(topic, records, final):
            if record.sequence > highest[record.key] + 1 and not record.compacted:
                wrong.append(f"{topic} {record.key}: {record.sequence} came after {highest[record.key]}")
            highest[record.key] = max(highest[record.key], record.sequence)
        wrong += _ends_that_are_old(topic, records, highest)
        for reader in final.readers[topic]:
            beyond = {
                key: at
                for (name, key), at in final.reached[reader].items()
                if name == topic and (name, key) not in final.by_hand and at > highest[key]
            }
            wrong += [f"{topic} {key}: {reader} is at {at}, beyond what was sent" for key, at in beyond.items()]
    if final.feed_gaps:
        wrong.append(f"the feed's numbers and its entries differ by {final.feed_gaps}")
    for page in (each.found for each in history.seen if each.what == "feed"):
        numbers, first = page["numbers"], page["after"] + 1
        if numbers != list(range(first, first + len(numbers))):
            wrong.append(f"the feed of {page['region']} after {page['after']} showed {numbers[:3]}: one is missing")
    return wrong


def _ends_that_are_old(topic: str, records: Sequence[Told], highest: Mapping[str, int]) -> Iterator[str]:
    """Of a compacted topic the last record of a key is what who reads it later is given (D3.4)."""
    last = {record.key: record.sequence for record in records if record.compacted}
    for key, number in last.items():
        if number < highest[key]:
            yield f"{topic} {key}: ends with {number}, and {highest[key]} is newer"


def phantom(history: History, final: Final) -> list[str]:
    """I4: nothing is seen that was not committed: no refused request, no number above the committed ones, no unknown outcome."""
    wrong = []
    for page in (each.found for each in history.seen if each.what == "feed"):
        unknown = [number for number in page["inspections"] if number not in final.outcomes]
        wrong += [
            f"the feed of {page['region']} told of outcome {number}, which is in no database" for number in unknown
        ]
    for topic, records in final.topics.items():
        for record in _ours(topic, records, final):
            if record.sequence > final.heads.get((topic, record.key), 0):
                wrong.append(f"{topic} {record.key}: {record.sequence} was sent and never committed")
            if record.names and record.names not in final.outcomes:
                wrong.append(f"{topic}: outcome {record.names} was told and is in no database")
    return wrong


def money(history: History, final: Final) -> list[str]:
    """I5: postings sum to nothing in every snapshot, no account is on the wrong side; awards are what days in the chair give."""
    return list(books.findings(history, final))


def rebuilt(history: History, final: Final) -> list[str]:
    """I7: a projection equals its own rebuild from the beginning."""
    return [
        f"{service}.{table.table}: {table.differing} rows differ ({table.before} kept, {table.after} rebuilt)"
        for service, tables in final.rebuilt.items()
        for table in tables
        if table.differing
    ]


def fates(history: History, final: Final) -> list[str]:
    """I9: every record on a topic was applied by each of its readers, and left its mark, or was parked and dealt with."""
    wrong = [f"{service} still has parked {which}" for service, parked in final.parked.items() for which in parked]
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
    """I10: after each fault all committed by its healing was applied everywhere, in time; all was answered; none ended unasked."""
    late = [
        f"{each.name}: {each.note or 'had not caught up when it was given up'}"
        for each in history.windows
        if not each.skipped and (each.recovery is None or each.note)
    ]
    return late + [_ended_by_itself(each, history) for each in history.ends if not each.wanted]


def _ended_by_itself(each: Ended, history: History) -> str:
    """Which process, when, during which fault, and what its log says of it."""
    there = [one.name for one in history.windows if not one.skipped and one.injected <= each.at <= one.ended]
    during = f"during {'; '.join(there)}" if there else "between two faults"
    at = datetime.fromtimestamp(each.at, UTC).strftime("%H:%M:%S")
    return f"{each.who}: process {each.pid} ended by itself ({each.how}) at {at}, {during}: {each.said}"


def once_a_key(history: History, final: Final) -> list[str]:
    """I11: whoever asks again under one key, at once or at the end, is given one answer, and there is one effect."""
    return [
        f"{each.kind} {each.value} was answered in {len(set(each.answers))} ways"
        for each in history.operations
        if len(set(each.answers)) > 1
    ]


def one_answer(history: History, final: Final) -> list[str]:
    """I12: for each school, the one answers whom the plain model names, at the end; and one to whoever asked meanwhile."""
    wrong = []
    for place in sorted(final.must_speak.keys() | final.speakers.keys()):
        speak, must = final.speakers.get(place, []), final.must_speak.get(place)
        if speak != ([must] if must else []):
            urn, matter = place
            wrong.append(f"{urn}: {_people(speak)} on {matter} matters, where {must[0] if must else 'nobody'} should")
    asked = [each for each in history.seen if each.what == "who-speaks"]
    wrong += [
        f"{each.found['urn']}: asked who speaks, {each.found['status']}, {each.found['role']}"
        for each in asked
        if each.found["status"] != 200 or not each.found["role"]
    ]
    return wrong


def _people(speak: list[tuple[str, ...]]) -> str:
    return f"{', '.join(each[0] for each in speak) or 'nobody'} {'answers' if len(speak) == 1 else 'answer'}"


OPEN = {"public", "internal"}
IMPROVEMENT = "school-improvement"


def who_may_know(history: History, final: Final) -> list[str]:
    """I13: nobody who may not know gets what is restricted, by topic, webhook, feed, mail, asking or log; people wait."""
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
    wrong += _asked_without_right(history, final)
    wrong += final.named_in_logs
    wrong += [f"somebody was mailed {each}, of which the school has not been told" for each in final.mailed_too_early]
    return wrong + [f"the feed tells of {each}, which its school has not been told" for each in final.told_too_early]


def _asked_without_right(history: History, final: Final) -> list[str]:
    """Whoever may not know, and asked while faults went on, was told no."""
    wrong = []
    for each in (each.found for each in history.seen if each.what == "reader"):
        if not each["may"] and each["status"] < 400:
            wrong.append(f"{each['who']} asked for {each['path']} and was answered {each['status']}")
        for kind, sensitivity, told, *part in each["steps"]:
            if sensitivity not in OPEN or not (told or tuple(part) in final.told_schools):
                wrong.append(f"{each['who']} asked for {each['path']} and saw {kind}, which is {sensitivity}")
    return wrong


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
    """What each checker found, and what those found that see several invariants at once."""
    found = {name: checker(history, final) for name, checker in CHECKERS.items()}
    return added(found, chain(acts.findings(history, final), telling.findings(final), calls.findings(history, final)))


def judged(history: History, final: Final) -> dict[str, list[str]]:
    """The same of a whole run, in which there must also have been enough to look at."""
    return added(violations(history, final), enough.findings(history, final))


def added(found: dict[str, list[str]], more: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    for name, wrong in more:
        if len(found[name]) < SHOWN:
            found[name].append(wrong)
    return found
