"""A small run in which nothing is wrong: what was asked, and what is found at the end."""

from dataclasses import replace
from datetime import date

from shared.messaging.rebuild import Rebuilt
from tests.faults.ends import KILLED, STARTS
from tests.faults.final import Final
from tests.faults.found import Award, Call, Delivery, Entry, Letter, Message
from tests.faults.history import FAILED, OK, Ended, History, Operation, Seen, Window
from tests.faults.must_read import PEOPLE, TOPICS
from tests.faults.told import CallSaid, ChangeSaid, OutcomeSaid, ReleaseSaid, Said, Told

INTERNAL = "consortia.membership.events.v1"
FINANCE = "consortia.937.finance.events.v1"
IMPROVEMENT = "consortia.937.school-improvement.events.v1"
URN = "125580"
SCHOOL, BODY = f"937/school/{URN}", "937/body/1"
CALLED, HEAD = "937/school/125599", "937/person/head"  # where the inspectors have called; a head who has moved
DAY, YEAR = date(2023, 9, 4), date(2023, 4, 1)
CHAIR, LEADER = ("chair", "", "1", "", "chair"), ("system-leader", "", "", "", "leader")
DESK = ("duty-desk", "", "", "", "")
PUBLISHED = OutcomeSaid(DAY, "West Midlands")


def told(
    key: str,
    sequence: int,
    kind: str,
    sensitivity: str = "public",
    names: str = "",
    said: Said = None,
    told: bool = True,
    story: str = "",
) -> Told:
    kind = f"consortia.{kind}.v1"
    return Told(key, sequence, f"{key} {sequence}", kind, sensitivity, told, names, story=story, said=said)


def asked_about(sequence: int, call: str, place: int, *, at_a_desk: bool = False) -> Told:
    said = CallSaid(at_a_desk, call, place)
    return told(CALLED, sequence, "membership.inspection-call.asked", "restricted", said=said)


def good_run() -> tuple[History, Final]:
    """Two outcomes, a refused one, an entry of which the school is told, a meeting, a file, a new chair; a fault that healed.

    A call that was passed on to the desk, one whose report came; a head who moved, and of whom an old record came late.
    """
    operations = [
        Operation("outcomes", "F1", "k1", 0, 1, OK, 2, 201, ("a", "a"), {"numbers": ["F1", "F2"]}),
        Operation("too early", "F3", "k2", 0, 1, FAILED, 1, 409),
        Operation("entry", "entry 1", "k3", 0, 1, OK, 1, 201, ("b",), {"story": "s1"}),
        Operation(
            "told", "entry 1", "k6", 0, 1, OK, 1, 201, ("e",), {"story": "s2", "urn": "125580", "releases": ["s1"]}
        ),
        Operation("meeting", "meeting 1", "k4", 0, 1, OK, 1, 201, ("c",), {"name": "1 2100-01-01"}),
        Operation("import", "file 1", "k5", 0, 1, OK, 1, 201, ("d",)),
        Operation("retry", "file 1", "k10", 1, 1, OK, 1, 200, ("f",)),
        Operation("day", "meetings 2023-09-04", "k7", 0, 1, OK),
        Operation("tick", "2023-09-04", "k8", 0, 1, OK),
        Operation("call", "call 1", "k11", 0, 1, OK, 1, 201, ("g",), {"call": "passed on"}),
        Operation(
            "details", "details 1", "k12", 0, 1, OK, 1, 200, ("h",), {"person": "head", "email": "head@moved.example"}
        ),
        Operation("chair", "1 2023-09-04", "k9", 2, 3, OK, detail={"body": "1", "person": "p", "from": "2023-09-04"}),
    ]
    books = {"of_all": 0, "unequal": 0, "below_zero": 0, "postings": 8}
    seen = [
        Seen("money", 0.5, {**books, "postings": 4}),
        Seen("who-speaks", 0.6, {"urn": URN, "matter": "general", "status": 200, "role": "chair"}),
        Seen("feed", 0.7, {"region": "west-midlands", "after": 0, "numbers": [1, 2], "inspections": ["F1", "F2"]}),
        Seen("reader", 0.8, {"who": "finance", "path": "/speakers", "status": 403, "may": False, "steps": []}),
        Seen("reader", 0.9, {"who": "finance", "path": "/journeys/s1", "status": 404, "may": True, "steps": []}),
        Seen(STARTS, 4, {"membership": 1, "meetings": 2, "funding": 1, "notifications": 1}),
    ]
    windows = [Window("meetings: kill -9", 0, 1, 2, 3, 10, recovery=1.0, crash_points=("relay.after_send",))]
    change = ChangeSaid((CHAIR, CHAIR), (LEADER, LEADER), by_category=True)
    internal = [
        told(SCHOOL, 1, "membership.outcome.published", names="F1", said=PUBLISHED),
        told(BODY, 1, "membership.body.recorded"),
        told(SCHOOL, 2, "membership.outcome.published", names="F2", said=PUBLISHED),
        told(SCHOOL, 2, "membership.outcome.published", names="F2", said=PUBLISHED),  # a repeat, which harms nobody
        told(SCHOOL, 3, "membership.representation.reassigned", "restricted", said=change, told=False, story="s1"),
        told(SCHOOL, 4, "membership.school.told", "restricted", said=ReleaseSaid(("s1",)), story="s2"),
    ]
    of_calls = [
        asked_about(1, "passed on", 1),
        asked_about(2, "passed on", 2, at_a_desk=True),
        asked_about(3, "reported", 1),
        told(CALLED, 4, "membership.inspection-call.closed", "restricted", said=CallSaid(False, "reported")),
    ]
    copies = [*(each for n, each in enumerate(internal) if n != 3), replace(of_calls[1], sequence=1)]
    internal += of_calls
    of_head = [replace(told(HEAD, n, "membership.person.recorded", "personal"), compacted=True) for n in (1, 2, 1, 3)]
    reached = {(INTERNAL, SCHOOL): 4, (INTERNAL, BODY): 1, (INTERNAL, CALLED): 4, (PEOPLE, HEAD): 3}
    place = (URN, "general")
    final = Final(
        heads={
            (INTERNAL, SCHOOL): 4,
            (INTERNAL, BODY): 1,
            (INTERNAL, CALLED): 4,
            (PEOPLE, HEAD): 3,
            (FINANCE, BODY): 1,
            (IMPROVEMENT, SCHOOL): 4,
            (IMPROVEMENT, BODY): 1,
            (IMPROVEMENT, CALLED): 1,
        },
        reached={"meetings": dict(reached), "notifications": dict(reached)},
        topics={INTERNAL: internal, PEOPLE: of_head, FINANCE: [internal[1]], IMPROVEMENT: copies},
        readers={
            INTERNAL: ("meetings", "notifications"),
            PEOPLE: ("meetings", "notifications"),
            FINANCE: (),
            IMPROVEMENT: (),
        },
        outbox={"membership": 0},
        parked={"meetings": []},
        outcomes={"F1": 1, "F2": 1},
        entries={"entry 1": 1},
        calls={
            "passed on": Call("125599", ("no-answer", "waiting"), False, "", False),
            "reported": Call("125599", ("not-needed",), False, "published", True),
        },
        asked_of={f"{CALLED} {n}": n for n in (1, 2, 3)},
        emails={"head": "head@moved.example"},
        written_to={"head": "head@moved.example", "a desk": "desk@937.example"},
        meetings={"1 2100-01-01": 1},
        imports={"made-1.csv": "done"},
        terms={("1", "p", "2023-09-04"): 1},
        withheld={("125580", "s1"): True},
        clocks={"meetings": DAY},
        turned_to=DAY,
        heads_of={URN: frozenset({"head"})},
        speakers={place: [("chair", "1", "", "p")]},
        must_speak={place: ("chair", "1", "", "p")},
        with_a_group=frozenset({URN}),
        agenda={URN: 1},
        money=dict(books),
        awards=[Award("a", "1", YEAR, date(2024, 4, 1), 36_600, {"1": 300, "2": 66}, {"1": 30_000, "2": 6_600})],
        in_the_chair={("1", YEAR): {"1": 300, "2": 66}},
        ledger={("a", "1"): 30_000, ("a", "2"): 6_600},
        journey={each.id: n for n, each in enumerate(dict.fromkeys(internal))},
        read_at={f"{SCHOOL} 4": 10.0},
        told_schools=frozenset({("s1", URN)}),
        feed=[Entry("west-midlands", n, f"{SCHOOL} {n}", "outcome-published") for n in (1, 2)],
        deliveries=[Delivery("finance", f"{BODY} 1", "delivered", "w1", BODY)],
        messages=[
            Message(f"{SCHOOL} 3", person, "sent", f"to {person}", True, 11.0) for person in ("head", "chair", "leader")
        ],
        letters={f"to {person}": Letter(person, "sent", 1) for person in ("head", "chair", "leader")},
        received={"finance": {f"{BODY} 1": "consortia.membership.body.recorded.v1"}},
        received_as={"finance": {f"{BODY} 1": {"w1"}}},
        mails={f"to {person}": 1 for person in ("head", "chair", "leader")},
        rebuilt={each: [Rebuilt("school", 3, 3, 0)] for each in TOPICS},
    )
    return History(operations, seen, windows, [Ended("meetings", 11, 1.0, "terminated by SIGKILL", KILLED)]), final
