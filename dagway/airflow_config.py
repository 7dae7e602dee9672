"""Where Airflow itself would look for its database: its variables, then its file.

In Airflow's own order, as its configuration is read (3.3, `configuration.py`): the
variable, its `_CMD`, both under the section's old name, the option in airflow.cfg,
its `_cmd`, and at last the file that a fresh Airflow makes.
"""

import configparser
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dagway.errors import StartError

_SECTIONS = ("database", "core")  # since 2.3, and before
_COMMAND_S = 60


@dataclass(frozen=True, slots=True)
class AirflowDatabase:
    """Airflow's own database.

    Attributes:
        address: As Airflow has it, with its password.
        origin: Which variable, option or file names it.
        schema: The one schema that Airflow keeps its tables in, if it is told one.
    """

    address: str = field(repr=False)
    origin: str
    schema: str | None


def airflow_database(environ: Mapping[str, str]) -> AirflowDatabase | None:
    """The database that Airflow would use in this environment; None if there is none.

    Raises:
        StartError: if airflow.cfg cannot be read, a command fails, or the address is
            in a secrets backend.
    """
    file = _ConfigFile(environ)
    for address, origin in _values("sql_alchemy_conn", environ, file):
        schemas = (value for value, _ in _values("sql_alchemy_schema", environ, file))
        return AirflowDatabase(address, origin, next(schemas, None))
    made = _home(environ) / "airflow.db"
    return (
        AirflowDatabase(f"sqlite:///{made}", str(made), None) if made.exists() else None
    )


def config_path(environ: Mapping[str, str]) -> Path:
    """Where airflow.cfg is, or would be."""
    named = environ.get("AIRFLOW_CONFIG")
    return Path(_expanded(named, environ)) if named else _home(environ) / "airflow.cfg"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(_expanded(environ.get("AIRFLOW_HOME") or "~/airflow", environ))


def _values(
    option: str, environ: Mapping[str, str], file: "_ConfigFile"
) -> Iterator[tuple[str, str]]:
    """An option's value and where it is from; the first is Airflow's."""
    for section in _SECTIONS:
        name = f"AIRFLOW__{section}__{option}".upper()
        if value := environ.get(name):
            yield _expanded(value, environ), name
        if command := environ.get(f"{name}_CMD"):
            yield _output(command, f"{name}_CMD", environ), f"{name}_CMD"
        if environ.get(secret := f"{name}_SECRET"):
            raise _in_secrets(secret)
    for section in _SECTIONS:
        if value := file.get(section, option):
            yield _expanded(value, environ), file.origin(section, option)
    for section in _SECTIONS:
        if command := file.get(section, f"{option}_cmd"):
            origin = file.origin(section, f"{option}_cmd")
            yield _output(command, origin, environ), origin
        if file.get(section, f"{option}_secret"):
            raise _in_secrets(file.origin(section, f"{option}_secret"))


class _ConfigFile:
    """airflow.cfg; an empty one if there is none.

    A parser's errors quote the file, which may hold a password: they are not shown.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = config_path(environ)
        self._parser = configparser.ConfigParser(strict=False)
        try:
            text = self._path.read_text(encoding="utf-8")
            self._parser.read_string(text)
        except FileNotFoundError:
            pass
        except configparser.Error as error:
            line = getattr(error, "lineno", None)
            where = f" (line {line})" if line else ""
            message = f"{self._path} is not a configuration file{where}"
            raise StartError(message) from None
        except (OSError, UnicodeError) as error:
            message = f"{self._path} cannot be read: {type(error).__name__}"
            raise StartError(message) from None

    def origin(self, section: str, option: str) -> str:
        """What messages call an option."""
        return f"[{section}] {option} in {self._path}"

    def get(self, section: str, option: str) -> str:
        """An option's value, %% and %(name)s replaced; empty if there is none."""
        try:
            return self._parser.get(section, option, fallback="")
        except configparser.InterpolationError:
            message = f"{self.origin(section, option)} has a lone %; write it as %%"
            raise StartError(message) from None


def _expanded(value: str, environ: Mapping[str, str]) -> str:
    """The value with ~ and known $VARIABLES replaced, as often as there are any."""

    def known(match: re.Match[str]) -> str:
        return environ.get(match[1] or match[2], match[0])

    before = None
    while value != before:
        before = value
        value = re.sub(r"\$(?:(\w+)|\{(\w+)\})", known, value)
        value = os.path.expanduser(value)  # noqa: PTH111  # a Path would drop slashes
    return value


def _output(command: str, origin: str, environ: Mapping[str, str]) -> str:
    """What a command prints, without the white space around it."""
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command
            shlex.split(command),
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_COMMAND_S,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"the command of {origin} cannot be run: {reason}"
        raise StartError(message) from None
    if done.returncode:
        message = f"the command of {origin} ends with status {done.returncode}"
        raise StartError(message)
    return done.stdout.decode(errors="replace").strip()


def _in_secrets(origin: str) -> StartError:
    return StartError(
        f"{origin}: the address is in a secrets backend of Airflow, which is not read; "
        "give it in DAGWAY_DATABASE_URL"
    )
