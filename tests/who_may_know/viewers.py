"""Who asks: one of each class, of every role, as somebody who does and as somebody who doesn't concern the school X.

Whoever is let in to the same routes, and concerns the same schools, is one class: governance is as finance here.
"""

from typing import Any

from tests.who_may_know.world import ACADEMY, NORTH, X, Y, someone

CITY_COUNCIL = "801"
OFFICER = frozenset({"officer"})
# What an officer knows these know too, but for an inspection call about which no desk of the council was asked (W-16).
DEPARTMENT = frozenset({"school improvement", "department of school improvement"})
SCHOOL_IMPROVEMENT = OFFICER | DEPARTMENT
# The ops team follows every event, by ids only (N-04): it may count them, and never sees whom one concerns.
OPS = frozenset({"ops"})


def _person(name: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"subject": str(someone(name)), "roles": list(roles), **more}


VIEWERS: dict[str, dict[str, Any]] = {
    "officer": {"roles": ["la.officer"]},
    "school improvement": {"roles": ["la.school-improvement"]},
    "department of school improvement": {"roles": ["department"], "departments": ["school-improvement"]},
    "ops": {"roles": ["la.ops"]},
    "finance": {"roles": ["la.finance"]},
    "department of finance": {"roles": ["department"], "departments": ["finance"]},
    "clerk": {"roles": ["clerk"]},
    "regional office": {"roles": ["rd.liaison"], "regions": ["West Midlands"]},
    "demo": {"roles": ["demo"]},
    "nobody in particular": {"roles": []},
    "officer of another authority": {"roles": ["la.officer", "la.school-improvement"], "authorities": [CITY_COUNCIL]},
    "head of X": _person("head x", "headteacher", urns=[X]),
    "chair for X": _person("head y", "chair", "headteacher", urns=[Y]),  # speaks for X, and sits in its area's group
    "chair in the area": _person("head academy", "chair", "headteacher", urns=[ACADEMY]),
    "chair of another area": _person("head north", "chair", "headteacher", urns=[NORTH]),
    # Heads X until LEAVES. What she may know while she does is no fact of hers any more: her sign-in names no school.
    "head who leaves X": _person("other head x", "headteacher"),
    "head of Y": {"subject": "another head of Y", "roles": ["headteacher"], "urns": [Y]},
    "deputy": {"roles": ["deputy"]},
    "system leader": _person("leader", "headteacher"),
    "trust": _person("chief", "trust"),  # chief executive of the trust that the academy belongs to
    "trust in the city": _person("chief in the city", "trust", authorities=[CITY_COUNCIL]),
}
