"""Settings: read once, from the environment; a wrong value stops the process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from dagway.configuration import CONFIG, configured
from dagway.database_address import ADDRESS, named
from dagway.identity.settings import IdentitySettings
from dagway.limits import Limits
from dagway.profiles import DEFAULTS, DEV, PRODUCTION
from dagway.replica_settings import REPLICAS, ReplicaSettings, check_replicas
from dagway.variable import (
    Secret,
    Variable,
    integer,
    names,
    networks,
    optional,
    origins,
    read,
    seconds,
    setting,
    switch,
    url_path,
    web_address,
    word,
)
from metadb.session import Bounds

PROFILE = "DAGWAY_PROFILE"
ROOT_PATH = "DAGWAY_ROOT_PATH"


@dataclass(frozen=True)
class Settings(ReplicaSettings, IdentitySettings):
    """What the gateway is told.

    Attributes:
        database: The metadata database's address.
        origin: Where that address was found, for messages.
    """

    database: Secret
    origin: str
    profile: str = setting(
        PROFILE,
        PRODUCTION,
        *word(PRODUCTION, DEV),
        "Which defaults hold: those of this table, or wider ones, as below; also "
        "`--profile`.",
    )
    airflow_url: str | None = setting(
        "DAGWAY_AIRFLOW_URL",
        "",
        "an http or https address without a query",
        web_address,
        "Where Airflow's own pages are, for the `url` fields; null without it.",
    )
    pool_size: int = setting(
        "DAGWAY_POOL_SIZE",
        "5",
        *integer(1, 200),
        "Connections to the database, at most, of each worker process, and as many to "
        "each replica. Each running operation holds one.",
    )
    statement_timeout_s: float = setting(
        "DAGWAY_STATEMENT_TIMEOUT",
        "8",
        *seconds(0.1, 600),
        "How long one SQL statement may take.",
    )
    operation_timeout_s: float = setting(
        "DAGWAY_OPERATION_TIMEOUT",
        "10",
        *seconds(0.1, 3600),
        "How long one GraphQL operation may take.",
    )
    row_budget: int = setting(
        "DAGWAY_ROW_BUDGET",
        "150000",
        *integer(1_000, 10_000_000),
        "How many rows the statements of one operation may return, all together.",
    )
    structure_budget: int = setting(
        "DAGWAY_STRUCTURE_BUDGET",
        "50",
        *integer(1, 10_000),
        "How many DAG structures one operation may decode.",
    )
    max_body: int = setting(
        "DAGWAY_MAX_BODY",
        "262144",
        *integer(1_024, 16_777_216),
        "How many bytes a request's body, or its query string, may have; else "
        "`BODY_TOO_LARGE`.",
    )
    body_timeout_s: float = setting(
        "DAGWAY_BODY_TIMEOUT",
        "10",
        *seconds(0.1, 600),
        "How long a request's body may take to arrive; else `BODY_TIMEOUT`.",
    )
    max_tokens: int = setting(
        "DAGWAY_MAX_TOKENS",
        "2000",
        *integer(100, 100_000),
        "How many tokens a document may have, comments too, and fields, once its "
        "fragments are written out; 32 characters for each token. Else `TOKEN_LIMIT`.",
    )
    max_depth: int = setting(
        "DAGWAY_MAX_DEPTH",
        "12",
        *integer(1, 50),
        "How many fields may be in one another; else `DEPTH_LIMIT`.",
    )
    max_introspection_depth: int = setting(
        "DAGWAY_MAX_INTROSPECTION_DEPTH",
        "15",
        *integer(1, 50),
        "The same below `__schema` and `__type`.",
    )
    max_aliases: int = setting(
        "DAGWAY_MAX_ALIASES",
        "15",
        *integer(0, 10_000),
        "How many fields may have an alias, those of a fragment each time it is "
        "spread, `__typename` apart; else `ALIAS_LIMIT`.",
    )
    max_directives: int = setting(
        "DAGWAY_MAX_DIRECTIVES",
        "50",
        *integer(0, 10_000),
        "How many directives an operation may have, counted likewise; else "
        "`DIRECTIVE_LIMIT`.",
    )
    max_root_fields: int = setting(
        "DAGWAY_MAX_ROOT_FIELDS",
        "20",
        *integer(1, 1_000),
        "How many fields of the query itself an operation may ask for; else "
        "`ROOT_FIELD_LIMIT`.",
    )
    max_nodes: int = setting(
        "DAGWAY_MAX_NODES",
        "500000",
        *integer(100, 100_000_000),
        "How many objects an operation may lead to, told before it runs from its page "
        "sizes and what other lists usually hold; else `NODE_LIMIT`.",
    )
    max_response: int = setting(
        "DAGWAY_MAX_RESPONSE",
        "67108864",
        *integer(1_024, 1_073_741_824),
        "How many bytes an answer may have; else `RESPONSE_TOO_LARGE`.",
    )
    heavy_nodes: int = setting(
        "DAGWAY_HEAVY_NODES",
        "20000",
        *integer(1, 100_000_000),
        "From how many such objects on an operation is heavy, and waits for its turn.",
    )
    heavy_operations: int = setting(
        "DAGWAY_HEAVY_OPERATIONS",
        "2",
        *integer(1, 200),
        "How many heavy operations a worker runs at once; at most one less than it has "
        "connections, so that others find one.",
    )
    heavy_wait_s: float = setting(
        "DAGWAY_HEAVY_WAIT",
        "5",
        *seconds(0, 600),
        "How long a heavy operation waits for its turn; else `BUSY`, with status 503.",
    )
    max_operations: int = setting(
        "DAGWAY_MAX_OPERATIONS",
        "100",
        *integer(1, 10_000),
        "How many requests a worker answers at once; else `BUSY`, with status 503.",
    )
    max_batch: int = setting(
        "DAGWAY_MAX_BATCH",
        "0",
        *integer(0, 10),
        "How many operations one request may have, as a list; else `BATCH_LIMIT`. 0 "
        "for no lists at all.",
    )
    rate_points: int = setting(
        "DAGWAY_RATE_POINTS",
        "0",
        *integer(0, 1_000_000),
        "How many points each client gets back a second, in each worker; an operation "
        "costs one for each 100 objects that it may lead to, and one at least. Else "
        "`RATE_LIMITED`, with status 429. 0 for no limit.",
    )
    rate_burst: int = setting(
        "DAGWAY_RATE_BURST",
        "2000",
        *integer(1, 10_000_000),
        "How many points a client has at most; no operation costs more.",
    )
    shutdown_s: float = setting(
        "DAGWAY_SHUTDOWN_TIMEOUT",
        "25",
        *seconds(0, 600),
        "How long operations may go on after SIGTERM, before connections are closed, "
        "for which 5 seconds more are allowed.",
    )
    root_path: str = setting(
        ROOT_PATH,
        "",
        "a path such as /airflow",
        url_path,
        "Where a proxy shows the gateway, whether it leaves this path off or not; also "
        "`--root-path`.",
    )
    trusted_proxies: tuple[str, ...] = setting(
        "DAGWAY_TRUSTED_PROXIES",
        "",
        "addresses and networks, separated by commas",
        networks,
        "Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    )
    operation_log: bool = setting(
        "DAGWAY_OPERATION_LOG",
        "on",
        *switch(),
        "Whether each operation is a line in the log, of JSON, to standard error.",
    )
    heartbeat_s: float = setting(
        "DAGWAY_HEARTBEAT_SECONDS",
        "30",
        *seconds(1, 86_400),
        "How long a healthy part of Airflow may be silent.",
    )
    log_url: str | None = setting(
        "DAGWAY_LOG_URL",
        "",
        "a folder, or a URL that fsspec opens",
        optional,
        "Where task logs are: a folder, or a URL such as `s3://bucket/logs`, once its "
        "fsspec package is installed. Without it `TaskInstance.log` says so.",
    )
    sensitive_fields: tuple[str, ...] = setting(
        "DAGWAY_SENSITIVE_FIELDS",
        "",
        "names, separated by commas",
        names,
        "Names whose values are shown as `***`, beside those that Airflow hides.",
    )
    trusted_documents: str | None = setting(
        "DAGWAY_TRUSTED_DOCUMENTS",
        "",
        "a file",
        optional,
        "A manifest of documents that requests may name by `documentId`, see "
        "[clients](clients.md); read at the start.",
    )
    trusted_only: bool = setting(
        "DAGWAY_TRUSTED_ONLY",
        "off",
        *switch(),
        "Whether documents of that manifest are taken and no others; else "
        "`DOCUMENT_NOT_TRUSTED`, with status 403.",
    )
    cors_origins: tuple[str, ...] = setting(
        "DAGWAY_CORS_ORIGINS",
        "",
        "origins such as https://app.example, separated by commas",
        origins,
        "Whose pages may ask from a browser, with a key and without cookies. "
        "Without it other origins' pages may not.",
    )
    execution: str = setting(
        "DAGWAY_EXECUTION",
        "breadth_first",
        *word("breadth_first", "graphql_core"),
        "How operations run: level by level, or as graphql-core does, which is slower "
        "and gives the same answers.",
    )
    log_level: str = setting(
        "DAGWAY_LOG_LEVEL",
        "info",
        *word("debug", "info", "warning", "error"),
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
            batch=self.max_batch,
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], db: str | None = None) -> "Settings":
        """The settings of this environment, on a given database or the one it names.

        What it does not say is as in the file of settings that it names, else as in the
        profile.

        Variables of other names are left alone, also those that begin with DAGWAY_:
        Kubernetes makes such ones for a service that is called dagway.

        Raises:
            StartError: if no database is named, or a value is not allowed, or a key
                of the file is none.
        """
        known = variables()
        names = (ADDRESS, *(variable.name for variable in known.values()))
        file = configured(environ.get(CONFIG, "").strip(), names)
        address, origin = named(environ, db, file.get(ADDRESS))
        said = {**file, **_in(environ, names)}
        profile = cls.profile
        if PROFILE in said:
            profile = read(known["profile"], said[PROFILE][1], said[PROFILE][0])
        defaults = {name: (name, text) for name, text in DEFAULTS[profile].items()}
        said = {**defaults, **said}
        found = {
            name: read(variable, said[variable.name][1], said[variable.name][0])
            for name, variable in known.items()
            if variable.name in said and said[variable.name][1]
        }
        check_replicas(
            address, found.get("replicas", ()), said.get(REPLICAS, (REPLICAS, ""))[0]
        )
        return cls(Secret(address), origin, **found)


def _in(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """By variable, its name and its text, where the environment has one."""
    return {
        name: (name, text) for name in names if (text := environ.get(name, "").strip())
    }


def variables() -> dict[str, Variable]:
    """The variables, by the setting that each fills."""
    return {
        one.name: one.metadata["variable"]
        for one in fields(Settings)
        if "variable" in one.metadata
    }
