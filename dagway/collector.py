"""How often Python looks for garbage while it serves."""

import gc

_YOUNG, _MIDDLE, _OLD = 100_000, 20, 50


def relax() -> None:
    """Look for cycles among new objects less often, among those of start-up never.

    An answer is tens of thousands of dicts without cycles, and Python looks through
    them each 700 by default: the grid of 300 tasks and 25 runs took 1.55 times as long
    as a hand-written endpoint with that, 1.17 times without (benchmarks/grid.py,
    2026-11-25).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
