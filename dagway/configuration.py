"""The file of settings: TOML, with the variables' names in small letters.

`DAGWAY_POOL_SIZE=7` in the environment is `pool_size = 7` in the file. A list may be
written as one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dagway.errors import StartError

CONFIG = "DAGWAY_CONFIG"
_PREFIX = "DAGWAY_"


def configured(
    path: str | None, variables: Iterable[str]
) -> Mapping[str, tuple[str, str]]:
    """By variable, what a file says of it: where that is said, and the text.

    Raises:
        StartError: if the file cannot be read, or has a key that is none.
    """
    if not path:
        return {}
    names = {name.removeprefix(_PREFIX).lower(): name for name in variables}
    found = _parsed(path)
    unknown = [key for key in found if key not in names]
    if unknown:
        allowed = ", ".join(sorted(names))
        message = (
            f"{path} has {unknown[0]!r}, which is no setting; it may have {allowed}"
        )
        raise StartError(message)
    return {
        names[key]: (f"{key} in {path}", _text(f"{key} in {path}", value))
        for key, value in found.items()
    }


def _parsed(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} cannot be used: {error}"
        raise StartError(message) from error


def _text(where: str, value: Any) -> str:
    """A value as a variable would have it.

    Raises:
        StartError: if a variable could not have it.
    """
    match value:
        case bool():
            return "on" if value else "off"
        case str() | int() | float():
            return str(value).strip()
        case list() if all(isinstance(one, str) for one in value):
            return ",".join(value)
    message = f"{where} must be a text, a number, a truth value or a list of texts"
    raise StartError(message)
