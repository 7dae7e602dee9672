"""The log, when nobody reads it."""

import json
import logging
import os
import signal
import sys

import httpx
import pytest

from dagway.operating.facts import OK, Facts
from dagway.operating.journal import Journal
from dagway.operating.log import WAITING, to_stderr, written_apart
from tests.support.databases import Databases
from tests.support.servers import DAGWAY, served

UNREAD = ("bash", "-c", 'exec "$0" "$@" 2> >(exec sleep 600)', *DAGWAY)
PIPE = 65_536  # bytes that a pipe takes before it is full


def test_a_log_that_nobody_reads_holds_up_no_answer(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    with served(address, command=UNREAD) as server:
        url = f"{server.url}?query=query {'Long' * 40} {{ __typename }}"
        with httpx.Client() as client:
            for _ in range(PIPE // 150):
                assert client.get(url).json() == {"data": {"__typename": "Query"}}
        assert server.stopped()[0] == -signal.SIGTERM


def test_lines_beyond_what_may_wait_are_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    reading, writing = os.pipe()
    facts = Facts(name="Long" * 40, outcome=OK)
    lost = 0

    def dropped() -> None:
        nonlocal lost
        lost += 1

    with os.fdopen(writing, "w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        to_stderr("info")
        try:
            with written_apart(dropped) as write:
                journal = Journal(write)
                for _ in range(2 * WAITING):
                    journal.ended(facts)
                waiting = 2 * WAITING - lost
                read = b""
                while read.count(b"\n") < waiting:
                    read += os.read(reading, PIPE)
        finally:
            root.handlers[:] = before
            root.setLevel(level)
    os.close(reading)

    assert WAITING <= waiting < 2 * WAITING
    assert {line[:6] for line in read.splitlines()} == {b'{"id":'}


def test_lines_are_written_together_but_never_in_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    reading, writing = os.pipe2(os.O_DIRECT)  # what is read at once was written at once
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stderr", pipe)
        to_stderr("info")
        try:
            with written_apart(lambda: None) as write:
                for number in range(100):
                    write(b'{"id":"%d","operation":"%s"}' % (number, b"x" * 100))
                logging.getLogger("dagway").warning("of another \udc80 form")
        finally:
            root.handlers[:] = before
            root.setLevel(level)
    packets = []
    while packet := os.read(reading, PIPE):
        packets.append(packet)
    os.close(reading)

    assert all(packet.endswith(b"\n") for packet in packets)
    lines = b"".join(packets).splitlines()
    assert [json.loads(line)["id"] for line in lines[:-1]] == [*map(str, range(100))]
    assert lines[-1].endswith(rb" WARNING dagway: of another \udc80 form")
    assert len(packets) < 100
