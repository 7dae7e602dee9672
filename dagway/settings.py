"""Settings: read once, from the environment; a wrong value stops the process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from dagway.configuration import CONFIG, configured
from dagway.database_address import ADDRESS, named
from dagway.identity.settings import IdentitySettings
from dagway.profiles import DEFAULTS, DEV, PRODUCTION
from dagway.protection.settings import ProtectionSettings
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

PROFILE = "DAGWAY_PROFILE"
ROOT_PATH = "DAGWAY_ROOT_PATH"


@dataclass(frozen=True)
class Settings(ReplicaSettings, ProtectionSettings, IdentitySettings):
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
    structure_cache: int = setting(
        "DAGWAY_STRUCTURE_CACHE",
        "0",
        *integer(0, 65_536),
        "How many MiB each worker may keep of decoded DAG structures, see below; 0 for "
        "none.",
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
