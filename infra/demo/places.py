"""Where the demo's bodies lie: areas, primary consortia and networks of Warwickshire as tables of postcode districts.

Areas and networks have the names that the council's own pages use. Names and borders of the consortia are invented:
the council says that there are fourteen of 8 to 22 schools, but no public page says which.
"""

# The five areas. A district lies wholly in the area of most of its schools, though the real borders cut across some
# (CV7, CV8, CV33, CV35).
AREAS: dict[str, tuple[str, ...]] = {
    "North Warwickshire": ("B46", "B76", "B78", "B79", "CV9"),
    "Nuneaton and Bedworth": ("CV7", "CV10", "CV11", "CV12"),
    "East Warwickshire": ("CV3", "CV21", "CV22", "CV23", "LE10"),
    "Central Warwickshire": ("CV8", "CV31", "CV32", "CV33", "CV34"),
    "South Warwickshire": ("B49", "B50", "B80", "B94", "B95", "CV35", "CV36", "CV37", "CV47", "OX15", "WR11"),
}

# Districts in the register that lie in no area, and why. A school there is listed and goes to the duty desk.
NO_AREA: dict[str, str] = {
    "": "the register gives no postcode",
    "UB8": "the postcode is the proprietor's head office, outside the county",
}

# Fourteen primary consortia: name, area, districts.
CONSORTIA: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Coleshill and Polesworth consortium", "North Warwickshire", ("B46", "B76", "B78", "B79")),
    ("Atherstone consortium", "North Warwickshire", ("CV9",)),
    ("Nuneaton North consortium", "Nuneaton and Bedworth", ("CV10",)),
    ("Nuneaton East consortium", "Nuneaton and Bedworth", ("CV11",)),
    ("Bedworth and Exhall consortium", "Nuneaton and Bedworth", ("CV7", "CV12")),
    ("Rugby North consortium", "East Warwickshire", ("CV21", "CV23", "LE10")),
    ("Rugby South consortium", "East Warwickshire", ("CV3", "CV22")),
    ("Kenilworth and Leamington North consortium", "Central Warwickshire", ("CV8", "CV32")),
    ("Leamington South consortium", "Central Warwickshire", ("CV31", "CV33")),
    ("Warwick consortium", "Central Warwickshire", ("CV34",)),
    ("Alcester and Studley consortium", "South Warwickshire", ("B49", "B50", "B80", "B94", "B95", "WR11")),
    ("Stratford consortium", "South Warwickshire", ("CV37",)),
    ("Wellesbourne and Shipston consortium", "South Warwickshire", ("CV35", "CV36", "OX15")),
    ("Southam consortium", "South Warwickshire", ("CV47",)),
)

# Four area networks of secondary schools. That there are five areas and that the networks are Central, East, North and
# South is what the council's pages say; which areas each lies in is invented: North spans the two that have no network
# of their own name, so its lead sits on both Area Analysis Groups (W-29).
NETWORKS: dict[str, tuple[str, ...]] = {
    "Central area network": ("Central Warwickshire",),
    "East area network": ("East Warwickshire",),
    "North area network": ("North Warwickshire", "Nuneaton and Bedworth"),
    "South area network": ("South Warwickshire",),
}

# Its schools lie all over the county; no page says in which areas its chair reports, so it lies in none.
SPECIAL_GROUP = "Special schools group"
EXCELLENCE_GROUP = "Excellence in Schools Group"

# The sixteen seats of Bristol's group (B-31 to B-41), with how each is filled.
BRISTOL_SEATS: tuple[tuple[str, int], ...] = (
    ("head of a teaching school, by agreement of the alliances", 1),
    ("primary heads' association, chair and two executive members", 3),
    ("secondary heads' association, chair", 1),
    ("specialist sector partnership, chair", 1),
    ("early years partnership, chair or network representative", 1),
    ("leader of a multi-academy trust", 4),
    ("national leader of governance, or chair of governors in a school with outstanding governance", 1),
    ("Church of England diocese", 1),
    ("Catholic diocese", 1),
    ("service director, education and skills", 1),
    ("director of children's services, in the chair", 1),
)


def area_of(district: str) -> str | None:
    return next((area for area, districts in AREAS.items() if district in districts), None)


def consortium_of(district: str) -> str | None:
    return next((name for name, _, districts in CONSORTIA if district in districts), None)


def network_of(district: str) -> str | None:
    area = area_of(district)
    return next((name for name, areas in NETWORKS.items() if area in areas), None)
