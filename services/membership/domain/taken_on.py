"""What a part of a take-on says again of something that is known: as it was entered, or otherwise."""

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import date
from typing import Protocol, TypeVar

from shared.refusal import Refusal


class Dated(Protocol):
    @property
    def from_date(self) -> date: ...
    @property
    def until(self) -> date | None: ...


Fact = TypeVar("Fact", bound=Dated)


class EnteredOtherwise(Refusal):
    def __init__(self, what: str, known: Dated, cure: str):
        end = f"until {known.until:%-d %B %Y}" if known.until else "with no end"
        super().__init__(
            f"{what} is known already, from {known.from_date:%-d %B %Y} {end}, and this says something else of it. A take-on "
            f"changes nothing that is known: {cure}. Nothing was taken on."
        )


def new_among(
    given: Iterable[Fact],
    present: Iterable[Fact],
    replaced: Collection[Fact],
    corrected: Callable[[Fact], bool],
    *,
    key: Callable[[Fact], Hashable],
    words: Callable[[Fact], str],
    cure: str,
) -> list[Fact]:
    """Those that are not known yet. Sent again as it was entered, whatever was corrected or ended since changes nothing.

    ``replaced``: as they had been entered before. ``corrected``: whether it stands as something else now, with another first
    day or person; one that was withdrawn may be entered again. Raises EnteredOtherwise for one that is known with other
    days or another person: dropped in silence it would look as if it had been taken.
    """
    known = {key(each): each for each in present}
    new = []
    for each in given:
        there = known.get(key(each))
        if there is None:
            if not corrected(each):
                new.append(each)
        elif each != there and each not in replaced:
            raise EnteredOtherwise(words(each), there, cure)
    return new
