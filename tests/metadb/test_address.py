from pathlib import Path
from typing import Any

import pytest

from metadb.address import PostgresAddress, SqliteAddress, in_schema, read_address
from metadb.errors import BadAddress

READ_ONLY = {"application_name": "dagway", "default_transaction_read_only": "on"}
PASSWORD = "s3cr3t"  # noqa: S105  # nobody's


def arguments(address: str) -> dict[str, Any]:
    """What asyncpg is given."""
    found = read_address(address)
    assert isinstance(found, PostgresAddress)
    return dict(found.arguments)


def refused(address: str) -> str:
    """What is said of an address that is refused."""
    with pytest.raises(BadAddress) as caught:
        read_address(address)
    return str(caught.value)


@pytest.mark.parametrize(
    "scheme",
    [
        "postgresql",
        "postgres",
        "postgresql+psycopg2",
        "postgres+psycopg2",
        "postgresql+psycopg",
        "postgresql+psycopg_async",
        "postgresql+asyncpg",
    ],
)
def test_every_spelling_of_postgresql_is_the_same_database(scheme: str) -> None:
    found = read_address(f"{scheme}://ada:p%40ss%2Fw@db.example:5433/airflow")

    assert found == PostgresAddress(
        "postgresql://ada@db.example:5433/airflow",
        {
            "user": "ada",
            "password": "p@ss/w",
            "database": "airflow",
            "host": ["db.example"],
            "port": [5433],
            "timeout": 10.0,
            "server_settings": READ_ONLY,
        },
    )


@pytest.mark.parametrize(
    ("address", "path"),
    [
        pytest.param("sqlite:////opt/airflow.db", "/opt/airflow.db", id="absolute"),
        pytest.param("sqlite:///airflow.db", "airflow.db", id="relative"),
        pytest.param("sqlite+aiosqlite:////a/b.db", "/a/b.db", id="aiosqlite"),
        pytest.param("sqlite+pysqlite:////a/b.db", "/a/b.db", id="pysqlite"),
        pytest.param(" sqlite:////a/b.db\n", "/a/b.db", id="white space"),
        pytest.param("sqlite:////a@b/c@d.db", "/a@b/c@d.db", id="ats"),
        pytest.param("sqlite:////a%20b.db", "/a b.db", id="a blank"),
        pytest.param("sqlite:////a.db?check_same_thread=false", "/a.db", id="query"),
        pytest.param("sqlite:///file:/a.db?mode=ro&uri=true", "/a.db", id="a uri"),
    ],
)
def test_every_spelling_of_sqlite_names_its_file(address: str, path: str) -> None:
    assert read_address(address) == SqliteAddress(Path(path), busy_s=5.0)


def test_a_sqlite_timeout_is_how_long_a_lock_is_waited_for() -> None:
    assert read_address("sqlite:////a.db?timeout=30") == SqliteAddress(
        Path("/a.db"), busy_s=30.0
    )


@pytest.mark.parametrize(
    ("query", "given"),
    [
        pytest.param("connect_timeout=3", {"timeout": 3.0}, id="timeout"),
        pytest.param("connect_timeout=0", {"timeout": 10.0}, id="without timeout"),
        pytest.param(
            "sslmode=require", {"dsn": "postgresql://?sslmode=require"}, id="tls"
        ),
        pytest.param(
            "ssl=verify-full",
            {"dsn": "postgresql://?sslmode=verify-full"},
            id="asyncpg's tls",
        ),
        pytest.param(
            "sslmode=verify-ca&sslrootcert=/etc/hosts&sslcert=/etc/hosts&sslkey=/etc/hosts",
            {
                "dsn": "postgresql://?sslmode=verify-ca&sslcert=%2Fetc%2Fhosts"
                "&sslkey=%2Fetc%2Fhosts&sslrootcert=%2Fetc%2Fhosts"
            },
            id="certificates",
        ),
        pytest.param(
            "target_session_attrs=read-write",
            {"target_session_attrs": "primary"},
            id="read-write",
        ),
        pytest.param(
            "target_session_attrs=read-only",
            {"target_session_attrs": "standby"},
            id="read-only",
        ),
        pytest.param(
            "target_session_attrs=any", {"target_session_attrs": "any"}, id="any"
        ),
        pytest.param("host=/run/pg", {"host": ["/run/pg"]}, id="socket"),
        pytest.param("host=/sql/a:b:1", {"host": ["/sql/a:b:1"]}, id="colons"),
        pytest.param(
            "host=%2Frun%2Fpg&port=5433",
            {"host": ["/run/pg"], "port": [5433]},
            id="socket and port",
        ),
        pytest.param(
            "host=a:1&host=b:2",
            {"host": ["a", "b"], "port": [1, 2]},
            id="hosts, as SQLAlchemy",
        ),
        pytest.param(
            "host=a,b&port=1,2",
            {"host": ["a", "b"], "port": [1, 2]},
            id="hosts, as libpq",
        ),
        pytest.param(
            "host=a,b&port=1", {"host": ["a", "b"], "port": [1, 1]}, id="one port"
        ),
        pytest.param(
            "host=a:1,b", {"host": ["a", "b"], "port": [1, 5432]}, id="usual port"
        ),
        pytest.param("host=[::1]:5433", {"host": ["::1"], "port": [5433]}, id="ipv6"),
        pytest.param("port=5433", {"port": 5433}, id="port alone"),
        pytest.param(
            "user=ada&password=p%40&dbname=x",
            {"user": "ada", "password": "p@", "database": "x"},
            id="login",
        ),
        pytest.param(
            "passfile=/p&service=s", {"passfile": "/p", "service": "s"}, id="files"
        ),
        pytest.param(
            "krbsrvname=k&gsslib=gssapi",
            {"krbsrvname": "k", "gsslib": "gssapi"},
            id="kerberos",
        ),
        pytest.param(
            "keepalives=1&keepalives_idle=30&tcp_user_timeout=9", {}, id="keepalives"
        ),
        pytest.param("gssencmode=disable&channel_binding=prefer", {}, id="the default"),
        pytest.param(
            "client_encoding=utf8&prepared_statement_cache_size=0", {}, id="drivers'"
        ),
    ],
)
def test_parameters_are_what_the_driver_calls_them(
    query: str, given: dict[str, Any]
) -> None:
    usual: dict[str, Any] = {
        "user": None,
        "password": None,
        "database": None,
        "timeout": 10.0,
        "server_settings": READ_ONLY,
    }

    assert arguments(f"postgresql://?{query}") == {**usual, **given}


@pytest.mark.parametrize(
    ("query", "settings"),
    [
        pytest.param("application_name=ui", {"application_name": "ui"}, id="name"),
        pytest.param(
            "fallback_application_name=ui", {"application_name": "ui"}, id="fallback"
        ),
        pytest.param("options=-csearch_path%3Daf", {"search_path": "af"}, id="glued"),
        pytest.param(
            "options=-c search_path=af,public -c jit=off",
            {"search_path": "af,public", "jit": "off"},
            id="two",
        ),
        pytest.param("options=--search-path=af", {"search_path": "af"}, id="long"),
        pytest.param(
            r'options=-csearch_path="my\ own",x',
            {"search_path": '"my own",x'},
            id="escaped",
        ),
        pytest.param(
            "options=-cdefault_transaction_read_only=off", {}, id="read-only stays"
        ),
    ],
)
def test_options_are_settings_of_the_session(
    query: str, settings: dict[str, str]
) -> None:
    found = arguments(f"postgresql://h/d?{query}")

    assert found["server_settings"] == {**READ_ONLY, **settings}


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://h/d?replication=true",
        "sqlite:////a.db?replication=x",
    ],
)
def test_a_parameter_that_is_not_supported_is_named(address: str) -> None:
    assert refused(address) == (
        "the parameter replication of the database address is not supported; "
        "leave it out"
    )


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("channel_binding=require", "disable, prefer"),
        ("gssencmode=require", "disable, prefer"),
        ("load_balance_hosts=random", "disable"),
        ("sslmode=on", "disable, allow, prefer, require, verify-ca, verify-full"),
        (
            "target_session_attrs=x",
            "any, primary, standby, prefer-standby, read-write, read-only",
        ),
    ],
)
def test_a_value_that_cannot_be_honoured_is_told_what_can(
    query: str, allowed: str
) -> None:
    name = query.partition("=")[0]

    said = refused(f"postgresql://h/d?{query}")

    assert said == (f"the parameter {name} of the database address may be {allowed}")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://h/d?sslcert=/none", "sslcert must name a file that can be read"),
        (
            "postgresql://h/d?connect_timeout=x",
            "connect_timeout must be a number of seconds",
        ),
        ("postgresql://h/d?options=-E", "options must be a list of -c name=value"),
        ("postgresql://h/d?port=x", "port must be a number"),
        (
            "postgresql://h/d?host=a,b&port=1,2,3",
            "port must have one number, or as many as host has names",
        ),
        ("sqlite:////a.db?timeout=x", "timeout must be a number of seconds"),
    ],
)
def test_a_value_of_another_form_is_told_which(address: str, said: str) -> None:
    name, _, said = said.partition(" ")
    assert refused(address) == (f"the parameter {name} of the database address {said}")


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_nobody_elses(address: str) -> None:
    assert refused(address) == (
        "the address names a SQLite database in memory; name a file"
    )


def test_a_sqlite_address_has_no_host() -> None:
    assert refused("sqlite://airflow.db") == (
        "a SQLite address has three slashes, or four for an absolute path"
    )


def test_other_databases_are_refused() -> None:
    assert refused(f"mysql+pymysql://u:{PASSWORD}@h/d") == (
        "mysql databases are not supported; "
        "the gateway reads Airflow's on PostgreSQL and SQLite"
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        PASSWORD,
        f"postgresql:/u:{PASSWORD}@h/d",
        f"postgresql://u:{PASSWORD}@x@h/d",
        f"postgresql://u:x@{PASSWORD}@h/d",
        f"postgresql://u:x@{PASSWORD}/w@h/d",
        f"postgresql://u:x@y/{PASSWORD}@h/d",
        f"postgresql://u:x@y:{PASSWORD}@h/d",
        f"postgresql://u:x@y?{PASSWORD}@h/d=1",
        f"postgresql://u:{PASSWORD}/d",
        f"postgresql://u:{PASSWORD}@h:port/d",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(address: str) -> None:
    said = refused(address)

    assert said == (
        "the database address cannot be read; it should look like "
        "postgresql://user:password@host:5432/airflow or sqlite:////opt/airflow.db, "
        "with %40, %2F and %3A for an @, / or : in the password"
    )


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{PASSWORD}@h/d",
        f"postgresql://u@h/d?password={PASSWORD}",
        f"postgresql://u@h/d?sslpassword={PASSWORD}",
        f"postgresql://u:{PASSWORD}?x@h/d",
    ],
)
def test_a_repr_never_has_a_password(address: str) -> None:
    found = read_address(address)

    assert PASSWORD not in repr(found)
    assert isinstance(found, PostgresAddress)
    assert PASSWORD in repr(found.arguments)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        pytest.param("postgres://u:p%40@h/d", '"af", "$user", public', id="usual path"),
        pytest.param(
            "postgres://u:p%40@h/d?options=-csearch_path%3Da,b",
            '"af", a,b',
            id="own path",
        ),
        pytest.param(
            "postgres://u:p%40@h/d?options=-csearch_path%3Da\\ b",
            '"af", a b',
            id="escaped",
        ),
    ],
)
def test_a_schema_comes_before_the_others(address: str, path: str) -> None:
    found = arguments(in_schema(address, "af"))

    assert found["server_settings"]["search_path"] == path
    assert (found["user"], found["password"]) == ("u", "p@")


def test_a_schema_may_have_any_name() -> None:
    found = arguments(in_schema("postgres://h/d", 'a "b\\ c'))

    assert found["server_settings"]["search_path"] == ('"a ""b\\ c", "$user", public')


def test_a_sqlite_database_has_no_schemas() -> None:
    assert in_schema("sqlite:////a.db", "af") == "sqlite:////a.db"
