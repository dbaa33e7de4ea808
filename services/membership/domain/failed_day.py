"""What a day was to bring and could not be done: in which words, and what would cure it (D3.10).

Its school, or its body, stands as it did the day before; nothing of a later day is done for it meanwhile.
"""

from collections.abc import Sequence
from datetime import timedelta

from shared.refusal import Refusal

SCHOOL_DAY, CONTINUATION = "school-day", "continuation"

# The kinds of what is due. One without words is shown by its kind.
WORDS = {
    "la-category-begins": "the authority's own category begins",
    "la-category-lifts": "the authority's own category is lifted",
    "la-category-review": "the authority's own category is to be reviewed",
    "allocation-begins": "an allocation of a system leader begins",
    "allocation-ends": "an allocation of a system leader ends",
    "override-begins": "an override of who speaks begins",
    "override-ends": "an override of who speaks expires",
    "proposal-begins": "a confirmed category begins",
    "office-begins": "a term of office begins",
    "office-ends": "a term of office ends",
    "school-joins": "the school joins a body",
    "school-leaves": "the school leaves a body",
    "headship-begins": "a headship begins",
    "headship-ends": "a headship ends",
    "head-moves": "a head moves to another school",
    SCHOOL_DAY: "what the school's facts bring on that day",
    CONTINUATION: "what follows for a school that continues another, or closes",
}

CURE = (
    "Look at what it says, put right what is wrong, then try it again (`consortia due retry`); or give it up and say why "
    "(`consortia due discard`)"
)

# Of these the other services hear by the fact alone. Given up, it would stand here and nowhere else.
_OFFICE = (
    "correct or withdraw the term of office (`consortia correction fact` or `withdraw`): that is told, and nothing of it "
    "fails any longer"
)
_PLACE = (
    "correct or withdraw the school's place (`consortia correction place` or `withdraw-place`): that is told, and nothing "
    "of it fails any longer"
)
_HEAD = "have put right what it fails at, then try it again (`consortia due retry`)"
INSTEAD = {
    "office-begins": _OFFICE,
    "office-ends": _OFFICE,
    "school-joins": _PLACE,
    "school-leaves": _PLACE,
    "headship-begins": _HEAD,
    "headship-ends": _HEAD,
    "head-moves": _HEAD,
}


# Somebody else may be at a school or a body when its day comes. Whoever holds it for longer than this holds it for good.
LONGEST_WAIT = timedelta(minutes=10)
HELD_UP = (
    f"Something else in the database has kept it locked for more than {LONGEST_WAIT.total_seconds() / 60:.0f} minutes. Have "
    "whoever runs the service end that, then try it again"
)


def has_waited_too_long(waited: timedelta) -> bool:
    return waited > LONGEST_WAIT


class MustBeTold(Refusal):
    def __init__(self, kind: str):
        super().__init__(
            f"That {words_of(kind)} can't be given up: it stands here, and the other services would never hear of it. If it "
            f"is right, try it again (`consortia due retry`); else {INSTEAD[kind]}"
        )


def must_not_be_needed_elsewhere(kind: str, concerns: Sequence[str]) -> None:
    """Raises MustBeTold. What names no school and no body that anybody knows is needed by nobody."""
    if kind in INSTEAD and concerns:
        raise MustBeTold(kind)


def cure_of(kind: str) -> str:
    if kind not in INSTEAD:
        return CURE
    return f"Look at what it says. If it is right, try it again (`consortia due retry`); else {INSTEAD[kind]}"


def words_of(kind: str) -> str:
    return WORDS.get(kind, kind)
