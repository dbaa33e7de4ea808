"""Which policy applies follows from all that was adopted, but for what was withdrawn (R0.1, R0.3, R0.4)."""

from datetime import date

import pytest

from services.membership.domain.adopted import (
    Adoption,
    StandsNoLonger,
    UnknownPolicyVersion,
    standing_version,
    timeline,
)

MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)
FIRST = Adoption(1)


def applies(*adopted: Adoption, withdrawn: frozenset[int] = frozenset()) -> list[tuple[int, date | None, date | None]]:
    return [(each.version, each.from_date, until) for each, until in timeline(adopted, withdrawn)]


def test_what_is_adopted_applies_from_its_day_on_instead_of_all_that_was_planned() -> None:
    planned, sooner = Adoption(2, MAY), Adoption(3, MARCH)
    assert applies(FIRST, planned) == [(1, None, MAY), (2, MAY, None)]
    assert applies(FIRST, planned, sooner) == [(1, None, MARCH), (3, MARCH, None)]
    assert applies(FIRST, sooner, Adoption(4, MARCH)) == [(1, None, MARCH), (4, MARCH, None)]


def test_what_is_withdrawn_never_was_and_what_it_took_back_is_planned_again() -> None:
    adopted = (FIRST, Adoption(2, MAY), Adoption(3, MARCH))
    assert applies(*adopted, withdrawn=frozenset({3})) == [(1, None, MAY), (2, MAY, None)]
    assert applies(*adopted, withdrawn=frozenset({2, 3})) == [(1, None, None)]


def test_what_stands_in_place_of_another_counts_as_adopted_when_that_was() -> None:
    adopted = (FIRST, Adoption(2, MARCH), Adoption(3, APRIL))
    assert applies(*adopted, Adoption(4, MAY, in_place_of=2)) == [(1, None, APRIL), (3, APRIL, None)]
    assert applies(*adopted, Adoption(4, None, in_place_of=1)) == [
        (4, None, MARCH), (2, MARCH, APRIL), (3, APRIL, None),
    ]  # fmt: skip
    again = Adoption(5, MARCH, in_place_of=4)
    assert applies(FIRST, Adoption(2, APRIL), Adoption(4, MAY, in_place_of=2), again) == [
        (1, None, MARCH), (5, MARCH, None),
    ]  # fmt: skip


def test_only_a_version_that_counts_is_corrected_or_withdrawn() -> None:
    adopted = (FIRST, Adoption(2, MARCH), Adoption(3, MARCH, in_place_of=2))
    assert standing_version(adopted, frozenset(), "routing", 3).in_place_of == 2
    with pytest.raises(StandsNoLonger, match="version 3 stands in its place"):
        standing_version(adopted, frozenset(), "routing", 2)
    with pytest.raises(StandsNoLonger, match="it was withdrawn"):
        standing_version(adopted, frozenset({3}), "routing", 3)
    with pytest.raises(UnknownPolicyVersion, match="No routing policy was adopted as version 9"):
        standing_version(adopted, frozenset(), "routing", 9)
