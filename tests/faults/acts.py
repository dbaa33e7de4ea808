"""Each request of the load and what is left of it: all of what was accepted, nothing of what was refused.

Only what is asked for so that it is refused may be: an outage that answers everybody with 429 would else pass for a quiet time.
"""

from collections.abc import Iterator
from datetime import date

from tests.faults.asked import TO_BE_REFUSED
from tests.faults.final import Final
from tests.faults.history import FAILED, OK, UNKNOWN, History, Operation
from tests.faults.told import ReleaseSaid

Finding = tuple[str, str]


def findings(history: History, final: Final) -> Iterator[Finding]:
    told = {
        record.story: set(record.said.releases)
        for records in final.topics.values()
        for record in records
        if isinstance(record.said, ReleaseSaid)
    }
    for each in history.operations:
        if each.outcome == OK:
            if lacking := _lacks(each, final, told):
                yield "I1", f"{each.kind} {each.value} was accepted, and {lacking}"
        elif each.outcome == FAILED:
            if each.status != TO_BE_REFUSED.get(each.kind):
                yield (
                    "I10",
                    f"{each.kind} {each.value} was refused with {each.status}, and it was right: {each.why_not}",
                )
            if _left_something(each, final):
                yield "I4", f"{each.kind} {each.value} was refused, and is there all the same"
        elif each.outcome == UNKNOWN:
            yield "I10", f"{each.kind} {each.value} was never answered, though all had healed"
            if 0 < _there(each, final) < len(each.detail.get("numbers", ())):
                yield "I1", f"{each.kind} {each.value} was never answered, and half of it is there"
        for words, times in _effects(each, final):
            if times > 1:
                yield "I11", f"{each.kind} {each.value}: {words} is there {times} times"


def _lacks(each: Operation, final: Final, told: dict[str, set[str]]) -> str:
    """What is not there of an accepted request, in words; empty if all is."""
    match each.kind:
        case "outcomes":
            return "" if _there(each, final) == len(each.detail["numbers"]) else "not all of them are there"
        case "entry":
            return "" if each.value in final.entries else "is not there"
        case "import" | "retry":
            return "" if "done" in final.imports.get(_file(each), "").split(",") else "was never applied to its end"
        case "meeting":
            return "" if each.detail["name"] in final.meetings else "is in no calendar"
        case "chair":
            return "" if _term(each) in final.terms else "no such term of office is there"
        case "call":
            return "" if each.detail["call"] in final.calls else "is no call that membership knows"
        case "details":
            return ""  # `calls.py`: what was asked for since may have taken its place
        case "told":
            released = set(each.detail["releases"])
            if any(not final.withheld.get((each.detail["urn"], story), True) for story in released):
                return "what was released is withheld still"
            known = told.get(each.detail["story"])
            return "" if known is not None and released <= known else "nobody was told so"
        case "day":
            service, day = each.value.split()
            return "" if final.clocks.get(service, date.min).isoformat() >= day else "its clock stands on another day"
        case "tick":
            return "" if final.turned_to.isoformat() >= each.value else "that day was never turned"
    return "nobody looks for it"


def _left_something(each: Operation, final: Final) -> bool:
    match each.kind:
        case "outcomes" | "too early":
            return _there(each, final) > 0
        case "entry":
            return each.value in final.entries
        case "import":
            return "done" in final.imports.get(_file(each), "").split(",")
        case "meeting":
            return each.detail["name"] in final.meetings
        case "chair":
            return _term(each) in final.terms
        case "details":
            return final.emails.get(each.detail["person"]) == each.detail["email"]
    return False


def _there(each: Operation, final: Final) -> int:
    return sum(number in final.outcomes for number in each.detail.get("numbers", [each.value]))


def _effects(each: Operation, final: Final) -> Iterator[tuple[str, int]]:
    """Of one request: everything that there may be one of. A file may be read twice, which changes nothing (D3.11)."""
    for number in each.detail.get("numbers", ()):
        yield f"outcome {number}", final.outcomes.get(number, 0)
    match each.kind:
        case "entry":
            yield "it", final.entries.get(each.value, 0)
        case "meeting":
            yield "it", final.meetings.get(each.detail["name"], 0)
        case "chair":
            yield "the term of office", final.terms.get(_term(each), 0)


def _file(each: Operation) -> str:
    return f"made-{each.value.removeprefix('file ')}.csv"


def _term(each: Operation) -> tuple[str, str, str]:
    return (each.detail["body"], each.detail["person"], each.detail["from"])
