"""Who must speak for each school at the end, by the plain model of tests/bitemporal from the facts that membership has (I12).

The model reads the list of facts; nothing that the service computed is asked, but for the trust of a school, which it
folds from the editions of registers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.bitemporal.facts import (
    Allocation,
    Contact,
    Continues,
    Entry,
    Fact,
    Headship,
    Member,
    Outcome,
    Override,
    Policy,
    School,
    Term,
)
from tests.bitemporal.model import MATTERS, Known
from tests.faults.reads import Sql

START = date.min
Speaks = tuple[str, str, str, str]  # role, body, trust and person
Facts = dict[str, list[Fact]]  # by school, body or trust
MISSING: Speaks = ("a school that is not there", "", "", "")


class AsStored(Known):
    """One school's facts; its trust as the service has it."""

    def __init__(self, facts: Iterable[Fact], trust: str | None):
        super().__init__(facts)
        self._its_trust = trust

    def trust(self, urn: str, on: date) -> str | None:
        return self._its_trust


async def must_speak(sql: Sql, register: Mapping[str, Any]) -> dict[tuple[str, str], Speaks]:
    """By school and matter, for every school that has somebody. ``register``: what the files of the run named must be there."""
    today = (await sql("membership", "select today from clock"))[0]["today"]
    schools = {row["urn"]: _school(row) for row in await sql("membership", _SCHOOLS)}
    missing = {urn for urn, each in register.items() if each.open_on(today)} - set(schools)
    found = {(urn, matter): MISSING for urn in missing for matter in MATTERS}
    mine = await _of_schools(sql)
    of_bodies = await _of_bodies(sql)
    contacts = await _contacts(sql)
    policies = await _policies(sql)
    trusts = {row["urn"]: row["trust_id"] for row in await sql("membership", _TRUSTS)}
    for urn, school in schools.items():
        trust = trusts.get(urn)
        facts: list[Fact] = [school, *policies[school.authority], *mine[urn], *contacts.get(trust or "", ())]
        for body in {each.body for each in mine[urn] if isinstance(each, Member)}:
            facts += of_bodies.get(body, ())
        for before in _before(urn, mine):
            facts += [each for each in mine[before] if isinstance(each, (Outcome, Continues))]
            facts += [schools[before]] if before in schools else []
        known = AsStored(facts, trust)
        for matter in MATTERS:
            who = known.speaker(urn, matter, today)
            if who is not None:
                found[urn, matter] = (who.role, who.body or "", who.trust or "", who.person or "")
    return found


def _before(urn: str, facts: Facts) -> set[str]:
    found: set[str] = set()
    left = [urn]
    while left:
        of = left.pop()
        new = {each.predecessor for each in facts[of] if isinstance(each, Continues)} - found - {urn}
        found |= new
        left += new
    return found


_SCHOOLS = "select urn, authority, type_code, status, opened_on, closed_on from school"
_TRUSTS = "select urn, trust_id from school_in_trust where during @> (select today from clock)"


def _school(row: Any) -> School:
    return School(
        START, row["urn"], row["authority"], row["type_code"], row["opened_on"], row["closed_on"], row["status"]
    )


async def _of_schools(sql: Sql) -> Facts:
    found: Facts = defaultdict(list)
    for row in await sql(
        "membership",
        """
        select urn, inspection_number, kind, inspection_started_on, published_on, headline, category_of_concern,
            quality_of_education, leadership, safeguarding_effective, source_as_at, recorded_at
        from outcome order by version, recorded_at
        """,
    ):
        found[row["urn"]].append(
            Outcome(
                row["recorded_at"].date(), row["urn"], row["inspection_number"], row["inspection_started_on"], row["published_on"],
                row["headline"], row["category_of_concern"], row["quality_of_education"], row["leadership"],
                row["safeguarding_effective"], row["kind"], source=row["source_as_at"],
            )
        )  # fmt: skip
    for row in await sql("membership", "select urn, predecessor_urn, merged, from_date from continuity"):
        link = Continues(START, row["urn"], row["predecessor_urn"], row["merged"], row["from_date"])
        found[row["urn"]].append(link)
    for row in await sql(
        "membership",
        """
        select entry_id, urn, category, from_date,
            (select lifted_on from la_lift where la_lift.entry_id = la_entry.entry_id order by lift_id desc limit 1) as until
        from la_entry order by recorded_at, entry_id
        """,
    ):
        found[row["urn"]].append(
            Entry(START, str(row["entry_id"]), row["from_date"], row["until"], row["urn"], row["category"])
        )
    for row in await sql(
        "membership", "select body_id, urn, lower(during) as since, upper(during) as until, lead from membership"
    ):
        body = str(row["body_id"])
        found[row["urn"]].append(
            Member(START, f"{body} {row['since']}", row["since"], row["until"], body, row["urn"], row["lead"])
        )
    for table, kind in (("allocation", Allocation), ("headship", Headship)):
        for row in await sql(
            "membership", f"select urn, person_id, lower(during) as since, upper(during) as until from {table}"
        ):
            urn, person = row["urn"], str(row["person_id"])
            found[urn].append(kind(START, f"{table} {person} {row['since']}", row["since"], row["until"], urn, person))
    for row in await sql(
        "membership",
        "select override_id, urn, matter, person_id, lower(during) as since, upper(during) as until from routing_override",
    ):
        person = str(row["person_id"]) if row["person_id"] else None
        found[row["urn"]].append(
            Override(START, str(row["override_id"]), row["since"], row["until"], row["urn"], row["matter"], person)
        )
    return found


async def _of_bodies(sql: Sql) -> Facts:
    found: Facts = defaultdict(list)
    for row in await sql(
        "membership",
        "select term_id, body_id, post, person_id, lower(during) as since, upper(during) as until from term",
    ):
        body = str(row["body_id"])
        found[body].append(
            Term(START, str(row["term_id"]), row["since"], row["until"], body, row["post"], str(row["person_id"]))
        )
    return found


async def _contacts(sql: Sql) -> Facts:
    found: Facts = defaultdict(list)
    for row in await sql(
        "membership",
        "select trust_id, post, person_id, lower(during) as since, upper(during) as until from trust_contact",
    ):
        trust, person = row["trust_id"], str(row["person_id"])
        found[trust].append(
            Contact(
                START, f"{trust} {row['post']} {row['since']}", row["since"], row["until"], trust, row["post"], person
            )
        )
    return found


async def _policies(sql: Sql) -> defaultdict[str, list[Fact]]:
    """Those in force today: no other day is asked about."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for row in await sql(
        "membership",
        "select authority, kind, name, inherit from policy where during @> (select today from clock)",
    ):
        found[row["authority"]].append(
            Policy(START, row["authority"], row["kind"], row["name"], START, row["inherit"] or "converters")
        )
    return found
