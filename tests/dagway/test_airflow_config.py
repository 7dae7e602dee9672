import sys
from pathlib import Path

import pytest

from dagway.airflow_config import AirflowDatabase, airflow_database
from dagway.errors import StartError

CONN = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
PASSWORD = "s3cr3t"  # noqa: S105  # nobody's


def prints(text: str) -> str:
    """A command that prints a text."""
    return f"{sys.executable} -c \"print('{text}')\""


def configured(folder: Path, text: str) -> dict[str, str]:
    """The environment of an Airflow whose airflow.cfg has this text."""
    folder.joinpath("airflow.cfg").write_text(text)
    return {"AIRFLOW_HOME": str(folder)}


def refused(environ: dict[str, str]) -> str:
    """What is said of a configuration that cannot be used."""
    with pytest.raises(StartError) as caught:
        airflow_database(environ)
    return str(caught.value)


@pytest.mark.parametrize(
    ("environ", "address", "origin"),
    [
        pytest.param({CONN: "sqlite:////a"}, "sqlite:////a", CONN, id="variable"),
        pytest.param(
            {CONN: "sqlite:////a", f"{CONN}_CMD": prints("sqlite:////b")},
            "sqlite:////a",
            CONN,
            id="a variable comes before a command",
        ),
        pytest.param(
            {f"{CONN}_CMD": prints(" sqlite:////b ")},
            "sqlite:////b",
            f"{CONN}_CMD",
            id="command",
        ),
        pytest.param(
            {"AIRFLOW__CORE__SQL_ALCHEMY_CONN": "sqlite:////old"},
            "sqlite:////old",
            "AIRFLOW__CORE__SQL_ALCHEMY_CONN",
            id="old section",
        ),
        pytest.param(
            {
                "AIRFLOW__CORE__SQL_ALCHEMY_CONN": "sqlite:////old",
                f"{CONN}_CMD": prints("sqlite:////b"),
            },
            "sqlite:////b",
            f"{CONN}_CMD",
            id="the new section comes first",
        ),
        pytest.param(
            {CONN: "sqlite:///${D}/$E/a%%b$F", "D": "/d", "E": "$G", "G": "g"},
            "sqlite:////d/g/a%%b$F",
            CONN,
            id="variables in it",
        ),
    ],
)
def test_airflows_variables_name_its_database(
    environ: dict[str, str], address: str, origin: str, tmp_path: Path
) -> None:
    found = airflow_database({"AIRFLOW_HOME": str(tmp_path), **environ})

    assert found == AirflowDatabase(address, origin, None)


@pytest.mark.parametrize(
    ("text", "address", "option"),
    [
        pytest.param(
            "[core]\nx = %\n[database]\nsql_alchemy_conn = postgresql://u:p%%40@h/d\n",
            "postgresql://u:p%40@h/d",
            "[database] sql_alchemy_conn",
            id="percent",
        ),
        pytest.param(
            "[database]\nfile = /x\nsql_alchemy_conn = sqlite:///%(file)s/$D\n",
            "sqlite:////x/d",
            "[database] sql_alchemy_conn",
            id="interpolated",
        ),
        pytest.param(
            "[core]\nsql_alchemy_conn = sqlite:////old\n",
            "sqlite:////old",
            "[core] sql_alchemy_conn",
            id="old section",
        ),
        pytest.param(
            "[database]\nsql_alchemy_conn =\nsql_alchemy_conn_cmd = echo sqlite:////b\n",
            "sqlite:////b",
            "[database] sql_alchemy_conn_cmd",
            id="command",
        ),
        pytest.param(
            "[core]\nsql_alchemy_conn = sqlite:////old\n"
            "[database]\nsql_alchemy_conn_cmd = echo sqlite:////b\n",
            "sqlite:////old",
            "[core] sql_alchemy_conn",
            id="an option comes before a command",
        ),
    ],
)
def test_airflows_file_names_its_database(
    text: str, address: str, option: str, tmp_path: Path
) -> None:
    environ = {**configured(tmp_path, text), "D": "d", "PATH": "/usr/bin:/bin"}

    found = airflow_database(environ)

    origin = f"{option} in {tmp_path}/airflow.cfg"
    assert found == AirflowDatabase(address, origin, None)


def test_a_variable_comes_before_the_file(tmp_path: Path) -> None:
    environ = configured(tmp_path, "[database]\nsql_alchemy_conn = sqlite:////a\n")

    found = airflow_database({**environ, CONN: "sqlite:////b"})

    assert found == AirflowDatabase("sqlite:////b", CONN, None)


def test_the_file_may_be_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "my.cfg"
    file.write_text("[database]\nsql_alchemy_conn = sqlite:////a\n")

    found = airflow_database({"AIRFLOW_CONFIG": "$HERE/my.cfg", "HERE": str(tmp_path)})

    origin = f"[database] sql_alchemy_conn in {file}"
    assert found == AirflowDatabase("sqlite:////a", origin, None)


def test_the_file_is_looked_for_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "airflow"
    folder.mkdir()
    configured(folder, "[database]\nsql_alchemy_conn = sqlite:////a\n")

    found = airflow_database({})

    origin = f"[database] sql_alchemy_conn in {folder}/airflow.cfg"
    assert found == AirflowDatabase("sqlite:////a", origin, None)


def test_a_fresh_airflow_has_a_file_of_its_own(tmp_path: Path) -> None:
    environ = {"AIRFLOW_HOME": str(tmp_path)}
    before = airflow_database(environ)
    (tmp_path / "airflow.db").touch()

    after = airflow_database(environ)

    path = f"{tmp_path}/airflow.db"
    assert before is None
    assert after == AirflowDatabase(f"sqlite:///{path}", path, None)


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        pytest.param(
            "", {"AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA": "af"}, id="variable"
        ),
        pytest.param("[database]\nsql_alchemy_schema = af\n", {}, id="file"),
        pytest.param("[core]\nsql_alchemy_schema = af\n", {}, id="old section"),
    ],
)
def test_airflow_may_be_told_a_schema(
    text: str, environ: dict[str, str], tmp_path: Path
) -> None:
    found = airflow_database(
        {**configured(tmp_path, text), CONN: "postgresql://h/d", **environ}
    )

    assert found == AirflowDatabase("postgresql://h/d", CONN, "af")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "ends with status 1"),
        ("/no/such/program x", "cannot be run: No such file or directory"),
        ("echo 'open", "cannot be run: ValueError"),
    ],
)
def test_a_command_that_fails_is_named(command: str, said: str, tmp_path: Path) -> None:
    environ = {"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    assert refused({**environ, f"{CONN}_CMD": command}) == (
        f"the command of {CONN}_CMD {said}"
    )


@pytest.mark.parametrize(
    ("text", "environ", "origin"),
    [
        ("", {f"{CONN}_SECRET": "path"}, f"{CONN}_SECRET"),
        (
            "[database]\nsql_alchemy_conn_secret = path\n",
            {},
            "[database] sql_alchemy_conn_secret in {}/airflow.cfg",
        ),
    ],
)
def test_an_address_in_a_secrets_backend_is_not_passed_over(
    text: str, environ: dict[str, str], origin: str, tmp_path: Path
) -> None:
    (tmp_path / "airflow.db").touch()

    assert refused({**configured(tmp_path, text), **environ}) == (
        f"{origin.format(tmp_path)}: the address is in a secrets backend of Airflow, "
        "which is not read; give it in DAGWAY_DATABASE_URL"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"[database]\nsql_alchemy_conn = postgresql://u:{PASSWORD}%@h/d\n",
            "[database] sql_alchemy_conn in {} has a lone %; write it as %%",
        ),
        (f"{PASSWORD}\n[database]\n", "{} is not a configuration file (line 1)"),
        (f"[database]\n{PASSWORD}\n", "{} is not a configuration file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_but_not_quoted(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "airflow.cfg"

    assert refused(configured(tmp_path, text)) == said.format(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "airflow.cfg").mkdir()

    assert refused({"AIRFLOW_HOME": str(tmp_path)}) == (
        f"{tmp_path}/airflow.cfg cannot be read: IsADirectoryError"
    )


def test_a_repr_has_no_password() -> None:
    found = AirflowDatabase(f"postgresql://u:{PASSWORD}@h/d", CONN, None)

    assert PASSWORD not in repr(found)
