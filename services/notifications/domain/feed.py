"""What the regional office reads (N-05): published outcomes, and what follows from them by public facts alone.

An entry is built from the outcome's own event, which carries the public categories and roles computed as if no
restricted entry existed. Nothing else reaches this file, so that nothing restricted can reach an entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# Everything published earlier is take-on: state and history, of which nobody is told (D3.10).
FEED_BEGINS = date(2023, 9, 1)

OUTCOME_PUBLISHED, OUTCOME_WITHDRAWN = "outcome-published", "outcome-withdrawn"

COUNCIL_DESK = "improvement-desk"
TRUST = "trust"

ROLE_NAMES = {
    "chair": "chair",
    "deputy": "deputy chair",
    "system-leader": "system leader",
    "trust-chief-executive": "trust chief executive",
    "school-improvement-partner": "school improvement partner",
    "trust": "the school's trust",
    "improvement-desk": "the council's school improvement desk",
    "duty-desk": "the council's duty desk",
}


@dataclass(frozen=True)
class PublicOutcome:
    """The public part of a published outcome."""

    urn: str
    school_name: str
    authority: str
    region: str
    inspection_number: str
    kind: str
    inspection_started_on: date
    published_on: date
    headline: int | None
    category_of_concern: str | None
    quality_of_education: int | None
    leadership: int | None
    safeguarding_effective: bool | None
    inherited_from_urn: str | None
    report_link: str | None
    role_before: str | None
    role_after: str | None
    report_card: dict[str, str] | None = None
    corrects: bool = False  # the inspection was told of before, with another outcome or date


@dataclass(frozen=True)
class PublicWithdrawal:
    """An outcome that was told of a school counts no more."""

    urn: str
    school_name: str
    authority: str
    region: str
    inspection_number: str
    kind: str
    published_on: date
    why: str
    role_before: str | None
    role_after: str | None


Public = PublicOutcome | PublicWithdrawal


@dataclass(frozen=True)
class Entry:
    """An entry of the feed before it has its number."""

    kind: str
    region: str
    authority: str
    urn: str
    data: dict[str, object]


def region_slug(region: str) -> str:
    """The region as it stands in an address: "West Midlands" is west-midlands."""
    return "-".join(region.lower().split())


def role_name(role: str) -> str:
    return ROLE_NAMES.get(role, role.replace("-", " "))


def entry_for(fact: Public, sector: str | None, earlier: Sequence[int] = ()) -> Entry | None:
    """The entry that tells of this; ``earlier``: the numbers of entries that told of the same inspection.

    None for what was published before the feed began, and for the withdrawal of what was never told.
    """
    if isinstance(fact, PublicOutcome):
        return _published(fact, sector, earlier)
    return _withdrawn(fact, earlier) if earlier else None


def _withdrawn(gone: PublicWithdrawal, earlier: Sequence[int]) -> Entry:
    """Takes back earlier entries by their numbers, which stay where they are."""
    data: dict[str, object] = {
        "authority": gone.authority,
        "region": gone.region,
        "urn": gone.urn,
        "school_name": gone.school_name,
        "inspection_number": gone.inspection_number,
        "inspection_kind": gone.kind,
        "published_on": gone.published_on.isoformat(),
        "why": gone.why,
        "withdraws": sorted(earlier),
        "change_of_speaker": change_of_speaker(gone),
    }
    return Entry(OUTCOME_WITHDRAWN, gone.region, gone.authority, gone.urn, data)


def _published(outcome: PublicOutcome, sector: str | None, earlier: Sequence[int]) -> Entry | None:
    """The entry that tells of this outcome; none for what was published before the feed began.

    `sector` is the register's, maintained or academy. Whom to ring about a maintained school is the council's desk,
    for every one alike, so that the answer says nothing about its standing.
    """
    if outcome.published_on < FEED_BEGINS:
        return None
    data: dict[str, object] = {
        "authority": outcome.authority,
        "region": outcome.region,
        "urn": outcome.urn,
        "school_name": outcome.school_name,
        "inspection_number": outcome.inspection_number,
        "inspection_kind": outcome.kind,
        "inspection_started_on": outcome.inspection_started_on.isoformat(),
        "published_on": outcome.published_on.isoformat(),
        "headline": outcome.headline,
        "category_of_concern": outcome.category_of_concern,
        "quality_of_education": outcome.quality_of_education,
        "leadership": outcome.leadership,
        "safeguarding_effective": outcome.safeguarding_effective,
        "report_card": outcome.report_card,
        "inherited_from_urn": outcome.inherited_from_urn,
        "report_link": outcome.report_link,
        "whom_to_ring": TRUST if sector == "academy" else COUNCIL_DESK,
        "change_of_speaker": change_of_speaker(outcome),
        "corrects": sorted(earlier) if outcome.corrects else [],
    }
    return Entry(OUTCOME_PUBLISHED, outcome.region, outcome.authority, outcome.urn, data)


def change_of_speaker(fact: Public) -> dict[str, str] | None:
    """Who speaks by public facts before and after the report, as roles; never who holds them, or whether anybody does."""
    before, after = fact.role_before, fact.role_after
    if before is None or after is None or before == after:
        return None
    published = f"{fact.published_on.day} {fact.published_on:%B %Y}"
    because = "of the report" if isinstance(fact, PublicOutcome) else "of the withdrawal of the report"
    sentence = f"from {role_name(before)} to {role_name(after)}, because {because} published on {published}"
    return {"from_role": before, "to_role": after, "sentence": sentence}


def in_words(highest: int, count: int) -> str:
    """The proof of completeness as a sentence that a person can read beside the entries."""
    if highest == 0:
        return "no entries yet"
    if count == highest:
        return f"entries 1 to {highest}, none missing"
    return f"entries 1 to {highest}, {highest - count} missing"
