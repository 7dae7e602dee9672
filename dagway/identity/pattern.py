"""Patterns of names: `*` is any text, `?` one character, all else itself."""

import re
from functools import lru_cache


def fits_any(text: str, patterns: tuple[str, ...]) -> bool:
    """Whether a text is as one of some patterns says, case and all."""
    return any(_compiled(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(1_024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(parts, re.DOTALL)
