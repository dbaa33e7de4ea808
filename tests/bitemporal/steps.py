"""Out of what hypothesis makes a step: names, days from today, spans; and what every step does."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.bitemporal.facts import Fact
from tests.bitemporal.officers import Officers
from tests.bitemporal.world import BODIES, PEOPLE, SCHOOLS, World

schools = st.sampled_from(SCHOOLS)
people = st.sampled_from(PEOPLE)
near = st.integers(-6, 5)  # days from today
late = st.integers(0, 8)
spans = st.none() | st.integers(1, 6)
ends = st.none() | st.integers(0, 6)  # as it was; none; or after so many days
any_of_them = st.integers(0, 30)
kinds = st.sampled_from(["graded", "graded", "graded", "ungraded"])
inherits = st.sampled_from(["converters", "always", "never"])
bodies = st.sampled_from(list(BODIES))
posts = st.sampled_from(["chair", "deputy", "acting-chair"])
any_grades = st.fixed_dictionaries(
    {},
    optional={
        "headline": st.integers(1, 4),
        "concern": st.sampled_from(["SM", "RSI"]),
        "quality": st.integers(1, 4),
        "leadership": st.integers(1, 4),
        "safe": st.booleans(),
    },
)
# From November 2025 on: a grade for each evaluation area, and safeguarding met or not met.
AREAS = ("achievement", "early-years", "inclusion", "leadership-and-governance")
CARD_GRADES = ("exceptional", "strong standard", "expected standard", "needs attention", "urgent improvement")
report_cards = st.fixed_dictionaries(
    {
        "card": st.dictionaries(st.sampled_from(AREAS), st.sampled_from(CARD_GRADES), min_size=1).map(
            lambda card: tuple(sorted(card.items()))
        )
    },
    optional={"safe": st.booleans()},
)
grades = any_grades | report_cards


class Steps:
    world: World
    acts: Officers

    def check(self) -> None:
        """Whatever is to be told now is told, and today's answers are those of the model."""
        raise NotImplementedError

    def days_go_by(self, days: int) -> None:
        self.acts.clock(days)
        self.check()

    def days_until(self, number: int) -> int:
        """From today until that day of the world."""
        return number - int(self.world.date(self.world.today))


def there_is(*kinds: type[Fact]) -> Callable[[Any], Any]:
    """Nobody corrects or ends what isn't there."""
    return precondition(lambda self: any(self.world.knows().all(kind) for kind in kinds))
