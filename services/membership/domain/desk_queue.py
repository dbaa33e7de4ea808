"""What waits at the duty desk: why the desk answers for a school, and what would cure it (W-15, W-18, R0.3).

The desk is the last resort of every rule, so each school there is a sign that something is missing. The most urgent
first, and of those the oldest.
"""

import enum
from dataclasses import dataclass
from datetime import date

from services.membership.domain.doubtful_clock import CONFIRM

RECORD_CONTACT = "`trust_contacts` of a take-on, `consortia take-on FILE`"

# Each rule by which the desk answers, with what takes the school off the queue. A rule without a cure is a bug.
CURES: dict[str, str] = {
    "type-unknown": "Correct the school's type in the register and import it again",
    "no-policy": "Adopt a routing policy for the authority",
    "academy-no-trust": "Import the register of groups that names the academy's trust",
    "academy-3-4-no-trust": "Import the register of groups that names the academy's trust",
    "trust-no-contact": f"Record the trust's chief executive or its School Improvement Partner ({RECORD_CONTACT})",
    "trust-contact-heads-school": "Record a School Improvement Partner of the trust who does not head the school "
    f"({RECORD_CONTACT})",
    "maintained-3-4-unallocated": "Allocate a system leader",
    "system-leader-heads-school": "End the allocation, and allocate a system leader who does not head the school",
    "no-body": "Put the school into a body",
    "no-officers": "Elect a chair or a deputy of its body",
    "officers-head-school": "Elect a chair or a deputy of its body who does not head the school",
    "nobody-in-office": "Elect a chair or a deputy of the body",
    "override": "Nothing is missing: an officer has named the duty desk; end the override to go by the rules again",
    "last-in-line": "Find somebody who can talk to the inspectors, and accept the call for her or him (`inspection-call accept`)",
}

CALL_CURES = {
    "duty-desk": CURES["last-in-line"],
    "improvement-desk": "Accept the call for whoever of the desk talks to the inspectors (`inspection-call accept`), or say "
    "that the desk cannot: the duty desk is asked then",
}

UNKNOWN_CURE = "No cure is written down for this rule: ask whoever runs the service"


def cure_of(rule: str) -> str:
    """A rule that nobody thought of must not hide the whole queue."""
    return CURES.get(rule, UNKNOWN_CURE)


class Kind(enum.StrEnum):
    CLOCK_WAITS = "clock-waits"  # nothing is done by days until somebody has looked at the clock; of no school
    INSPECTION_CALL = "inspection-call"  # the inspectors come, and the call has reached the desk
    DESK_ANSWERS = "desk-answers"
    DAY_FAILED = "day-failed"  # something that was due can't be done, and its school or body stands still
    NOT_TOLD = "not-told"  # a restricted change waits until the school was told
    PROPOSAL = "proposal"  # an outcome proposes a category: confirm or decline
    KEEP_OR_LIFT = "keep-or-lift"  # an entry of the authority is to be reviewed
    QUESTION = "question"  # the register can't say what follows for a school that continues another
    LISTED_AGAIN = "listed-again"  # a file lists an outcome that an officer has withdrawn
    OVERRIDE_ENDS = "override-ends"  # soon the rules decide again who speaks
    NO_BODY = "no-body"  # somebody answers for it, yet it has no chair who is its contact


class Urgency(enum.IntEnum):
    """The order of the queue. A weak school without its own speaker waits less than any other."""

    INSPECTED = 1
    WEAK = 2
    UNANSWERED = 3
    UNTOLD = 4
    UNDECIDED = 5  # an officer is asked, and what was in force stays so until she answers
    LISTED = 6


CLOCK_WAITS_WHY = (
    "The clock is more than a week past the last day that was done, and may be wrong. No day is turned and no file applied, "
    "and of an inspection call from before nobody else is asked by time alone (`consortia calls`)"
)
CLOCK_WAITS_CURE = f"Look at the clock; if it is right, confirm it ({CONFIRM})"
OVERRIDE_ENDS_CURE = "See that whoever speaks by the rules is ready, or set another override from that day on"
OVERRIDES_LISTED = 14  # days before they expire
PROPOSAL_CURE = "Confirm the proposed category, or decline it and say why"
KEEP_OR_LIFT_CURE = "Keep the authority's own category until another review date, or lift it"
QUESTION_CURE = "Enter what the question asks for, or answer it and say how it was settled"
LISTED_AGAIN_CURE = "Let the withdrawal stand, or believe the file"
NO_MAILBOX = "Nobody was written to: record the {desk} with its mailbox (`desks` of a take-on)"
NOT_TOLD_CURE = "Tell the school, and record that it was told"


@dataclass(frozen=True)
class Place:
    """Where an item stands in the queue: what a cursor names."""

    urgency: int
    since: date
    kind: str
    subject: str  # the school, or the call

    def as_cursor(self) -> str:
        return f"{self.urgency}.{self.since:%Y%m%d}.{self.kind}.{self.subject}"


BEFORE_ALL = Place(0, date(1, 1, 1), "", "")
