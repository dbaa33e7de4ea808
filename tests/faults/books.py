"""Money: looked at often enough, in every snapshot right, and at the end what days in the chair give, to the penny (I5)."""

from collections.abc import Iterator

from tests.faults.final import Final
from tests.faults.history import OK, History

SELDOM = 20.0  # seconds between two looks, on the average of a run: databases are away for a part of it


def findings(history: History, final: Final) -> Iterator[str]:
    looks = [each for each in history.seen if each.what == "money"]
    asked = [each.began for each in history.operations]
    lasted = max(asked, default=0.0) - min(asked, default=0.0)
    if len(looks) < max(1, lasted / SELDOM):
        yield f"the books were looked at {len(looks)} times in {lasted:.0f} s"
    for when, found in [*((f"at {each.at:.1f}", each.found) for each in looks), ("at the end", final.money)]:
        for name, words in (
            ("of_all", "pence more than nothing in all"),
            ("unequal", "entries that do not sum to nothing"),
            ("below_zero", "accounts on the wrong side of nothing"),
        ):
            if found.get(name):
                yield f"{when}: {found[name]} {words}"
    if not final.money.get("postings"):
        yield "there is no posting, so no book was looked at"
    later = [each for each in history.of("chair") if each.outcome == OK and looks and each.began > looks[0].at]
    if later and final.money.get("postings", 0) <= looks[0].found["postings"]:
        yield f"{len(later)} changes of chair moved no money"
    yield from _awards(final)


def _awards(final: Final) -> Iterator[str]:
    for award in final.awards:
        name = f"the award of {award.body} for {award.year_from.year}"
        days = {urn: n for urn, n in award.days.items() if n}
        should = final.in_the_chair.get((award.body, award.year_from), {})
        if days != should:
            yield f"{name} is divided by {_in_words(days)}, and in the chair were {_in_words(should)}"
        if sum(award.parts.values()) != award.pence:
            yield f"the parts of {name} make {sum(award.parts.values())} pence, not {award.pence}"
        whole = (award.until - award.year_from).days
        for urn, pence in award.parts.items():
            if abs(pence * whole - award.pence * award.days.get(urn, 0)) >= whole:
                yield f"{name}: {pence} pence for {award.days.get(urn, 0)} days"
        stand = {urn: pence for (of, urn), pence in final.ledger.items() if of == award.award}
        if stand != {urn: pence for urn, pence in award.parts.items() if pence}:
            yield f"{name} stands in the ledger with {_in_words(stand)}, and is {_in_words(dict(award.parts))}"
    have = {(award.body, award.year_from) for award in final.awards}
    for (body, year_from), days in final.in_the_chair.items():
        if (body, year_from) not in have and any(days.get(urn) for urn in days if urn):
            yield f"{body} has a chair and no award for {year_from.year}"


def _in_words(parts: dict[str, int]) -> str:
    return ", ".join(f"{n} of {urn or 'nobody'}" for urn, n in sorted(parts.items())) or "nothing"
