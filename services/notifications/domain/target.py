"""Where a webhook may be sent: never into our own network, whatever name or form the address takes (D3.9)."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.refusal import Invalid, Refusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class UnusableAddress(Invalid):
    def __init__(self, url: str, why: str):
        super().__init__(f"{url} cannot be used for webhooks: {why}")
        self.url = url


class PrivateTarget(Refusal):
    def __init__(self, host: str, address: str):
        super().__init__(f"{host} is at {address}, which is not a public address, so nothing is sent there")
        self.host = host
        self.address = address


@dataclass(frozen=True)
class Target:
    """A receiver's address as its subscriber entered it, taken apart."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    allowed: bool  # named by the operator in CONSORTIA_WEBHOOK_ALLOW: a receiver of our own, private or not

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def parse_allowed(text: str) -> frozenset[str]:
    """The operator's list, "host:port,host:port"."""
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())


def target(url: str, allowed: frozenset[str]) -> Target:
    """Take a receiver's address apart, or refuse it with the reason."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableAddress(url, "it is not a web address") from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in ("https", "http") or not host or any(mark.isspace() or mark == "\\" for mark in url):
        raise UnusableAddress(url, "it is not a web address")
    if parts.username is not None or parts.password is not None:
        raise UnusableAddress(url, "it carries a user name or a password")
    if parts.fragment:
        raise UnusableAddress(url, "it has a part after #, which a receiver never sees")
    port = port or {"https": 443, "http": 80}[scheme]
    named = f"{host}:{port}" in allowed
    if scheme == "http" and not named:
        raise UnusableAddress(url, "it must begin with https://")
    if (literal := _literal(host)) is not None and not named and not is_public(literal):
        raise PrivateTarget(host, str(literal))
    path = parts.path or "/"
    return Target(url, scheme, host, port, f"{path}?{parts.query}" if parts.query else path, named)


def vetted(to: Target, addresses: Iterable[str]) -> list[str]:
    """The addresses that the name stands for, all of them public, in the order given; else a refusal.

    One private address among them refuses the name: whoever answers the next look-up could choose it. The caller
    connects to an address of this list and looks the name up no second time.
    """
    found = list(dict.fromkeys(addresses))
    if not to.allowed:
        for each in found:
            if not is_public(ipaddress.ip_address(each.split("%")[0])):
                raise PrivateTarget(to.host, each)
    return found


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet, also looking through the ways to wrap an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _literal(host: str) -> Address | None:
    """The address that a host name is itself, if it is one, in any of the forms a resolver would take."""
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        pass
    pieces = host.rstrip(".").split(".")
    if not 1 <= len(pieces) <= 4:
        return None
    try:
        numbers = [_number(piece) for piece in pieces]
    except ValueError:
        return None
    *leading, last = numbers
    if any(number > 255 for number in leading) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last
    for place, number in enumerate(leading):
        value += number << (8 * (3 - place))
    return ipaddress.IPv4Address(value)


def _number(piece: str) -> int:
    """Decimal, octal (010) or hexadecimal (0x10), as the C library reads a part of an address."""
    if piece.lower().startswith("0x"):
        return int(piece, 16)
    if not piece.isascii() or not piece.isdigit():
        raise ValueError(piece)
    return int(piece, 8) if len(piece) > 1 and piece.startswith("0") else int(piece)
