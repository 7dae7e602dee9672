"""What each client may ask for in a time."""

from dataclasses import dataclass

import pytest

from dagway.operating.rates import CLIENTS, NODES, Rates, client_of


@dataclass
class Clock:
    """Seconds that pass when they are told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_spent_and_fills_again() -> None:
    clock = Clock()
    rates = Rates(10, 100, clock)

    assert rates.spend("a", 90 * NODES) == 0
    assert rates.spend("a", 20 * NODES) == 1.0
    assert rates.spend("b", 20 * NODES) == 0
    clock.now = 1.0
    assert rates.spend("a", 20 * NODES) == 0
    assert rates.spend("a", 0) == 0.1
    clock.now = 1_000.0
    assert rates.spend("a", 100 * NODES) == 0
    assert rates.spend("a", 0) > 0


def test_what_costs_more_than_a_bucket_costs_a_full_one() -> None:
    clock = Clock()
    rates = Rates(1, 10, clock)

    assert rates.spend("a", 5_000 * NODES) == 0
    assert rates.spend("a", 5_000 * NODES) == 10


def test_so_many_buckets_are_kept() -> None:
    rates = Rates(1, 10, Clock())
    for at in range(CLIENTS + 100):
        rates.spend(str(at), 1)

    assert len(rates._buckets) == CLIENTS


@pytest.mark.parametrize(
    ("principal", "host", "client"),
    [
        ("ci", "192.0.2.1", "principal ci"),
        ("", "192.0.2.1", "192.0.2.1"),
        ("", "2001:db8::1", "2001:db8::/64"),
        ("", "fe80::1%eth0", "fe80::/64"),
        ("", "socket", "unknown"),
        ("", None, "unknown"),
    ],
)
def test_a_client_is_a_principal_or_an_address(
    principal: str, host: str | None, client: str
) -> None:
    assert client_of(principal, host) == client
