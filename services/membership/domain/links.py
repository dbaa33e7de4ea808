"""Links of the register between schools: what each kind of link means to us, and which school continues which.

The register says a thing of two schools twice, once at each of them, and not always the same. What is kept of each line
is what the latest file has; from both lines together follows one relation, so that files may come in any order.

A link that a later file no longer has stays. The register tidies: of the seven lines that went out of the two
authorities' files between 2022 and 2025, five belong to schools closed long before (two that became Nuneaton Academy went
when that one closed itself), which is no evidence that they never were. The other two were turned round (145470 and
149728), and a line that says something else of the same two schools does replace the earlier one.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


class Kind(enum.StrEnum):
    """In what way a school continues another."""

    CONTINUES = "continues"
    MERGED = "merged"
    AMALGAMATED = "amalgamated"
    SPLIT = "split"
    LISTED = "listed"  # no link says so: Ofsted lists an outcome of the one with the other


NEW_START = frozenset({Kind.MERGED, Kind.AMALGAMATED, Kind.SPLIT})


class Says(enum.StrEnum):
    """What a line says of the school at whose URN it stands (the first) and the linked one."""

    FOLLOWS = "the first continues the linked school"
    PRECEDES = "the linked school continues the first"
    ONE_OF_THEM = "one continues the other; the line doesn't say which"
    NOTHING = "neither continues the other"


@dataclass(frozen=True)
class LinkType:
    name: str
    says: Says
    kind: Kind | None
    means: str


_ALL = (
    LinkType("Predecessor", Says.FOLLOWS, Kind.CONTINUES, "The school takes the other's place"),
    LinkType("Successor", Says.PRECEDES, Kind.CONTINUES, "The other takes the school's place"),
    LinkType("Predecessor - merged", Says.FOLLOWS, Kind.MERGED, "The school took the other in"),
    LinkType("Successor - merged", Says.PRECEDES, Kind.MERGED, "The other took the school in"),
    LinkType("Predecessor - amalgamated", Says.FOLLOWS, Kind.AMALGAMATED, "The school was made of the other and more"),
    LinkType("Successor - amalgamated", Says.PRECEDES, Kind.AMALGAMATED, "The other was made of the school and more"),
    LinkType(
        "Result of Amalgamation",
        Says.ONE_OF_THEM,
        Kind.AMALGAMATED,
        "Of two schools one was made; most pairs have this at both, so the one that closed is the earlier",
    ),
    LinkType("Predecessor - Split School", Says.FOLLOWS, Kind.SPLIT, "The school is a part of what the other was"),
    LinkType("Successor - Split School", Says.PRECEDES, Kind.SPLIT, "The other is a part of what the school was"),
    LinkType("Merged - change in age range", Says.ONE_OF_THEM, Kind.MERGED, "One took the other's pupils in"),
    LinkType("Merged - expansion of school capacity", Says.ONE_OF_THEM, Kind.MERGED, "One took the other's pupils in"),
    LinkType(
        "Merged - expansion in school capacity and changer in age range",
        Says.ONE_OF_THEM,
        Kind.MERGED,
        "One took the other's pupils in",
    ),
    LinkType("Closure", Says.NOTHING, None, "One of them closed; a closing carries nothing over by itself"),
    LinkType("Expansion", Says.NOTHING, None, "One of them grew; both stay what they are"),
    LinkType("Sixth Form Centre School", Says.NOTHING, None, "A centre names a school that shares it"),
    LinkType("Sixth Form Centre Link", Says.NOTHING, None, "A school names the centre that it shares"),
    LinkType("Other", Says.NOTHING, None, "The register doesn't say what; nothing follows"),
)

LINK_TYPES: Mapping[str, LinkType] = {each.name.lower(): each for each in _ALL}
# A kind that the register brings in later is kept and means nothing until it stands in the table.
UNKNOWN = LinkType("", Says.NOTHING, None, "Not in the table; nothing follows")


@dataclass(frozen=True)
class Link:
    """One line of a file of links."""

    urn: str
    linked_urn: str
    link_type: str
    established_on: date | None
    source: str
    source_as_at: date

    @property
    def type(self) -> LinkType:
        return LINK_TYPES.get(self.link_type.lower(), UNKNOWN)


@dataclass(frozen=True)
class Relation:
    """One school continues another. ``from_date`` is what the link says, which may be nothing or the eve."""

    urn: str
    predecessor_urn: str
    kind: Kind
    from_date: date | None = None
    source: str = ""
    source_as_at: date | None = None

    @property
    def new_start(self) -> bool:
        """Of several schools one, or of one several: no single school is carried on (R0.1, `converters`)."""
        return self.kind in NEW_START


@dataclass(frozen=True)
class Known:
    """What the register says of one of two linked schools."""

    opened_on: date | None
    closed: bool
    closed_on: date | None


def relation(lines: Iterable[Link], known: Mapping[str, Known]) -> Relation | None:
    """Which of two schools continues the other, by all lines about the two; None where no line says so."""
    claims = [(line, _follower(line, known)) for line in _latest(lines)]
    claims = [(line, follower) for line, follower in claims if follower is not None]
    if not claims:
        return None
    latest = max(line.source_as_at for line, _ in claims)
    said = {
        (line.source_as_at, line.type.says is not Says.ONE_OF_THEM, line.type.says is Says.FOLLOWS, follower or "")
        for line, follower in claims
    }
    follower = max(said)[3]
    agreeing = sorted(
        (line for line, found in claims if found == follower),
        key=lambda line: (line.type.kind in NEW_START, line.type.kind or "", line.type.says is Says.FOLLOWS),
    )
    best = agreeing[-1]
    assert best.type.kind is not None
    # At the school that follows stands the day on which it began, at the other one the day on which that ended.
    dated = sorted(
        (line for line in agreeing if line.established_on is not None),
        key=lambda line: (line.urn == follower, line.established_on),
    )
    return Relation(
        urn=follower,
        predecessor_urn=best.linked_urn if best.urn == follower else best.urn,
        kind=best.type.kind,
        from_date=dated[-1].established_on if dated else None,
        source=best.source,
        source_as_at=latest,
    )


def begins(stated: date | None, opened_on: date | None) -> date | None:
    """The day from which a school continues another: its own opening day, or later, when it took another one in.

    A link may carry the day that was planned, or the other's last day. None: neither is known, so nothing follows yet.
    """
    return stated if opened_on is None or took_in(stated, opened_on) else opened_on


def took_in(stated: date | None, opened_on: date | None) -> bool:
    """Whether the school had long existed when it took the other one in; else it took its place when it opened."""
    return stated is not None and opened_on is not None and (stated - opened_on).days > 31


def as_table() -> str:
    """The lines of docs/continuity.md."""
    lines = ["| link | what it says | kind | what it means to us |", "|---|---|---|---|"]
    lines += [f"| {each.name} | {each.says.value} | {each.kind or '–'} | {each.means} |" for each in _ALL]
    return "\n".join(lines)


def _latest(lines: Iterable[Link]) -> Sequence[Link]:
    """Of lines that stand at one school about the other, those of the latest file."""
    found = list(lines)
    last: dict[str, date] = {}
    for line in found:
        last[line.urn] = max(line.source_as_at, last.get(line.urn, date.min))
    return [line for line in found if line.source_as_at == last[line.urn]]


def _follower(line: Link, known: Mapping[str, Known]) -> str | None:
    says = line.type.says
    if says is Says.NOTHING:
        return None
    if says is Says.FOLLOWS:
        return line.urn
    if says is Says.PRECEDES:
        return line.linked_urn
    if not any(urn in known and known[urn].closed for urn in (line.urn, line.linked_urn)):
        return None  # of two open schools neither has taken the other's place
    return max((line.urn, line.linked_urn), key=lambda urn: _lasts(urn, known.get(urn)))


def _lasts(urn: str, school: Known | None) -> tuple[bool, date, str]:
    """Which of two lasts longer: the one that is open, else the one that closed later, at last the one listed later."""
    if school is None or not school.closed:
        return (True, date.max, urn)
    return (False, school.closed_on or date.min, urn)
