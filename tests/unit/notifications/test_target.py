"""D3.9: a webhook never reaches into our own network."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.target import (
    PrivateTarget,
    UnusableAddress,
    is_public,
    parse_allowed,
    target,
    vetted,
)

NOBODY = frozenset[str]()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://council.example/hook",
        "https://",
        "https://user:secret@council.example/hook",
        "https://council.example/hook#part",
        "https://council.example:99999/",
        "https://council.example /",
        "https://council.example\\@127.0.0.1/",
        "http://council.example/hook",
        "council.example/hook",
        "https://[::1/hook",
    ],
)
def test_what_is_no_safe_web_address_is_refused(url):
    with pytest.raises(UnusableAddress):
        target(url, NOBODY)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "10.0.0.8",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[ff02::1]",
    ],
)
def test_a_private_address_is_refused_in_whatever_form_it_is_written(host):
    with pytest.raises(PrivateTarget):
        target(f"https://{host}/hook", NOBODY)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "::ffff:192.168.0.1", "0.0.0.0"])
def test_a_name_that_stands_for_a_private_address_is_refused(address):
    council = target("https://council.example/hook", NOBODY)
    with pytest.raises(PrivateTarget):
        vetted(council, [address])


def test_one_private_address_among_public_ones_refuses_the_name():
    council = target("https://council.example/hook", NOBODY)
    with pytest.raises(PrivateTarget):
        vetted(council, ["93.184.215.14", "127.0.0.1"])


def test_public_addresses_are_kept_in_their_order_once_each():
    council = target("https://council.example/hook", NOBODY)
    found = vetted(council, ["93.184.215.14", "2606:2800:21f::1", "93.184.215.14"])
    assert found == ["93.184.215.14", "2606:2800:21f::1"]


def test_the_operators_own_receiver_may_be_private_and_plain():
    allowed = parse_allowed("127.0.0.1:4501, LOCALHOST:4502")
    assert vetted(target("http://127.0.0.1:4501/hook", allowed), ["127.0.0.1"]) == ["127.0.0.1"]
    assert target("http://localhost:4502/", allowed).allowed


def test_another_port_of_an_allowed_host_is_not_allowed():
    with pytest.raises(PrivateTarget):
        target("https://127.0.0.1:4503/hook", parse_allowed("127.0.0.1:4501"))


def test_the_query_and_port_of_the_address_are_kept():
    council = target("https://council.example:8443/hook?team=si", NOBODY)
    assert (council.path, council.host_header) == ("/hook?team=si", "council.example:8443")
    assert target("https://council.example", NOBODY).host_header == "council.example"


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_makes_it_no_more_public(address):
    wrappings = [
        ipaddress.IPv6Address(f"::ffff:{address}"),
        ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80)),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address)),
    ]
    for wrapped in wrappings:
        assert is_public(wrapped) == is_public(address)


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(address)))
def test_a_private_address_written_as_one_number_is_still_private(address):
    for form in (str(int(address)), hex(int(address))):
        with pytest.raises(PrivateTarget):
            target(f"https://{form}/", NOBODY)
