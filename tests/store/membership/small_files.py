"""Small files of the registers, drawn anew for each example: a dozen invented schools, as several files have them.

Three editions of the register, two files of links and two of Ofsted's differ in what was put right between them: a closing that
was called off, a line of links turned round, an outcome that is listed no more. No two files of one kind are of one day: of
one edition whatever was sent last counts, by intent.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from services.membership.registers import ofsted
from services.membership.registers.reading import Layout

Row = dict[str, str]

TODAY = date(2025, 10, 1)
EDITIONS = (date(2023, 11, 1), date(2024, 6, 17), date(2025, 3, 3))
LINKED = (date(2024, 7, 17), date(2025, 4, 22))
INSPECTED = (date(2024, 6, 17), date(2025, 8, 31))  # the first on the day of an edition
TRUSTS = (date(2024, 2, 1), date(2025, 3, 3))

OLD = [str(urn) for urn in range(100001, 100008)]
NEW = [str(urn) for urn in range(140001, 140006)]  # they opened between the editions, and may continue old ones
PAIRS = [(NEW[0], OLD[0]), (NEW[1], OLD[1]), (NEW[2], OLD[2]), (NEW[2], OLD[3]), (NEW[3], OLD[4]), (NEW[4], NEW[3])]
CONTINUED = {before for _, before in PAIRS if before in OLD}
OPENED = {**dict.fromkeys(OLD, "01-09-2001"), **dict.fromkeys(NEW[:4], "01-09-2024"), NEW[4]: "01-01-2025"}


@dataclass(frozen=True)
class File:
    kind: str
    name: str
    as_at: date
    rows: tuple[Row, ...]

    @property
    def content(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.rows[0])
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()

    def told(self) -> str:
        """For whoever reads a failing example: only what isn't blank."""
        said = "\n".join(f"  {_not_blank(row)}" for row in self.rows)
        return f"{self.name} of {self.as_at}:\n{said}"


def _not_blank(row: Mapping[str, str]) -> str:
    return ", ".join(f"{column}={value}" for column, value in row.items() if value)


# -- the register --

OPEN, CLOSED, TO_CLOSE, TO_OPEN = "Open", "Closed", "Open, but proposed to close", "Proposed to open"
STATUS, OPENS, CLOSES, TYPE, LA, NAME = (
    "EstablishmentStatus (name)",
    "OpenDate",
    "CloseDate",
    "TypeOfEstablishment (code)",
    "LA (code)",
    "EstablishmentName",
)
CORRECTIONS: Sequence[Row | None] = (
    {STATUS: CLOSED, CLOSES: "31-08-2024"},
    {STATUS: CLOSED, CLOSES: "31-12-2023"},
    {STATUS: CLOSED},
    {STATUS: TO_CLOSE, CLOSES: "31-08-2024"},
    {STATUS: TO_CLOSE, CLOSES: "31-12-2025"},
    {STATUS: TO_CLOSE},
    {STATUS: TO_OPEN, OPENS: "01-09-2024"},
    {STATUS: TO_OPEN, OPENS: "01-01-2026"},
    {STATUS: OPEN, OPENS: "01-01-2025"},
    {OPENS: ""},
    {TYPE: "2"},
    {TYPE: "28"},
    {TYPE: "34", "Trusts (code)": "7002", "Trusts (name)": "Alder Trust"},
    {TYPE: ""},
    {LA: "801", "GOR (name)": "South West"},
    {NAME: "Oak", "Postcode": "CV32 1AA"},
    {"Trusts (code)": "7002", "Trusts (name)": "Alder Trust"},
    {"Trusts (code)": "", "Trusts (name)": "", "PhaseOfEducation (name)": ""},
    *(None, None, None, None),  # the edition lacks it
)
SHORT = {
    "urn": "URN",
    "local_authority_code": LA,
    "name": NAME,
    "status": STATUS,
    "phase_of_education": "PhaseOfEducation (name)",
}


def _line(urn: str, edition: int) -> Row | None:
    if urn in NEW and edition == 0:
        return None
    academy = urn in NEW
    return {
        "URN": urn,
        LA: "937",
        "LA (name)": "",
        NAME: f"School {urn}",
        TYPE: "34" if academy else "1",
        STATUS: TO_OPEN if academy and edition == 1 else OPEN,
        OPENS: OPENED[urn],
        CLOSES: "",
        "PhaseOfEducation (name)": "Primary",
        "Postcode": "CV31 1AA",
        "Trusts (code)": "7001" if academy else "",
        "Trusts (name)": "Larch Trust" if academy else "",
        "GOR (name)": "West Midlands",
    }


corrections = st.lists(st.sampled_from(CORRECTIONS), max_size=2)


@st.composite
def _edition(draw: st.DrawFn, number: int) -> File:
    rows = []
    for urn in (*OLD, *NEW):
        row = _line(urn, number)
        if number and urn in CONTINUED and draw(st.booleans()):
            continue  # the register lists it no more, and says nothing of its closing
        for said in draw(corrections) if draw(st.booleans()) else ():
            row = None if row is None or said is None else row | said
        if row is not None:
            rows.append(row)
    rows = rows or [_line(OLD[-1], number) or {}]
    if number == 1 and draw(st.booleans()):
        rows = [{short: row[long] for short, long in SHORT.items()} for row in rows]
        return File("gias", "short register", EDITIONS[number], tuple(rows))
    return File("gias", f"edition {number + 1}", EDITIONS[number], tuple(rows))


# -- links between schools --

KINDS = ("{}", "{}", "{}", "{} - merged", "{} - Split School", "Result of Amalgamation", "Closure")
Linked = tuple[str, str, str, str]  # at which school, about which, what, and since when


@st.composite
def _said_of(draw: st.DrawFn, pair: tuple[str, str]) -> list[Linked]:
    """What stands at either of the two schools, or at both."""
    follower, before = draw(st.sampled_from([pair, pair, pair, pair[::-1]]))
    kind = draw(st.sampled_from(KINDS))
    since = draw(st.sampled_from(["", "", "01-09-2024", "31-08-2024", "01-02-2025"]))
    both = [
        (follower, before, kind.format("Predecessor"), since),
        (before, follower, kind.format("Successor"), ""),
    ]
    return draw(st.sampled_from([both, both[:1], both[1:], []]))


@st.composite
def _links(draw: st.DrawFn) -> list[File]:
    found = []
    first = [draw(_said_of(pair)) for pair in PAIRS]
    later = [said if draw(st.booleans()) else draw(_said_of(pair)) for pair, said in zip(PAIRS, first, strict=True)]
    for number, said in enumerate((first, later)):
        lines = [each for of_pair in said for each in of_pair] or [(OLD[5], OLD[6], "Other", "")]
        rows = tuple(
            {"URN": at, "LinkURN": about, "LinkName": "", "LinkType": kind, "LinkEstablishedDate": since}
            for at, about, kind, since in lines
        )
        found.append(File("school-links", f"links {number + 1}", LINKED[number], rows))
    return found


# -- trusts --


@st.composite
def _trusts(draw: st.DrawFn) -> list[File]:
    group = {"Group Type": "Multi-academy trust", "Group Status": "Open"}
    names = {"7001": "Larch Trust", "7002": "Alder Trust", "7003": "Elm Trust"}
    joined = st.sampled_from(["", "01-09-2022", "01-09-2024", "01-01-2026"])
    lines = draw(
        st.dictionaries(
            st.tuples(st.sampled_from([*NEW, OLD[5]]), st.sampled_from(sorted(names))), joined, min_size=1, max_size=6
        )
    )
    belong = tuple(
        {"URN": urn, "Group UID": uid, "Group Name": names[uid], **group, "Joined date": day}
        for (urn, uid), day in sorted(lines.items())
    )
    closed = draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=2, unique=True))
    trusts = tuple(
        {"Group UID": uid, "Group Name": f"{names[uid]} ", **group, "Open date": "2012-09-01", "Closed Date": ""}
        | draw(
            st.sampled_from([{}, {"Group Status": "Closed"}, {"Group Status": "Closed", "Closed Date": "2024-12-31"}])
        )
        for uid in closed
    )
    return [
        File("group-links", "group links", draw(st.sampled_from(TRUSTS)), belong),
        File("groups", "groups", draw(st.sampled_from(TRUSTS)), trusts),
    ]


# -- inspections --

AT = {**{new: old for new, old in PAIRS}, **{old: new for new, old in PAIRS}}


@dataclass(frozen=True)
class Inspection:
    number: str
    inspected: str  # which school
    published: str
    headline: str
    concern: str = ""

    def under(self, columns: Mapping[str, str], safeguarding: str = "9") -> Row:
        return {
            columns["number"]: self.number,
            columns["started"]: "01/02/2023",
            columns["published"]: self.published,
            columns["urn"]: self.inspected,
            columns["concern"]: self.concern,
            columns["safeguarding"]: safeguarding,
        } | ({columns["headline"]: self.headline} if "headline" in columns else {})


@st.composite
def _inspected(draw: st.DrawFn, urn: str) -> tuple[Inspection, Inspection, str]:
    """An inspection as the first file lists it and as the later one does; and what the later one makes of it."""
    day = 1 + (*OLD, *NEW).index(urn)  # no two are published on one day
    published = draw(st.sampled_from([f"{day:02}/03/2023", f"{day:02}/05/2024", f"{day:02}/10/2024"]))
    where = st.sampled_from([urn, urn, AT.get(urn, urn)])
    first = Inspection(f"1{urn}", draw(where), published, draw(st.sampled_from("1234")))
    later = Inspection(
        first.number,
        draw(st.sampled_from([first.inspected, first.inspected, urn, AT.get(urn, urn)])),
        draw(st.sampled_from([published, published, f"{day:02}/11/2024"])),
        draw(st.sampled_from([first.headline, first.headline, "2", "4"])),
        draw(st.sampled_from(["", "", "SM"])),
    )
    return (
        first,
        later,
        draw(st.sampled_from(["lists it", "lists it", "lists it as the one before", "lists it no more"])),
    )


def _of_school(urn: str, layout: Layout, said: Row) -> Row:
    return {str(column): "" for column in layout.columns} | {
        "URN": urn,
        "LAESTAB": "9372001",
        "School name": f"SCHOOL {urn}",
        "Region": "West Midlands",
        "Postcode": "CV33 1AA",
    } | said  # fmt: skip


@st.composite
def _inspections(draw: st.DrawFn) -> list[File]:
    cards = draw(st.booleans())
    first_layout, later_layout = ofsted.OFSTED, ofsted.OFSTED_REPORT_CARDS if cards else ofsted.OFSTED
    listed = draw(st.lists(st.sampled_from([*OLD[:5], *NEW]), min_size=3, max_size=7, unique=True))
    first_rows, later_rows = [], []
    for urn in listed:
        first, later, made = draw(_inspected(urn))
        said = {
            "Type of education": draw(st.sampled_from(["", "Community school", "Academy converter"])),
            "School open date": draw(st.sampled_from(["", "01/09/2024"])),
            "Multi-academy trust UID": draw(st.sampled_from(["", "", "7002", "7003"])),
        }
        said["Multi-academy trust name"] = "Trust by Ofsted" if said["Multi-academy trust UID"] else ""
        since = Inspection(f"2{urn}", urn, f"{int(first.number[-2:]) + 1:02}/06/2025", "3")
        newest = ofsted.FULL if cards else ofsted.LATEST
        before = ofsted.EARLIER_FRAMEWORK if cards else ofsted.PREVIOUS
        if urn in OLD or draw(st.booleans()):
            first_rows.append(_of_school(urn, first_layout, said | first.under(ofsted.LATEST)))
        if made == "lists it" and not cards:
            now = later.under(ofsted.LATEST)
        elif made == "lists it":
            now = later.under(ofsted.EARLIER_FRAMEWORK)
        elif made == "lists it as the one before":
            now = since.under(newest, "Met" if cards else "Yes") | later.under(before)
            now |= {"Inclusion": "Needs attention"} if cards else {}
        else:
            now = {}
        if urn in NEW or draw(st.booleans()):
            later_rows.append(_of_school(urn, later_layout, said | now))
    files = []
    for number, (rows, layout) in enumerate(((first_rows, first_layout), (later_rows, later_layout))):
        rows = rows or [_of_school(OLD[5], layout, {})]
        files.append(File("ofsted", f"inspections {number + 1}", INSPECTED[number], tuple(rows)))
    return files


@st.composite
def small_files(draw: st.DrawFn) -> list[File]:
    """In the order of their days, as they would come if none were late."""
    editions = [draw(_edition(number)) for number in range(len(EDITIONS))]
    files = [*editions, *draw(_links()), *draw(_trusts()), *draw(_inspections())]
    return sorted(files, key=lambda each: each.as_at)
