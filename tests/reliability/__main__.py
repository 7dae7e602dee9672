"""The long form: `python -m tests.reliability [--minutes M] [--only FAULT]`.

Lets each fault happen again and again for its part of the minutes, under 32 clients,
and prints the rows of docs/reliability.md; exits 1 if an answer was neither right nor
one that may come, or the gateway was not as before within 5 seconds.

`python -m tests.reliability soak --requests N` asks so much without a fault, and prints
what the gateway holds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from tests.reliability import clients, on_postgres, on_sqlite
from tests.reliability.fault import Fault, Met, met
from tests.reliability.load import CLIENTS, RIGHT, Load
from tests.reliability.on_postgres import OnPostgres
from tests.reliability.on_sqlite import OnSqlite
from tests.reliability.soak import soaked
from tests.support.databases import databases_in

S = TypeVar("S", OnPostgres, OnSqlite)
QUIET: Fault[OnPostgres] = Fault("none", "no fault", lambda _: time.sleep(1))
ON_POSTGRES = (QUIET, *on_postgres.FAULTS, *clients.FAULTS)
_MIB = 1 << 20


def row(name: str, what: str, found: Met) -> str:
    """A row of the table."""
    said = ", ".join(
        f"{number:,} {one}"
        for one, number in sorted(found.said.items(), key=lambda x: -x[1])
    )
    command = f"`python -m tests.reliability --only {name}`"
    times = f"{what}; {found.times} times"
    recovery = f"{found.recovery_s:.2f} s"
    return f"| {times} | {said} | {recovery} | {found.slowest_s:.2f} s | {command} |"


def _all_met(faults: Sequence[Fault[S]], scene: S, load: Load, seconds: float) -> bool:
    """Print a row for each: whether all went as it may."""
    is_good = True
    for fault in faults:
        try:
            print(row(fault.name, fault.what, met(fault, scene, load, seconds)))
        except AssertionError as error:
            print(f"| {fault.what} | FAILED: {error} | | | `{fault.name}` |")
            is_good = False
        sys.stdout.flush()
    return is_good


def _faults(minutes: float, only: str | None) -> bool:
    first = [one for one in ON_POSTGRES if only in {None, one.name}]
    second = [one for one in on_sqlite.FAULTS if only in {None, one.name}]
    seconds = 60 * minutes / (len(first) + len(second))
    print(f"{CLIENTS} clients, {seconds:.0f} s of each fault")
    print("| what happened | what came back | recovery | slowest | again |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    is_good = True
    if first:
        with on_postgres.on_postgres() as scene:
            is_good &= _all_met(first, scene, scene.load, seconds)
    if second:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            databases = stack.enter_context(contextmanager(databases_in)(Path(folder)))
            other = stack.enter_context(on_sqlite.on_sqlite(databases))
            is_good &= _all_met(second, other, other.load, seconds)
    return is_good


def _soak(requests: int) -> bool:
    def told(answers: int, memory: int) -> None:
        print(f"{answers:,} answers, {memory / _MIB:.1f} MiB", flush=True)

    found = soaked(requests, told, is_varied=True)
    rate = found.memory[-1][0] / found.seconds
    print(
        f"{found.memory[-1][0]:,} answers in {found.seconds:.0f} s, {rate:.0f} a second"
    )
    print(f"slope: {found.slope / 1024:+.2f} KiB for each 1,000 requests")
    print(f"descriptors: {found.before.descriptors}, then {found.after.descriptors}")
    print(f"connections to the database: {found.connections}")
    print(f"memory: {found.before.memory / _MIB:.1f} MiB before,", end=" ")
    print(f"{found.after.memory / _MIB:.1f} MiB after; not {RIGHT}: {found.wrong or 0}")
    return not found.wrong


def main() -> int:
    """Run one of both."""
    names = [one.name for one in ON_POSTGRES] + [one.name for one in on_sqlite.FAULTS]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=["faults", "soak"], default="faults")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--only", choices=names)
    parser.add_argument("--requests", type=int, default=100_000)
    given = parser.parse_args()
    if given.what == "soak":
        return 0 if _soak(given.requests) else 1
    return 0 if _faults(given.minutes, given.only) else 1


if __name__ == "__main__":
    sys.exit(main())
