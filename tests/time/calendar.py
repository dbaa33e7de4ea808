"""What the school year of year.py brings, day by day."""

from datetime import date

# What each day brings; a day without a line brings nothing. Written down once and checked by hand against the rules.
CALENDAR: dict[date, list[str]] = {
    date(2025, 9, 1): [
        "award.opened North",
    ],
    date(2025, 10, 1): [
        "allocation.made 900002 leader (not told)",
        "representation.reassigned 900002 system-leader because of allocation (not told)",
    ],
    date(2025, 11, 3): [
        "headship.began 900021 next head",
        "school.joined-body Abbey 900021",
        "school.recorded 900021 open",
        "representation.reassigned 900021 chair because of register",
    ],
    date(2025, 12, 1): [
        "la-category.set 900004 (not told)",
        "category-in-force.changed 900004 None to 3 (not told)",
        "representation.reassigned 900004 duty-desk because of category-in-force (not told)",
    ],
    date(2026, 1, 1): [
        "office.ended Abbey chair chair",
        "office.taken-up Abbey acting-chair stand-in",
        "award.adjusted Abbey 2025-04-01",
        "school.recorded 900031 open",
        "representation.reassigned 900001 chair because of office",
        "representation-as-told.changed 900004 chair because of office",  # which knows of no entry until the 12th
        "representation.reassigned 900011 chair because of office",
        "representation.reassigned 900021 chair because of office",
        "representation.reassigned 900022 chair because of office",
        "representation.reassigned 900024 chair because of office",
        "category-in-force.changed 900031 None to 3",
        "representation.reassigned 900031 trust because of office",
        "headship.ended 900005 new head",
        "headship.began 900031 new head",
        "school.recorded 900005 closed",
        "school.joined-body Abbey 900031",
        "school.left-body Abbey 900005",
    ],
    date(2026, 1, 5): [
        "school.joined-body North 900023",
        "representation.reassigned 900023 chair because of register",
    ],
    date(2026, 1, 12): [
        "school.told 900004",
    ],
    date(2026, 1, 19): [
        "agenda-item.placed the group 900004",
    ],
    date(2026, 2, 2): [
        "allocation.ended 900003 leader (not told)",
        "representation.reassigned 900003 duty-desk because of allocation (not told)",
    ],
    date(2026, 2, 9): [
        "school.told 900002",
    ],
    date(2026, 2, 16): [
        "representation.reassigned 900006 named-person because of override (not told)",
    ],
    date(2026, 2, 23): [
        "representation.reassigned 900006 duty-desk because of override (not told)",
    ],
    date(2026, 2, 24): [
        "school.told 900006",
    ],
    date(2026, 3, 2): [
        "representation.reassigned 900011 chair because of trust",
        "representation.reassigned 900031 trust because of trust",
    ],
    date(2026, 3, 9): [
        "category-in-force.changed 900041 None to 3",
    ],
    date(2026, 3, 29): [
        "headship.ended 900006 lead",
        "headship.began 900023 lead",
        "office-holder.moved-school North lead",
        "representation.reassigned 900006 chair because of office",
        "representation.reassigned 900023 duty-desk because of office",
        "award.adjusted North 2025-09-01",
    ],
    date(2026, 3, 30): [
        "representation.reassigned 900011 chair because of trust",
        "representation.reassigned 900031 trust because of trust",
    ],
    date(2026, 4, 1): [
        "award.opened Abbey",
    ],
    date(2026, 4, 6): [
        "category-in-force.changed 900031 3 to None",
        "representation.reassigned 900031 chair because of category-in-force",
    ],
    date(2026, 4, 8): [
        "la-category.lifted 900004 (not told)",
        "category-in-force.changed 900004 3 to None (not told)",
        "representation.reassigned 900004 chair because of category-in-force (not told)",
    ],
    date(2026, 4, 10): [
        "office.ended Abbey acting-chair stand-in",
        "office.taken-up Abbey chair successor",
        "representation.reassigned 900001 chair because of office",
        "representation.reassigned 900004 deputy because of office (not told)",  # nor was the lifting
        "representation.reassigned 900011 chair because of office",
        "representation.reassigned 900021 chair because of office",
        "representation.reassigned 900022 chair because of office",
        "representation.reassigned 900024 chair because of office",
        "representation.reassigned 900031 chair because of office",
        "award.adjusted Abbey 2026-04-01",
    ],
    date(2026, 4, 13): [
        "school.joined-body North 900024",
    ],
    date(2026, 4, 15): [
        "allocation.ended 900002 leader (not told)",
        "representation.reassigned 900002 duty-desk because of allocation (not told)",
    ],
    date(2026, 5, 4): [
        "representation.reassigned 900002 chair because of policy (not told)",
        "representation.reassigned 900003 chair because of policy (not told)",
        "representation-as-told.changed 900002 chair because of policy",
        "representation-as-told.changed 900003 chair because of policy",
        "representation-as-told.changed 900004 deputy because of policy",
    ],
    date(2026, 5, 18): [
        "agenda-item.placed the group 900031",
    ],
    date(2026, 6, 8): [
        "school.left-body North 900024",
    ],
    date(2026, 6, 15): [
        "school.told 900004",
    ],
    date(2026, 7, 1): [
        "headship.ended 900021 next head",
    ],
    date(2026, 7, 22): [
        "school.left-body Abbey 900022",
        "school.recorded 900022 closed",
    ],
    date(2026, 8, 1): [
        "office.ended Abbey chair successor",
        "representation.reassigned 900001 deputy because of office",
        "representation.reassigned 900002 deputy because of office",
        "representation.reassigned 900003 deputy because of office",
        "representation.reassigned 900011 deputy because of office",
        "representation.reassigned 900021 deputy because of office",
        "representation.reassigned 900024 deputy because of office",
        "representation.reassigned 900031 deputy because of office",
    ],
    date(2026, 8, 24): [
        "agenda-item.placed the group 900004",
    ],
}

# Who speaks for each school on general matters when the year is over.
END = {
    "900001": "deputy deputy",
    "900002": "deputy deputy",
    "900003": "deputy deputy",
    "900004": "deputy deputy",
    "900006": "chair lead",
    "900011": "deputy deputy",
    "900021": "deputy deputy",
    "900023": "duty-desk",
    "900024": "deputy deputy",
    "900031": "deputy deputy",
    "900041": "improvement-desk",
    "900042": "improvement-desk",
}

# Facts of ids only, which name no day: the review date of an entry on 11 May 2026.
UNDATED = ["la-category.review-due 900042 (not told)"]

# Who joins and leaves which meetings: the office brings a seat in the body's own and in its area's group (W-25).
MEMBERS = [
    "2026-01-01 chair left Abbey",
    "2026-01-01 chair left the group",
    "2026-01-01 stand-in joined Abbey",
    "2026-01-01 stand-in joined the group",
    "2026-04-10 stand-in left Abbey",
    "2026-04-10 stand-in left the group",
    "2026-04-10 successor joined Abbey",
    "2026-04-10 successor joined the group",
    "2026-08-01 successor left Abbey",
    "2026-08-01 successor left the group",
]
