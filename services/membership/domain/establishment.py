"""Types of establishment: what the register's type says about a school, one line a type.

The codes and names are those of the register's own file. Its groups of types decide nothing: "Special schools" holds
maintained and other schools, and the special academies stand among the academies. Published in
docs/establishment-types.md, which a test compares with this table.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Sector(enum.StrEnum):
    MAINTAINED = "maintained"
    ACADEMY = "academy"  # free schools route as academies (W-02)
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class EstablishmentType:
    """``converter``: the school carries on what it was (R0.1, `converters`); other academies are a new start."""

    code: str
    name: str
    sector: Sector
    state_funded: bool
    converter: bool = False
    why: str = ""  # where it is not obvious


def _maintained(code: str, name: str, why: str = "") -> EstablishmentType:
    return EstablishmentType(code, name, Sector.MAINTAINED, state_funded=True, why=why)


def _academy(code: str, name: str, why: str = "") -> EstablishmentType:
    return EstablishmentType(code, name, Sector.ACADEMY, state_funded=True, why=why)


def _converter(code: str, name: str, why: str = "") -> EstablishmentType:
    return EstablishmentType(code, name, Sector.ACADEMY, state_funded=True, converter=True, why=why)


def _neither(code: str, name: str, why: str = "") -> EstablishmentType:
    return EstablishmentType(code, name, Sector.OTHER, state_funded=True, why=why)


def _outside(code: str, name: str, why: str = "") -> EstablishmentType:
    return EstablishmentType(code, name, Sector.OTHER, state_funded=False, why=why)


_LIKE_A_FREE_SCHOOL = "A kind of free school, and a free school routes as an academy (W-02)"
_NOT_A_SCHOOL = "Funded by the state, but a college and not a school: no category, and no body of schools has it"
_FEES = "Lives on fees or on places that authorities pay for one by one"

_ALL = (
    _maintained("1", "Community school"),
    _maintained("2", "Voluntary aided school", "The governors employ its staff; the authority maintains it all the same"),
    _maintained("3", "Voluntary controlled school"),
    _maintained("5", "Foundation school", "A foundation trust may support it; that trust doesn't speak for it"),
    _neither(
        "6",
        "City technology college",
        "Independent by law and funded by the state; neither maintained nor an academy, so the policy's last line applies",
    ),
    _maintained("7", "Community special school"),
    _neither(
        "8",
        "Non-maintained special school",
        "In the register's group of special schools, but run by a charity; authorities pay for its places",
    ),
    _outside("10", "Other independent special school", _FEES),
    _outside("11", "Other independent school", _FEES),
    _maintained("12", "Foundation special school"),
    _maintained("14", "Pupil referral unit", "The authority runs it; a management committee stands for the governors"),
    _maintained("15", "Local authority nursery school"),
    _outside("18", "Further education", _NOT_A_SCHOOL),
    _outside("24", "Secure units", "Run under the law on children's homes, not of schools"),
    _outside("25", "Offshore schools", "Jersey, Guernsey, Isle of Man: no English authority has them"),
    _outside("26", "Service children's education", "Abroad; the Ministry of Defence runs it, no English authority"),
    _outside("27", "Miscellaneous", "The register says nothing that a rule could rest on"),
    _academy("28", "Academy sponsor led", "A new start under a sponsor"),
    _outside("29", "Higher education institutions"),
    _outside("30", "Welsh establishment", "In Wales another inspectorate and another law apply"),
    _outside("31", "Sixth form centres", "A part of the schools that share it, which are listed themselves"),
    _outside("32", "Special post 16 institution", _NOT_A_SCHOOL),
    _academy("33", "Academy special sponsor led", "Among the academies, not the special schools, of the register"),
    _converter("34", "Academy converter"),
    _academy("35", "Free schools", "A free school routes as an academy (W-02)"),
    _academy("36", "Free schools special", _LIKE_A_FREE_SCHOOL),
    _outside("37", "British schools overseas", "No English authority has them"),
    _academy("38", "Free schools alternative provision", _LIKE_A_FREE_SCHOOL),
    _academy("39", "Free schools 16 to 19", _LIKE_A_FREE_SCHOOL),
    _academy("40", "University technical college", _LIKE_A_FREE_SCHOOL),
    _academy("41", "Studio schools", _LIKE_A_FREE_SCHOOL),
    _converter("42", "Academy alternative provision converter", "A pupil referral unit that converted"),
    _academy("43", "Academy alternative provision sponsor led"),
    _converter("44", "Academy special converter", "Among the academies, not the special schools, of the register"),
    _converter("45", "Academy 16-19 converter", "A sixth form college that converted"),
    _academy("46", "Academy 16 to 19 sponsor led"),
    _outside("49", "Online provider", _FEES),
    _outside("56", "Institution funded by other government department", "Another department answers for it"),
    _academy("57", "Academy secure 16 to 19", "A secure school, opened as an academy"),
)  # fmt: skip

TYPES: Mapping[str, EstablishmentType] = {each.code: each for each in _ALL}

# What stands in no table may be a state-funded school: it is answered for, by the duty desk.
UNKNOWN = EstablishmentType("", "Not in the table", Sector.UNKNOWN, state_funded=False)


def type_code(raw: str) -> str:
    """The type code without the zero that some editions of the register put before it."""
    return raw.strip().lstrip("0")


def establishment_type(code: str) -> EstablishmentType:
    return TYPES.get(type_code(code), UNKNOWN)


def sector_of(code: str) -> Sector:
    return establishment_type(code).sector


def as_table() -> str:
    """The lines of docs/establishment-types.md."""
    lines = ["| code | type | sector | state-funded | converter | why |", "|---|---|---|---|---|---|"]
    for each in _ALL:
        cells = [each.code, each.name, each.sector.value, _yes(each.state_funded), _yes(each.converter), each.why]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _yes(so: bool) -> str:
    return "yes" if so else "no"
