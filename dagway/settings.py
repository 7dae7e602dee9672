"""Settings: read once, from the environment; a wrong value stops the process."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from typing_extensions import override

from dagway.airflow_config import airflow_database, config_path
from dagway.errors import StartError
from dagway.limits import Limits
from metadb.address import in_schema, read_address
from metadb.errors import BadAddress
from metadb.session import Bounds

ADDRESS = "DAGWAY_DATABASE_URL"


class Secret:
    """A text that shows in no repr, message or log.

    Attributes:
        value: The text.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    @override
    def __repr__(self) -> str:
        return "Secret(***)"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    @override
    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment that fills one setting.

    Attributes:
        name: Of the variable.
        default: What holds without it, as it would be written.
        allowed: Which values it may have.
        meaning: What it is for.
        read: The setting from the variable's text; ValueError if it is not allowed.
    """

    name: str
    default: str
    allowed: str
    meaning: str
    read: Callable[[str], Any]


def _setting(
    name: str, default: str, allowed: str, read: Callable[[str], Any], meaning: str
) -> Any:
    """A field that a variable fills; its default goes the same way."""
    variable = Variable(name, default, allowed, meaning, read)
    return field(default=read(default), metadata={"variable": variable})


def _integer(lowest: int, highest: int) -> tuple[str, Callable[[str], int]]:
    def read(text: str) -> int:
        value = int(text.replace(",", "").replace("_", ""))
        if not lowest <= value <= highest:
            raise ValueError
        return value

    return f"an integer from {lowest:,} to {highest:,}", read


def _seconds(lowest: float, highest: float) -> tuple[str, Callable[[str], float]]:
    def read(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and lowest <= value <= highest):
            raise ValueError
        return value

    return f"seconds, from {lowest:g} to {highest:g}", read


def _word(*allowed: str) -> tuple[str, Callable[[str], str]]:
    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError
        return text.lower()

    return f"one of {', '.join(allowed)}", read


def _names(text: str) -> tuple[str, ...]:
    found = tuple(name.strip().lower() for name in text.split(",")) if text else ()
    if not all(re.fullmatch(r"[\w.-]+", name) for name in found):
        raise ValueError
    return found


def _optional(text: str) -> str | None:
    return text or None


def _web_address(text: str) -> str | None:
    if not text:
        return None
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError
    return text.rstrip("/")


@dataclass(frozen=True)
class Settings:
    """What the gateway is told.

    Attributes:
        database: The metadata database's address.
        origin: Where that address was found, for messages.
    """

    database: Secret
    origin: str
    airflow_url: str | None = _setting(
        "DAGWAY_AIRFLOW_URL",
        "",
        "an http or https address without a query",
        _web_address,
        "Where Airflow's own pages are, for the `url` fields; null without it.",
    )
    pool_size: int = _setting(
        "DAGWAY_POOL_SIZE",
        "5",
        *_integer(1, 200),
        "Connections to the database, at most, of each worker process. Each running "
        "operation holds one.",
    )
    statement_timeout_s: float = _setting(
        "DAGWAY_STATEMENT_TIMEOUT",
        "8",
        *_seconds(0.1, 600),
        "How long one SQL statement may take.",
    )
    operation_timeout_s: float = _setting(
        "DAGWAY_OPERATION_TIMEOUT",
        "10",
        *_seconds(0.1, 3600),
        "How long one GraphQL operation may take.",
    )
    row_budget: int = _setting(
        "DAGWAY_ROW_BUDGET",
        "150000",
        *_integer(1_000, 10_000_000),
        "How many rows the statements of one operation may return, all together.",
    )
    structure_budget: int = _setting(
        "DAGWAY_STRUCTURE_BUDGET",
        "50",
        *_integer(1, 10_000),
        "How many DAG structures one operation may decode.",
    )
    max_body: int = _setting(
        "DAGWAY_MAX_BODY",
        "262144",
        *_integer(1_024, 16_777_216),
        "How many bytes a request's body, or its query string, may have; else "
        "`BODY_TOO_LARGE`.",
    )
    body_timeout_s: float = _setting(
        "DAGWAY_BODY_TIMEOUT",
        "10",
        *_seconds(0.1, 600),
        "How long a request's body may take to arrive; else `BODY_TIMEOUT`.",
    )
    max_tokens: int = _setting(
        "DAGWAY_MAX_TOKENS",
        "2000",
        *_integer(100, 100_000),
        "How many tokens a document may have, comments too, and fields, once its "
        "fragments are written out; 32 characters for each token. Else `TOKEN_LIMIT`.",
    )
    max_depth: int = _setting(
        "DAGWAY_MAX_DEPTH",
        "12",
        *_integer(1, 50),
        "How many fields may be in one another; else `DEPTH_LIMIT`.",
    )
    max_introspection_depth: int = _setting(
        "DAGWAY_MAX_INTROSPECTION_DEPTH",
        "15",
        *_integer(1, 50),
        "The same below `__schema` and `__type`.",
    )
    max_aliases: int = _setting(
        "DAGWAY_MAX_ALIASES",
        "15",
        *_integer(0, 10_000),
        "How many fields may have an alias, those of a fragment each time it is "
        "spread, `__typename` apart; else `ALIAS_LIMIT`.",
    )
    max_directives: int = _setting(
        "DAGWAY_MAX_DIRECTIVES",
        "50",
        *_integer(0, 10_000),
        "How many directives an operation may have, counted likewise; else "
        "`DIRECTIVE_LIMIT`.",
    )
    max_root_fields: int = _setting(
        "DAGWAY_MAX_ROOT_FIELDS",
        "20",
        *_integer(1, 1_000),
        "How many fields of the query itself an operation may ask for; else "
        "`ROOT_FIELD_LIMIT`.",
    )
    max_nodes: int = _setting(
        "DAGWAY_MAX_NODES",
        "500000",
        *_integer(100, 100_000_000),
        "How many objects an operation may lead to, told before it runs from its page "
        "sizes and what other lists usually hold; else `NODE_LIMIT`.",
    )
    max_response: int = _setting(
        "DAGWAY_MAX_RESPONSE",
        "67108864",
        *_integer(1_024, 1_073_741_824),
        "How many bytes an answer may have; else `RESPONSE_TOO_LARGE`.",
    )
    heavy_nodes: int = _setting(
        "DAGWAY_HEAVY_NODES",
        "20000",
        *_integer(1, 100_000_000),
        "From how many such objects on an operation is heavy, and waits for its turn.",
    )
    heavy_operations: int = _setting(
        "DAGWAY_HEAVY_OPERATIONS",
        "2",
        *_integer(1, 200),
        "How many heavy operations a worker runs at once; at most one less than it has "
        "connections, so that others find one.",
    )
    heavy_wait_s: float = _setting(
        "DAGWAY_HEAVY_WAIT",
        "5",
        *_seconds(0, 600),
        "How long a heavy operation waits for its turn; else `BUSY`, with status 503.",
    )
    heartbeat_s: float = _setting(
        "DAGWAY_HEARTBEAT_SECONDS",
        "30",
        *_seconds(1, 86_400),
        "How long a healthy part of Airflow may be silent.",
    )
    log_url: str | None = _setting(
        "DAGWAY_LOG_URL",
        "",
        "a folder, or a URL that fsspec opens",
        _optional,
        "Where task logs are: a folder, or a URL such as `s3://bucket/logs`, once its "
        "fsspec package is installed. Without it `TaskInstance.log` says so.",
    )
    sensitive_fields: tuple[str, ...] = _setting(
        "DAGWAY_SENSITIVE_FIELDS",
        "",
        "names, separated by commas",
        _names,
        "Names whose values are shown as `***`, beside those that Airflow hides.",
    )
    execution: str = _setting(
        "DAGWAY_EXECUTION",
        "breadth_first",
        *_word("breadth_first", "graphql_core"),
        "How operations run: level by level, or as graphql-core does, which is slower "
        "and gives the same answers.",
    )
    log_level: str = _setting(
        "DAGWAY_LOG_LEVEL",
        "info",
        *_word("debug", "info", "warning", "error"),
        "From which level on messages are logged, to standard error.",
    )

    @property
    def bounds(self) -> Bounds:
        """What one operation may cost."""
        return Bounds(
            self.row_budget,
            self.structure_budget,
            self.statement_timeout_s,
            self.operation_timeout_s,
        )

    @property
    def limits(self) -> Limits:
        """What one request may be, and what may come of it."""
        return Limits(
            body=self.max_body,
            body_s=self.body_timeout_s,
            tokens=self.max_tokens,
            depth=self.max_depth,
            introspection_depth=self.max_introspection_depth,
            aliases=self.max_aliases,
            directives=self.max_directives,
            root_fields=self.max_root_fields,
            nodes=self.max_nodes,
            response=self.max_response,
            heavy_nodes=self.heavy_nodes,
            heavy_operations=min(self.heavy_operations, max(1, self.pool_size - 1)),
            heavy_wait_s=self.heavy_wait_s,
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], db: str | None = None) -> "Settings":
        """The settings of this environment, on a given database or the one it names.

        Variables of other names are left alone, also those that begin with DAGWAY_:
        Kubernetes makes such ones for a service that is called dagway.

        Raises:
            StartError: if no database is named, or a value is not allowed.
        """
        address, origin = _database(environ, db)
        try:
            read_address(address)
        except BadAddress as error:
            message = f"{origin}: {error}"
            raise StartError(message) from None
        read = {
            name: _read(variable, text)
            for name, variable in variables().items()
            if (text := environ.get(variable.name, "").strip())
        }
        return cls(Secret(address), origin, **read)


def variables() -> dict[str, Variable]:
    """The variables, by the setting that each fills."""
    return {
        one.name: one.metadata["variable"]
        for one in fields(Settings)
        if "variable" in one.metadata
    }


def _read(variable: Variable, text: str) -> Any:
    try:
        return variable.read(text)
    except ValueError:
        shown = re.sub("//.*@", "//***@", text)
        message = f"{variable.name} is {shown!r}; it must be {variable.allowed}"
        raise StartError(message) from None


def _database(environ: Mapping[str, str], db: str | None) -> tuple[str, str]:
    """The database's address, and where it was found."""
    if db:
        return db, "--db"
    if given := environ.get(ADDRESS):
        return given, ADDRESS
    found = airflow_database(environ)
    if found is None:
        message = (
            f"no database is named: give --db or {ADDRESS}; neither "
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN (or its _CMD) nor "
            f"{config_path(environ)} names one"
        )
        raise StartError(message)
    if found.schema is None:
        return found.address, found.origin
    try:
        return in_schema(found.address, found.schema), found.origin
    except BadAddress as error:
        message = f"{found.origin}: {error}"
        raise StartError(message) from None
