"""What a day was to bring and could not be done: in which words, and what would cure it (D3.10).

Its school, or its body, stands as it did the day before; nothing of a later day is done for it meanwhile.
"""

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


def words_of(kind: str) -> str:
    return WORDS.get(kind, kind)
