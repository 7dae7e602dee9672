import re
from pathlib import Path

import pytest

from dagway.configuration import CONFIG
from dagway.database_address import ADDRESS
from dagway.errors import StartError
from dagway.limits import Limits
from dagway.profiles import DEFAULTS
from dagway.settings import Settings, variables
from dagway.variable import Secret
from metadb.session import Bounds

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
DB = "sqlite:////a.db"
POSTGRES = "postgresql://h/d"
PASSWORD = "s3cr3t"  # noqa: S105  # nobody's
CONN = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def refused(environ: dict[str, str], db: str | None = DB) -> str:
    """What is said of an environment that cannot be used."""
    with pytest.raises(StartError) as caught:
        Settings.from_env(environ, db)
    return str(caught.value)


@pytest.mark.parametrize(
    ("db", "environ", "address", "origin"),
    [
        ("sqlite:////1", {ADDRESS: "sqlite:////2", CONN: DB}, "sqlite:////1", "--db"),
        (
            None,
            {ADDRESS: "sqlite:////2", CONN: "sqlite:////3"},
            "sqlite:////2",
            ADDRESS,
        ),
        (None, {CONN: "sqlite:////3"}, "sqlite:////3", CONN),
    ],
)
def test_the_nearest_address_holds(
    db: str | None, environ: dict[str, str], address: str, origin: str
) -> None:
    found = Settings.from_env(environ, db)

    assert (found.database, found.origin) == (Secret(address), origin)


def test_without_an_address_all_places_are_named(tmp_path: Path) -> None:
    assert refused({"AIRFLOW_HOME": str(tmp_path)}, None) == (
        "no database is named: give --db or DAGWAY_DATABASE_URL; neither "
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN (or its _CMD) nor "
        f"{tmp_path}/airflow.cfg names one"
    )


def test_airflows_schema_goes_with_airflows_address() -> None:
    environ = {
        CONN: "postgresql://u:p@h/d",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA": "af",
    }

    ours = Settings.from_env(environ)
    given = Settings.from_env(environ, "postgresql://u:p@h/d")

    assert ours.database.value == (
        "postgresql://u:p@h/d?options=-csearch_path%3D%22af%22%2C%5C+"
        "%22%24user%22%2C%5C+public"
    )
    assert given.database.value == "postgresql://u:p@h/d"


@pytest.mark.parametrize(
    ("environ", "db"),
    [
        ({}, f"postgresql://u:{PASSWORD}@x@h/d"),
        ({ADDRESS: f"mysql://u:{PASSWORD}@h/d"}, None),
        ({CONN: f"postgresql://u:{PASSWORD}@h/d?port=x"}, None),
        (
            {
                CONN: f"postgresql://u:{PASSWORD}@h/d?port=x",
                "AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA": "af",
            },
            None,
        ),
    ],
)
def test_a_wrong_address_is_said_to_be_from_where_it_is(
    environ: dict[str, str], db: str | None
) -> None:
    said = refused(environ, db)

    origin = "--db" if db else next(iter(environ))
    assert said.startswith(f"{origin}: ")
    assert PASSWORD not in said


def test_every_setting_has_a_default() -> None:
    assert Settings.from_env({}, DB) == Settings(
        database=Secret(DB),
        origin="--db",
        profile="production",
        airflow_url=None,
        pool_size=5,
        statement_timeout_s=8.0,
        operation_timeout_s=10.0,
        row_budget=300_000,
        structure_budget=50,
        max_body=262_144,
        body_timeout_s=10.0,
        max_tokens=2_000,
        max_depth=12,
        max_introspection_depth=15,
        max_aliases=15,
        max_directives=50,
        max_root_fields=20,
        max_list=1_000,
        max_filter_depth=4,
        max_filter_tests=50,
        max_page=1_000,
        max_instances=10_000,
        max_events=200,
        max_versions=50,
        max_lines=10_000,
        max_ids=100,
        max_nodes=500_000,
        max_response=67_108_864,
        heavy_nodes=20_000,
        heavy_operations=2,
        heavy_wait_s=5.0,
        max_operations=100,
        rate_points=0,
        rate_burst=2_000,
        shutdown_s=25.0,
        root_path="",
        trusted_proxies=(),
        operation_log=True,
        sensitive_fields=(),
        trusted_documents=None,
        trusted_only=False,
        cors_origins=(),
        log_level="info",
        replicas=(),
        replica_lag_s=5.0,
    )


def test_every_setting_has_a_variable() -> None:
    environ = {
        "DAGWAY_PROFILE": "dev",
        "DAGWAY_AIRFLOW_URL": "https://air.example/prefix/",
        "DAGWAY_POOL_SIZE": " 7 ",
        "DAGWAY_STATEMENT_TIMEOUT": "1.5",
        "DAGWAY_OPERATION_TIMEOUT": "60",
        "DAGWAY_ROW_BUDGET": "1,000",
        "DAGWAY_STRUCTURE_BUDGET": "10_000",
        "DAGWAY_STRUCTURE_CACHE": "64",
        "DAGWAY_MAX_BODY": "2048",
        "DAGWAY_BODY_TIMEOUT": "1",
        "DAGWAY_MAX_TOKENS": "3,000",
        "DAGWAY_MAX_DEPTH": "13",
        "DAGWAY_MAX_INTROSPECTION_DEPTH": "16",
        "DAGWAY_MAX_ALIASES": "17",
        "DAGWAY_MAX_DIRECTIVES": "51",
        "DAGWAY_MAX_ROOT_FIELDS": "21",
        "DAGWAY_MAX_LIST": "11",
        "DAGWAY_MAX_FILTER_DEPTH": "5",
        "DAGWAY_MAX_FILTER_TESTS": "52",
        "DAGWAY_MAX_PAGE": "53",
        "DAGWAY_MAX_INSTANCES": "54",
        "DAGWAY_MAX_EVENTS": "55",
        "DAGWAY_MAX_VERSIONS": "56",
        "DAGWAY_MAX_LINES": "1,057",
        "DAGWAY_MAX_IDS": "58",
        "DAGWAY_MAX_NODES": "1,000,000",
        "DAGWAY_MAX_RESPONSE": "4096",
        "DAGWAY_HEAVY_NODES": "30_000",
        "DAGWAY_HEAVY_OPERATIONS": "9",
        "DAGWAY_HEAVY_WAIT": "0",
        "DAGWAY_MAX_OPERATIONS": "12",
        "DAGWAY_MAX_BATCH": "10",
        "DAGWAY_RATE_POINTS": "50",
        "DAGWAY_RATE_BURST": "1,000",
        "DAGWAY_SHUTDOWN_TIMEOUT": "3.5",
        "DAGWAY_ROOT_PATH": "/airflow/",
        "DAGWAY_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
        "DAGWAY_OPERATION_LOG": "off",
        "DAGWAY_HEARTBEAT_SECONDS": "45",
        "DAGWAY_LOG_URL": "s3://bucket/logs",
        "DAGWAY_SENSITIVE_FIELDS": "PIN, card-number",
        "DAGWAY_KEYS_FILE": "/etc/dagway/keys",
        "DAGWAY_OIDC_ISSUER": "https://id.example/",
        "DAGWAY_OIDC_AUDIENCE": "dagway, Graphs",
        "DAGWAY_OIDC_JWKS": "https://id.example/keys",
        "DAGWAY_AIRFLOW_JWT_SECRET": "hush",
        "DAGWAY_AIRFLOW_JWKS": "/etc/airflow/jwks.json",
        "DAGWAY_AIRFLOW_JWT_ALGORITHM": "HS256",
        "DAGWAY_AIRFLOW_JWT_AUDIENCE": "my-airflow",
        "DAGWAY_AIRFLOW_JWT_ISSUER": "airflow.example",
        "DAGWAY_RULES_FILE": "/etc/dagway/rules.toml",
        "DAGWAY_TRUSTED_DOCUMENTS": "/etc/dagway/manifest.json",
        "DAGWAY_TRUSTED_ONLY": "on",
        "DAGWAY_CORS_ORIGINS": "https://A.example, http://b:81",
        "DAGWAY_EXECUTION": "graphql_core",
        "DAGWAY_LOG_LEVEL": "WARNING",
        "DAGWAY_REPLICAS": "postgresql://a/d,postgres://b/d?host=c, postgresql://e/d",
        "DAGWAY_REPLICA_LAG": "1.5",
    }

    found = Settings.from_env(environ, POSTGRES)

    assert environ.keys() == {one.name for one in variables().values()}
    assert found == Settings(
        database=Secret(POSTGRES),
        origin="--db",
        profile="dev",
        airflow_url="https://air.example/prefix",
        pool_size=7,
        statement_timeout_s=1.5,
        operation_timeout_s=60.0,
        row_budget=1_000,
        structure_budget=10_000,
        max_body=2_048,
        body_timeout_s=1.0,
        max_tokens=3_000,
        max_depth=13,
        max_introspection_depth=16,
        max_aliases=17,
        max_directives=51,
        max_root_fields=21,
        max_list=11,
        max_filter_depth=5,
        max_filter_tests=52,
        max_page=53,
        max_instances=54,
        max_events=55,
        max_versions=56,
        max_lines=1_057,
        max_ids=58,
        max_nodes=1_000_000,
        max_response=4_096,
        heavy_nodes=30_000,
        heavy_operations=9,
        heavy_wait_s=0.0,
        max_operations=12,
        max_batch=10,
        rate_points=50,
        rate_burst=1_000,
        shutdown_s=3.5,
        root_path="/airflow",
        trusted_proxies=("10.0.0.0/8", "192.0.2.1"),
        operation_log=False,
        heartbeat_s=45.0,
        structure_cache=64,
        log_url="s3://bucket/logs",
        sensitive_fields=("pin", "card-number"),
        keys_file="/etc/dagway/keys",
        oidc_issuer="https://id.example/",
        oidc_audience=("dagway", "Graphs"),
        oidc_jwks="https://id.example/keys",
        airflow_jwt_secret=Secret("hush"),
        airflow_jwks="/etc/airflow/jwks.json",
        airflow_jwt_algorithm="HS256",
        airflow_jwt_audience=("my-airflow",),
        airflow_jwt_issuer="airflow.example",
        rules_file="/etc/dagway/rules.toml",
        trusted_documents="/etc/dagway/manifest.json",
        trusted_only=True,
        cors_origins=("https://a.example", "http://b:81"),
        execution="graphql_core",
        log_level="warning",
        replicas=(
            Secret("postgresql://a/d"),
            Secret("postgres://b/d?host=c"),
            Secret("postgresql://e/d"),
        ),
        replica_lag_s=1.5,
    )
    assert found.bounds == Bounds(
        rows=1_000, structures=10_000, statement_s=1.5, operation_s=60.0
    )
    assert found.limits == Limits(
        body=2_048,
        body_s=1.0,
        tokens=3_000,
        depth=13,
        introspection_depth=16,
        aliases=17,
        directives=51,
        root_fields=21,
        list_values=11,
        filter_depth=5,
        filter_tests=52,
        page=53,
        instances=54,
        events=55,
        versions=56,
        lines=1_057,
        ids=58,
        nodes=1_000_000,
        response=4_096,
        heavy_nodes=30_000,
        heavy_operations=6,  # one less than connections
        heavy_wait_s=0.0,
        batch=10,
    )


def test_the_limits_are_those_of_a_request_that_is_told_none() -> None:
    assert Settings.from_env({}, DB).limits == Limits()


def test_an_empty_variable_is_none() -> None:
    environ = {one.name: " " for one in variables().values()}

    assert Settings.from_env(environ, DB) == Settings.from_env({}, DB)


def test_variables_of_a_kubernetes_service_are_left_alone() -> None:
    environ = {"DAGWAY_PORT": "tcp://10.0.0.1:8000", "DAGWAY_SERVICE_HOST": "10.0.0.1"}

    assert Settings.from_env(environ, DB) == Settings.from_env({}, DB)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("AIRFLOW_URL", "air.example", "an http or https address without a query"),
        ("AIRFLOW_URL", "https://a/?b", "an http or https address without a query"),
        ("POOL_SIZE", "0", "an integer from 1 to 200"),
        ("POOL_SIZE", "201", "an integer from 1 to 200"),
        ("POOL_SIZE", "many", "an integer from 1 to 200"),
        ("STATEMENT_TIMEOUT", "0", "seconds, from 0.1 to 600"),
        ("STATEMENT_TIMEOUT", "nan", "seconds, from 0.1 to 600"),
        ("OPERATION_TIMEOUT", "1e9", "seconds, from 0.1 to 3600"),
        ("ROW_BUDGET", "1.5", "an integer from 1,000 to 10,000,000"),
        ("STRUCTURE_BUDGET", "-1", "an integer from 1 to 10,000"),
        ("SENSITIVE_FIELDS", "a,,b", "names, separated by commas"),
        ("ROOT_PATH", "airflow", "a path such as /airflow"),
        (
            "TRUSTED_PROXIES",
            "10.0.0.1/8",
            "addresses and networks, separated by commas",
        ),
        ("OPERATION_LOG", "yes", "one of on, off"),
        ("REPLICA_LAG", "0.9", "seconds, from 1 to 3600"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_what_is(
    name: str, value: str, allowed: str
) -> None:
    name = f"DAGWAY_{name}"

    assert refused({name: value}) == f"{name} is {value!r}; it must be {allowed}"


def test_a_wrong_value_shows_no_password() -> None:
    assert refused({"DAGWAY_AIRFLOW_URL": f"https://u:{PASSWORD}@air.example"}) == (
        "DAGWAY_AIRFLOW_URL is 'https://***@air.example'; "
        "it must be an http or https address without a query"
    )


def test_no_repr_of_the_settings_has_a_password() -> None:
    found = Settings.from_env({}, f"postgresql://u:{PASSWORD}@h/d")

    assert PASSWORD not in f"{found} {found!r} {found.database} {found.database!r}"
    assert PASSWORD in found.database.value


@pytest.mark.parametrize(
    ("replicas", "db", "said"),
    [
        ("postgresql://h/d", DB, "is set, and a SQLite database has no replicas"),
        (DB, POSTGRES, "sqlite:////a.db is SQLite's, which has no replicas"),
        (
            f"postgresql://u:{PASSWORD}@a,b/d",
            POSTGRES,
            "postgresql://u@a,b/d names several servers",
        ),
        (f"postgresql://u:{PASSWORD}@h/d?port=x", POSTGRES, "port"),
        (f"postgresql://a/d, mysql://u:{PASSWORD}@h/d", POSTGRES, "mysql databases"),
        (f"u:{PASSWORD}@h/d", POSTGRES, "cannot be read"),
    ],
)
def test_replicas_that_can_be_none_are_refused(
    replicas: str, db: str, said: str, tmp_path: Path
) -> None:
    environ = configured(tmp_path, f'replicas = ["{replicas}"]')
    for found, where in (
        (refused({"DAGWAY_REPLICAS": replicas}, db), "DAGWAY_REPLICAS"),
        (refused(environ, db), f"replicas in {environ[CONFIG]}"),
    ):
        assert found.startswith(where)
        assert said in found
        assert PASSWORD not in found


def test_no_repr_of_the_settings_has_a_replicas_password() -> None:
    replica = f"postgresql://u:{PASSWORD}@h/d"
    found = Settings.from_env({"DAGWAY_REPLICAS": f"{replica},{replica}"}, POSTGRES)

    assert PASSWORD not in f"{found} {found!r} {found.replicas}"
    assert [one.value for one in found.replicas] == [replica, replica]


def test_secrets_are_equal_by_their_text() -> None:
    assert {Secret("a"), Secret("a"), Secret("b")} == {Secret("b"), Secret("a")}
    assert Secret("a") != "a"


def test_the_documentation_has_every_variable() -> None:
    rows = re.findall(
        r"^\| `(DAGWAY_\w+)` \| (.*?) \| (.*?) \| (.*?) \|$",
        OPERATING.read_text(),
        re.MULTILINE,
    )

    own = [row for row in rows if row[0] != ADDRESS]
    assert [row[0] for row in rows if row not in own] == [ADDRESS]
    assert own == [
        (
            one.name,
            f"`{one.default}`" if one.default else "none",
            one.allowed,
            one.meaning,
        )
        for one in variables().values()
    ]


def test_the_documentation_has_the_defaults_of_the_dev_profile() -> None:
    rows = re.findall(
        r"^\| `(DAGWAY_\w+)` \| `(.*?)` \|$", OPERATING.read_text(), re.MULTILINE
    )

    assert dict(rows) == DEFAULTS["dev"]


def test_the_dev_profile_allows_more_and_a_variable_still_holds() -> None:
    found = Settings.from_env({"DAGWAY_PROFILE": "dev", "DAGWAY_MAX_DEPTH": "13"}, DB)

    assert (found.max_depth, found.max_aliases, found.max_body) == (13, 500, 1_048_576)
    for name, text in DEFAULTS["dev"].items():
        (variable,) = (one for one in variables().values() if one.name == name)
        assert variable.read(text) > variable.read(variable.default), name


def configured(folder: Path, text: str) -> dict[str, str]:
    """An environment with a file of settings of that text."""
    path = folder / "dagway.toml"
    path.write_text(text, encoding="utf-8")
    return {CONFIG: str(path)}


def test_a_file_says_what_the_environment_does_not(tmp_path: Path) -> None:
    environ = configured(
        tmp_path,
        """
        database_url = "sqlite:////file.db"
        pool_size = 7
        max_depth = 9
        sensitive_fields = ["pin", "card"]
        operation_log = false
        heavy_wait = 0.5
        """,
    )

    found = Settings.from_env({**environ, "DAGWAY_MAX_DEPTH": "10"})

    assert (found.pool_size, found.max_depth, found.heavy_wait_s) == (7, 10, 0.5)
    assert found.sensitive_fields == ("pin", "card")
    assert found.operation_log is False
    assert found.database == Secret("sqlite:////file.db")
    assert found.origin == f"database_url in {environ[CONFIG]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "pool_size = 0",
            "pool_size in {} is '0'; it must be an integer from 1 to 200",
        ),
        ("pool_sise = 5", "{} has 'pool_sise', which is no setting; it may have "),
        ("pool_size = [1]", "pool_size in {} must be a text, a number, a truth value"),
        ("pool_size", "{} cannot be used: "),
        (
            'profile = "big"',
            "profile in {} is 'big'; it must be one of production, dev",
        ),
        ('database_url = "mysql://h"', "database_url in {}: "),
    ],
)
def test_a_file_that_is_wrong_is_told_where(
    tmp_path: Path, text: str, said: str
) -> None:
    environ = configured(tmp_path, text)

    db = None if "database_url" in text else DB
    assert refused(environ, db).startswith(said.format(environ[CONFIG]))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.toml")

    assert refused({CONFIG: gone}).startswith(f"{gone} cannot be used: ")
