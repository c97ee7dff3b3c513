"""The fixture that keeps tests on this machine does so."""

import socket

import pytest


@pytest.mark.parametrize("address", [("203.0.113.7", 9), ("2001:db8::1", 9), ("example.org", 443)])
def test_another_machine_cannot_be_reached(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as trying, pytest.raises(AssertionError, match="tried to reach"):
        trying.connect(address)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as trying:
        trying.connect(listening.getsockname())
        assert trying.connect_ex(listening.getsockname()) != 0  # it is connected already
