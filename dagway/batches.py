"""Several operations in one request: what holds for all of them together."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dagway.limits import Limits
from dagway.operating.facts import FAILED, Facts, Observer
from dagway.protection.limit import NODES, RESPONSE
from dagway.protocol import Beyond


def check_nodes(nodes: int, limits: Limits) -> None:
    """Hold that all operations lead to no more objects than one may.

    Raises:
        Beyond: if they do.
    """
    if nodes > limits.nodes:
        message = (
            f"The operations may lead to {nodes:,} objects together; at most "
            f"{limits.nodes:,} are allowed. Ask for them in several requests."
        )
        raise Beyond(NODES, message, nodes, limits.nodes)


def check_size(answers: Sequence[bytes], limits: Limits) -> None:
    """Hold that all answers have no more bytes than one may.

    Raises:
        Beyond: if they do.
    """
    if (size := sum(map(len, answers))) > limits.response:
        message = (
            f"The answers have more than the {limits.response:,} bytes together that "
            "are allowed; ask for them in several requests."
        )
        raise Beyond(RESPONSE, message, size, limits.response)


def joined(answers: Sequence[bytes]) -> bytes:
    """The answers as one body."""
    return b"[" + b",".join(answers) + b"]"


@contextmanager
def observed(observer: Observer, facts: Facts) -> Iterator[None]:
    """Tell of one of the operations, as it begins and once it has ended."""
    facts.began = time.perf_counter()
    observer.begun()
    try:
        yield
    except Exception:
        facts.outcome = FAILED
        raise
    finally:
        observer.ended(facts)
