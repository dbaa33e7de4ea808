"""A forged, expired or foreign token proves nothing."""

import base64
import json
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.auth.tokens import Principal, TokenRefused, Verifier, mint, new_key

CLAIMS = {"iss": "consortia", "aud": "consortia", "sub": "officer-1", "exp": 4_000_000_000, "roles": ["la.officer"]}


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "token.key", tmp_path / "token.pub"
    new_key(private, public)
    return private, public


def test_a_token_names_who_calls_and_for_whom(keys: tuple[Path, Path]):
    token = mint(
        keys[0],
        subject="desk",
        roles=["la.officer", "clerk"],
        authorities=["937"],
        urns=["990017"],
        departments=["finance"],
    )
    assert Verifier(keys[1]).verify(token) == Principal(
        "desk",
        frozenset({"la.officer", "clerk"}),
        frozenset({"937"}),
        frozenset(),
        frozenset({"990017"}),
        frozenset({"finance"}),
    )


def test_the_private_key_can_be_read_by_its_owner_alone(keys: tuple[Path, Path]):
    assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600
    assert "d" not in json.loads(keys[1].read_text())


def test_a_new_key_takes_the_place_of_an_old_one_with_wider_rights(tmp_path: Path):
    (tmp_path / "k").write_text("old")
    (tmp_path / "k").chmod(0o644)
    new_key(tmp_path / "k", tmp_path / "p")
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def signed(private: Path, claims: dict[str, Any], *, algorithm: str = "Ed25519") -> str:
    key = OKPKey.import_key(json.loads(private.read_text()))
    return jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])


def test_a_service_whose_clock_is_an_hour_behind_turns_nobody_away(keys: tuple[Path, Path]):
    in_an_hour = int(time.time()) + 3_600
    token = signed(keys[0], CLAIMS | {"iat": in_an_hour, "exp": in_an_hour + 60})
    assert Verifier(keys[1]).verify(token).subject == "officer-1"


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def unsigned(private: Path, public: Path) -> str:
    return f"{part({'alg': 'none'})}.{part(CLAIMS)}."


def signed_with_the_public_key_as_a_password(private: Path, public: Path) -> str:
    secret = OctKey.import_key(public.read_bytes())
    return jwt.encode({"alg": "HS256"}, CLAIMS, secret, algorithms=["HS256"])


def signed_with_the_raw_public_point_as_a_password(private: Path, public: Path) -> str:
    point = json.loads(public.read_text())["x"]
    secret = OctKey.import_key(base64.urlsafe_b64decode(point + "="))
    return jwt.encode({"alg": "HS256"}, CLAIMS, secret, algorithms=["HS256"])


def signed_by_a_stranger(private: Path, public: Path) -> str:
    new_key(private.with_name("stranger"), private.with_name("stranger.pub"))
    return signed(private.with_name("stranger"), CLAIMS)


def bringing_its_own_key(private: Path, public: Path) -> str:
    key = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, CLAIMS, key, algorithms=["Ed25519"])


def with_claims_changed_after_signing(private: Path, public: Path) -> str:
    header, _, signature = signed(private, CLAIMS).split(".")
    return f"{header}.{part({**CLAIMS, 'roles': ['la.finance']})}.{signature}"


def under_the_deprecated_name_of_the_algorithm(private: Path, public: Path) -> str:
    return signed(private, CLAIMS, algorithm="EdDSA")


def for_another_audience(private: Path, public: Path) -> str:
    return signed(private, {**CLAIMS, "aud": "another"})


def from_another_issuer(private: Path, public: Path) -> str:
    return signed(private, {**CLAIMS, "iss": "another"})


def without_an_issuer(private: Path, public: Path) -> str:
    return signed(private, {name: value for name, value in CLAIMS.items() if name != "iss"})


def that_never_expires(private: Path, public: Path) -> str:
    return signed(private, {name: value for name, value in CLAIMS.items() if name != "exp"})


def that_names_nobody(private: Path, public: Path) -> str:
    return signed(private, {**CLAIMS, "sub": ""})


def with_roles_that_are_one_word(private: Path, public: Path) -> str:
    return signed(private, {**CLAIMS, "roles": "la.officer"})


def of_nothing(private: Path, public: Path) -> str:
    return ".."


def of_words(private: Path, public: Path) -> str:
    return "not a token"


def of_words_beyond_ascii(private: Path, public: Path) -> str:
    return "é.é.é"


FORGED = [
    unsigned,
    signed_with_the_public_key_as_a_password,
    signed_with_the_raw_public_point_as_a_password,
    signed_by_a_stranger,
    bringing_its_own_key,
    with_claims_changed_after_signing,
    under_the_deprecated_name_of_the_algorithm,
    for_another_audience,
    from_another_issuer,
    without_an_issuer,
    that_never_expires,
    that_names_nobody,
    with_roles_that_are_one_word,
    of_nothing,
    of_words,
    of_words_beyond_ascii,
]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: forged.__name__.replace("_", " "))
def test_a_forged_token_is_refused(forged: Callable[[Path, Path], str], keys: tuple[Path, Path]):
    with pytest.raises(TokenRefused):
        Verifier(keys[1]).verify(forged(*keys))


def test_an_expired_token_says_so(keys: tuple[Path, Path]):
    token = signed(keys[0], {**CLAIMS, "exp": int(time.time()) - 3600})
    with pytest.raises(TokenRefused, match="expired"):
        Verifier(keys[1]).verify(token)


def test_a_token_for_another_system_says_so(keys: tuple[Path, Path]):
    with pytest.raises(TokenRefused, match="another system"):
        Verifier(keys[1]).verify(for_another_audience(*keys))


def test_a_missing_key_names_the_cure(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="consortia up"):
        Verifier(tmp_path / "nowhere")


def test_a_token_that_was_good_is_refused_once_it_has_expired(keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch):
    """Its signature is remembered; what time changes is asked each time."""
    verifier = Verifier(keys[1])
    token = signed(keys[0], CLAIMS | {"exp": int(time.time()) + 60})
    assert verifier.verify(token) == verifier.verify(token)
    later = time.time() + 120
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(TokenRefused, match="has expired"):
        verifier.verify(token)


def test_a_token_that_was_refused_is_refused_again(keys: tuple[Path, Path], tmp_path: Path):
    new_key(tmp_path / "other.key", tmp_path / "other.pub")
    verifier = Verifier(keys[1])
    verifier.verify(signed(keys[0], CLAIMS))
    for _ in range(2):
        with pytest.raises(TokenRefused):
            verifier.verify(signed(tmp_path / "other.key", CLAIMS))
