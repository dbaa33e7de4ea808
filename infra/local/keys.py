"""Machine tokens of one stack: a signing key made at set-up, and a token for each role, in a file of its user alone."""

import json
from pathlib import Path

from infra.local.secret import write_private
from infra.local.trouble import Trouble

# Roles of people in an authority's offices; a token of each acts for every authority of the stack. Commands sign in with
# one in the name of whoever types them (`in_the_name_of`).
OFFICE_ROLES = ("la.officer", "la.school-improvement", "la.finance", "la.ops", "clerk", "demo")


def department_user(authority: str, department: str) -> str:
    """What a department is called as a user of the broker and in the file of tokens, for instance 937.finance."""
    return f"{authority}.{department}"


def make_tokens(state: Path, authorities: list[str], departments: list[str]) -> dict[str, str]:
    """Make the key once and the tokens at each start; give back the tokens by name."""
    from shared.auth.tokens import mint, new_key
    from shared.contracts.topics import authorities as declared

    private, public = state / "token.key", state / "token.public"
    if not private.exists() or not public.exists():
        new_key(private, public)
    regions = sorted({each.region for each in declared() if each.code in authorities})
    tokens = {role: mint(private, subject=role, roles=[role], authorities=authorities) for role in OFFICE_ROLES}
    tokens["rd.liaison"] = mint(private, subject="rd.liaison", roles=["rd.liaison"], regions=regions)
    for authority in authorities:
        for department in departments:
            name = department_user(authority, department)
            tokens[name] = mint(
                private, subject=name, roles=["department"], authorities=[authority], departments=[department]
            )
    write_private(state / "tokens.json", json.dumps(tokens, indent=1))
    return tokens


def in_the_name_of(state: Path, token: str, name: str) -> str:
    """The token of an office as that of somebody who works there: it may do the same, and what it does is kept by the name."""
    from shared.auth.tokens import TokenRefused, Verifier, mint

    try:
        office = Verifier(state / "token.public").verify(token)
    except TokenRefused as refused:
        raise Trouble(str(refused).rstrip("."), "The next `up` makes new tokens.") from None
    return mint(state / "token.key", subject=name, roles=office.roles, authorities=office.authorities, days=1)


def read_tokens(state: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((state / "tokens.json").read_text())
    return found
