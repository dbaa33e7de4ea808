"""What officers ask for, as it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# The kinds that the load asks for so that they are refused, and how. Whatever else is refused is a finding.
TO_BE_REFUSED = {"too early": 409}


@dataclass
class Asked:
    """One request as it is sent, as often as it takes."""

    kind: str
    value: str
    service: str
    path: str
    body: Any
    twice: bool = False  # at once under one key: a person who clicks twice
    detail: dict[str, Any] = field(default_factory=dict)

    def learn(self, story: str, given: Any) -> None:
        """What the answer says that is looked for at the end: the story of a change, which others it released, which call it is."""
        if self.kind in ("entry", "told", "chair"):
            self.detail["story"] = story
        if self.kind == "told":
            self.detail |= {"urn": given["urn"], "releases": given["releases"]}
        if self.kind == "call":
            self.detail |= {"call": given["call_id"], "urn": given["urn"]}


def outcomes(many: Sequence[dict[str, Any]], *, kind: str = "outcomes", twice: bool = False) -> Asked:
    """Outcomes that are published together, known by their numbers."""
    numbers = [each["inspection_number"] for each in many]
    body = {"outcomes": list(many), "take_on": False}
    return Asked(kind, numbers[0], "membership", "/outcomes", body, twice, {"numbers": numbers})
