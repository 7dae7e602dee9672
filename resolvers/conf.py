"""A run's conf: JSON in Airflow 3, a pickle in Airflow 2, which is never run."""

import io
import math
import pickle
from typing import Any, NoReturn

from typing_extensions import override

from resolvers.derive import decoded
from resolvers.masking import masked

MOST_BYTES = 1024 * 1024


class _PlainUnpickler(pickle.Unpickler):
    """Reads numbers, texts, lists and objects; refuses to look up any name."""

    @override
    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        message = f"{module_name}.{global_name}"
        raise pickle.UnpicklingError(message)

    @override
    def persistent_load(self, pid: Any) -> NoReturn:
        raise pickle.UnpicklingError(pid)


def conf(stored: str | bytes | memoryview | None) -> Any:
    """What a run was given; None for nothing, and for a pickle that names a class."""
    if stored is None:
        return None
    if isinstance(stored, str):
        return masked(decoded(stored))
    raw = bytes(stored)
    if len(raw) > MOST_BYTES:
        return None
    try:
        found = _PlainUnpickler(io.BytesIO(raw)).load()
    except Exception:  # noqa: BLE001  # a hostile pickle can raise anything
        return None
    return masked(_json(found, 0))


def _json(value: object, depth: int) -> Any:
    """The value as JSON can hold it; what it cannot hold as text."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {str(k): _json(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(v, depth + 1) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


_DEEPEST = 200
