"""What others hear of a school, and of which class each event is: who may know of it (R0.8)."""

from datetime import date
from typing import NamedTuple

from tests.bitemporal.model import MATTERS, Known, Who

PUBLIC, INTERNAL, RESTRICTED = "public", "internal", "restricted"
# By the table in services/membership/README.md; of who speaks and of the category in force each event has its own.
CLASSES = {
    "school.recorded": PUBLIC,
    "body.recorded": PUBLIC,
    "school.joined-body": PUBLIC,
    "school.left-body": PUBLIC,
    "outcome.published": PUBLIC,
    "outcome.withdrawn": PUBLIC,
    "office.taken-up": INTERNAL,
    "office.ended": INTERNAL,
    "office.corrected": INTERNAL,
    "office-holder.moved-school": INTERNAL,
    "headship.began": INTERNAL,
    "headship.ended": INTERNAL,
    "category.proposed": RESTRICTED,
    "category-as-told.changed": RESTRICTED,
    "la-category.review-due": RESTRICTED,
    "la-category.set": RESTRICTED,
    "la-category.lifted": RESTRICTED,
    "allocation.made": RESTRICTED,
    "allocation.ended": RESTRICTED,
    "allocation.corrected": RESTRICTED,
    "history.corrected": RESTRICTED,
    "school.told": RESTRICTED,
    "inspection-call.asked": RESTRICTED,
    "inspection-call.accepted": RESTRICTED,
    "inspection-call.closed": RESTRICTED,
}


class Answer(NamedTuple):
    """What is so of a school on a day, as far as others hear of it.

    ``public``: published outcomes give this category. ``apart``: who speaks, or for which category, shows what the
    council does inside.
    """

    category: int | None
    public: bool
    speak: tuple[Who | None, ...]
    open: bool
    apart: bool

    @staticmethod
    def of(known: Known, urn: str, on: date) -> "Answer":
        category = known.category(urn, on)
        public = category.value == known.public_category(urn, on).value and not category.restricted
        speak = tuple(known.speaker(urn, matter, on) for matter in MATTERS)
        apart = not public or any(known.shows_an_act_inside(urn, matter, on) for matter in MATTERS)
        return Answer(category.value, public, speak, known.open(urn, on), apart)

    def after(self, last: "Answer") -> "Answer":
        """Of a school that is closed, or not open yet, no category is told: what was told last stays."""
        return self if self.open else self._replace(category=last.category, public=last.public)

    def category_class(self, last: "Answer", *, told: bool) -> str:
        """Whether everybody may know that this category follows that one: not where either is the council's own."""
        return PUBLIC if told and self.public and last.public else RESTRICTED

    def speakers_class(self, last: "Answer", *, told: bool) -> str:
        return INTERNAL if told and not self.apart and not last.apart else RESTRICTED
