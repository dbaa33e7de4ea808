"""The facts of each school as the plain model of tests/bitemporal takes them: read from the registers' and Ofsted's files and
from the demo's documents. Nothing here reads what the service keeps, and nothing of its code is imported.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from infra.demo import bodies as invented
from infra.demo.outcomes import published
from infra.demo.registers import GIAS, GROUP_LINKS, LINKS, MAINTAINED_NAMES, OFSTED, day, rows
from tests.bitemporal import model
from tests.bitemporal.model import Fact
from tests.bitemporal.reading import TYPES
from tests.replay import past

ALWAYS, A_DAY = date.min, timedelta(days=1)
REGISTER, TRUSTS, LISTED = date(2024, 6, 17), date(2022, 7, 18), date(2025, 8, 31)
POLICIES = {"937": "warwickshire", "801": "bristol"}


# -- which school continues which ------------------------------------------------------------------


@cache
def linked() -> dict[tuple[str, str], tuple[bool, date | None]]:
    """The school and the one that it continues, by the register's links, whether they were merged, and the day of the link:
    that which stands at the school that continues, where both have one.
    """
    found: dict[tuple[str, str], tuple[bool, date | None]] = {}
    for row in sorted(rows(LINKS), key=lambda row: row["LinkType"].startswith("Predecessor")):
        kind = row["LinkType"]
        if kind.startswith(("Predecessor", "Successor")):
            urns = (row["URN"], row["LinkURN"])
            pair = urns if kind.startswith("Predecessor") else urns[::-1]
            merged, stated = found.get(pair, (False, None))
            found[pair] = merged or " - " in kind, day(row["LinkEstablishedDate"]) or stated
    return found


@cache
def listed() -> dict[tuple[str, str], date]:
    """Pairs that no link has: an outcome of the one is listed with the other, known from its publication."""
    found: dict[tuple[str, str], date] = {}
    for on, outcomes in published():
        for each in outcomes:
            pair = (each["urn"], each["urn_at_time"])
            if pair[0] != pair[1] and pair not in linked():
                found.setdefault(pair, on)
    return found


@cache
def behind(urn: str) -> frozenset[str]:
    """Every school that stands before this one, however far back."""
    reached = [urn]
    for each in reached:
        reached += sorted({before for after, before in _pairs() if after == each} - set(reached))
    return frozenset(reached[1:])


@cache
def _pairs() -> frozenset[tuple[str, str]]:
    return frozenset([*linked(), *listed()])


# -- the facts of one school -----------------------------------------------------------------------


@cache
def register() -> dict[str, model.School]:
    """Every school of the files, with the days on which it opened and closed."""
    gias, ofsted = ({row["URN"]: row for row in rows(path)} for path in (GIAS, OFSTED))
    opened = {
        urn: day(gias.get(urn, {}).get("OpenDate", "")) or day(ofsted.get(urn, {}).get("School open date", ""))
        for urn in gias | ofsted
    }
    found = {}
    for urn in gias | ofsted:
        row, also = gias.get(urn, {}), ofsted.get(urn, {})
        code = row.get("TypeOfEstablishment (code)", "").lstrip("0") or past.edition().get(urn, {}).get("type", "")
        status = (
            "open"
            if urn in ofsted
            else {"C": "closed", "P": "proposed"}.get(row["EstablishmentStatus (name)"][0], "open")
        )
        found[urn] = model.School(
            ALWAYS,
            urn,
            row.get("LA (code)") or also["LAESTAB"][:3],
            code or _code(also.get("Type of education", "")),
            opened[urn],
            None if urn in ofsted else _closed(urn, row, [o for u, o in opened.items() if (u, urn) in linked() and o]),
            status,
        )
    return found


def _code(name: str) -> str:
    if not name:
        return ""
    return "1" if name in MAINTAINED_NAMES else "34" if "Converter" in name else "28"


def _closed(urn: str, row: dict[str, str], continued: Sequence[date]) -> date | None:
    """The day after the one that the register gives. Where it gives none, the day on which another school went on with it."""
    if row["EstablishmentStatus (name)"] == "Closed":
        if closes := day(row["CloseDate"]):
            return closes + A_DAY
        between = [on for on in continued if past.BEGIN < on <= REGISTER]
        return min([*between, REGISTER]) if urn in past.edition() else None
    return min([on for on in continued if on > REGISTER], default=None)


def closes_by_listing(urn: str) -> date | None:
    """Of a school that the register still has as open the day on which the one opened with which its outcomes are listed."""
    school = register()[urn]
    after = [register()[later].opened for later, before in listed() if before == urn]
    return min((on for on in after if on and on > REGISTER and school.closed is None), default=None)


def _trusts(urn: str) -> Iterator[model.InTrust]:
    """What the three files say of its trust; of a school that is no academy the register's main file says nothing."""
    for row in _by_urn(GROUP_LINKS).get(urn, ()):
        if (
            row["Group Type"].lower() in {"multi-academy trust", "single-academy trust"}
            and row["Group Status"] != "Closed"
        ):
            yield model.InTrust(ALWAYS, urn, row["Group UID"], TRUSTS, day(row["Joined date"]), 2)
    for row in _by_urn(GIAS).get(urn, ()):
        if (
            TYPES[row["TypeOfEstablishment (code)"].lstrip("0")] in ("converter", "new academy")
            and row["Trusts (code)"]
        ):
            yield model.InTrust(ALWAYS, urn, row["Trusts (code)"], REGISTER, None, 3)
    for row in _by_urn(OFSTED).get(urn, ()):
        if row["Multi-academy trust UID"]:
            yield model.InTrust(ALWAYS, urn, row["Multi-academy trust UID"], LISTED, None, 1)


@cache
def _by_urn(path: Any) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(path):
        found[row["URN"]].append(row)
    return found


@cache
def _outcomes() -> dict[str, list[model.Outcome]]:
    """By the school that was inspected."""
    found: dict[str, list[model.Outcome]] = defaultdict(list)
    for on, outcomes in published():
        for each in outcomes:
            found[each["urn_at_time"]].append(
                model.Outcome(
                    on,
                    each["urn_at_time"],
                    each["inspection_number"],
                    date.fromisoformat(each["inspection_started_on"]),
                    on,
                    each.get("headline"),
                    each.get("category_of_concern"),
                    each.get("quality_of_education"),
                    each.get("leadership"),
                    each.get("safeguarding_effective"),
                    each["kind"],
                )
            )
    return found


def outcomes_for(urn: str) -> list[model.Outcome]:
    """Its own and those of the schools behind it, in the order in which they are told."""
    found = [each for of in (urn, *behind(urn)) for each in _outcomes().get(of, ())]
    return sorted(found, key=lambda each: (each.published, each.started, each.number))


def facts_of(urn: str) -> list[Fact]:
    """All but the outcomes."""
    here = {urn, *behind(urn)}
    school = register()[urn]
    found: list[Fact] = [register()[each] for each in sorted(here) if each in register()]
    found += [
        model.Policy(ALWAYS, authority, "routing", name, ALWAYS)
        for authority, name in POLICIES.items()
        if authority == school.authority
    ]
    found += [model.Continues(ALWAYS, *pair, *says) for pair, says in linked().items() if pair[0] in here]
    found += [model.Continues(on, *pair) for pair, on in listed().items() if pair[0] in here]
    trusts = list(_trusts(urn))
    found += trusts
    document = past.taken_on(school.authority) if school.authority in POLICIES else {}
    places = list(_places(urn, school))
    found += places
    named = {each.body for each in places}
    found += [
        model.Term(ALWAYS, each["term_id"], past.BEGIN, None, each["body_id"], each["post"], each["person_id"])
        for each in document.get("offices", ())
        if each["body_id"] in named
    ]
    found += [
        model.Contact(
            ALWAYS,
            f"{each['trust_id']}/{each['post']}",
            past.BEGIN,
            None,
            each["trust_id"],
            each["post"],
            each["person_id"],
        )
        for each in document.get("trust_contacts", ())
        if each["trust_id"] in {trust.trust for trust in trusts}
    ]
    return found


def _places(urn: str, school: model.School) -> Iterator[model.Member]:
    """Where the demo puts the school, or the one that continues it; from its opening day, or the first of all."""
    place = past.place_of(urn)
    for body in invented.bodies_of(place.urn) if place is not None else ():
        start = max(school.opened or past.BEGIN, past.BEGIN)
        lead = invented.lead_body(place) is body if place else False
        yield model.Member(ALWAYS, f"{body.id}/{urn}", start, school.closed, str(body.id), urn, lead)
