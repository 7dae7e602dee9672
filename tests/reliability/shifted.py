"""`python -m dagway` with a wall clock that a file sets, in seconds off the true one.

Every clock that Python code may call is off then: ours, SQLAlchemy's, logging's. Those
of C are not: the monotonic ones, which deadlines are told by, and SQLite's `now`.
"""

import os
import sys
import time
from pathlib import Path

from tests.reliability import CLOCK

_true, _true_ns = time.time, time.time_ns
_file = Path(os.environ[CLOCK])


def _off_s() -> int:
    return int(_file.read_text() or 0)


def _time() -> float:
    return _true() + _off_s()


def _time_ns() -> int:
    return _true_ns() + _off_s() * 1_000_000_000


time.time, time.time_ns = _time, _time_ns  # workers import this module, too

if __name__ == "__main__":
    from dagway.__main__ import main

    sys.exit(main())
