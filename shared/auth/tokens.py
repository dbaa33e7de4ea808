"""Machine tokens: signed statements of who calls and as what.

Ed25519 only. The algorithm is ours, never the token's: a header that names another one ("none", an HMAC over our public
key) is refused before any key is touched.
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
ISSUER = AUDIENCE = "consortia"
CLOCK_LEEWAY_SECONDS = 30
REMEMBERED = 1_000  # tokens whose signature was verified

_LISTS = ("roles", "authorities", "regions", "urns", "departments")


class _Claims(jwt.JWTClaimsRegistry):
    def validate_iat(self, value: object) -> None:
        """When it was issued proves nothing. A service whose clock is behind would turn everybody away for it."""


_CLAIMS = _Claims(
    leeway=CLOCK_LEEWAY_SECONDS,
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    exp={"essential": True},
)


class TokenRefused(Exception):
    """The token doesn't prove who calls. The sentence says what is wrong with it, never what it held."""


@dataclass(frozen=True)
class Principal:
    """Who calls, in which roles, and for which authorities, regions, schools and departments."""

    subject: str
    roles: frozenset[str]
    authorities: frozenset[str] = field(default_factory=frozenset)
    regions: frozenset[str] = field(default_factory=frozenset)
    urns: frozenset[str] = field(default_factory=frozenset)
    departments: frozenset[str] = field(default_factory=frozenset)


def new_key(private_path: Path, public_path: Path) -> None:
    """Write a new pair of keys as JWK files. The private one can be read by its owner alone from its first byte on."""
    key = OKPKey.generate_key("Ed25519")
    private_path.unlink(missing_ok=True)
    descriptor = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as private:
        json.dump(key.as_dict(private=True), private)
    public_path.write_text(json.dumps(key.as_dict(private=False)))


def mint(
    private_path: Path,
    *,
    subject: str,
    roles: Iterable[str],
    authorities: Iterable[str] = (),
    regions: Iterable[str] = (),
    urns: Iterable[str] = (),
    departments: Iterable[str] = (),
    days: int = 365,
) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + days * 86_400,
        "roles": sorted(roles),
        "authorities": sorted(authorities),
        "regions": sorted(regions),
        "urns": sorted(urns),
        "departments": sorted(departments),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, _read_key(private_path), algorithms=[ALGORITHM])


class Verifier:
    """Checks tokens against one public key."""

    def __init__(self, public_path: Path | str):
        self._key = _read_key(Path(public_path))
        # A signature that was right stays right: only what time changes is asked again. What was refused is not remembered.
        self._signed_claims = lru_cache(maxsize=REMEMBERED)(self._read)

    def _read(self, token: str) -> dict[str, Any]:
        return jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims

    def verify(self, token: str) -> Principal:
        try:
            claims = self._signed_claims(token)
            _CLAIMS.validate(claims)
        except ExpiredTokenError:
            raise TokenRefused("The token has expired. Ask for a new one.") from None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise TokenRefused(_sentence(problem)) from None
        return _principal(claims)


def _principal(claims: dict[str, Any]) -> Principal:
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise TokenRefused("The token names nobody.")
    lists = {}
    for name in _LISTS:
        entries = claims.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise TokenRefused(f"The token's {name} are not a list of words.")
        lists[name] = frozenset(entries)
    return Principal(subject, **lists)


def _sentence(problem: Exception) -> str:
    claim = getattr(problem, "claim", None)
    if claim in ("iss", "aud"):
        return "The token was made for another system."
    if claim is not None:
        return f"The token's claim {claim} is missing or wrong."
    return "The token's signature can't be verified. It is damaged, or was not issued by this system."


def _read_key(path: Path) -> OKPKey:
    try:
        return OKPKey.import_key(json.loads(path.read_text()))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no key at {path}. `consortia up` writes one; or set CONSORTIA_TOKEN_KEY."
        ) from None
