import re
from pathlib import Path

import pytest

from dagway.errors import StartError
from dagway.limits import Limits
from dagway.settings import ADDRESS, Settings, variables
from dagway.variable import Secret
from metadb.session import Bounds

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
DB = "sqlite:////a.db"
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
        airflow_url=None,
        pool_size=5,
        statement_timeout_s=8.0,
        operation_timeout_s=10.0,
        row_budget=150_000,
        structure_budget=50,
        max_body=262_144,
        body_timeout_s=10.0,
        max_tokens=2_000,
        max_depth=12,
        max_introspection_depth=15,
        max_aliases=15,
        max_directives=50,
        max_root_fields=20,
        max_nodes=500_000,
        max_response=67_108_864,
        heavy_nodes=20_000,
        heavy_operations=2,
        heavy_wait_s=5.0,
        sensitive_fields=(),
        log_level="info",
    )


def test_every_setting_has_a_variable() -> None:
    environ = {
        "DAGWAY_AIRFLOW_URL": "https://air.example/prefix/",
        "DAGWAY_POOL_SIZE": " 7 ",
        "DAGWAY_STATEMENT_TIMEOUT": "1.5",
        "DAGWAY_OPERATION_TIMEOUT": "60",
        "DAGWAY_ROW_BUDGET": "1,000",
        "DAGWAY_STRUCTURE_BUDGET": "10_000",
        "DAGWAY_MAX_BODY": "2048",
        "DAGWAY_BODY_TIMEOUT": "1",
        "DAGWAY_MAX_TOKENS": "3,000",
        "DAGWAY_MAX_DEPTH": "13",
        "DAGWAY_MAX_INTROSPECTION_DEPTH": "16",
        "DAGWAY_MAX_ALIASES": "17",
        "DAGWAY_MAX_DIRECTIVES": "51",
        "DAGWAY_MAX_ROOT_FIELDS": "21",
        "DAGWAY_MAX_NODES": "1,000,000",
        "DAGWAY_MAX_RESPONSE": "4096",
        "DAGWAY_HEAVY_NODES": "30_000",
        "DAGWAY_HEAVY_OPERATIONS": "9",
        "DAGWAY_HEAVY_WAIT": "0",
        "DAGWAY_HEARTBEAT_SECONDS": "45",
        "DAGWAY_LOG_URL": "s3://bucket/logs",
        "DAGWAY_SENSITIVE_FIELDS": "PIN, card-number",
        "DAGWAY_KEYS_FILE": "/etc/dagway/keys",
        "DAGWAY_RULES_FILE": "/etc/dagway/rules.toml",
        "DAGWAY_EXECUTION": "graphql_core",
        "DAGWAY_LOG_LEVEL": "WARNING",
    }

    found = Settings.from_env(environ, DB)

    assert environ.keys() == {one.name for one in variables().values()}
    assert found == Settings(
        database=Secret(DB),
        origin="--db",
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
        max_nodes=1_000_000,
        max_response=4_096,
        heavy_nodes=30_000,
        heavy_operations=9,
        heavy_wait_s=0.0,
        heartbeat_s=45.0,
        log_url="s3://bucket/logs",
        sensitive_fields=("pin", "card-number"),
        keys_file="/etc/dagway/keys",
        rules_file="/etc/dagway/rules.toml",
        execution="graphql_core",
        log_level="warning",
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
        nodes=1_000_000,
        response=4_096,
        heavy_nodes=30_000,
        heavy_operations=6,  # one less than connections
        heavy_wait_s=0.0,
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
