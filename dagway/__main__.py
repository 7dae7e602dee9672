"""The command line: `python -m dagway COMMAND`, or `dagway COMMAND` once installed.

`--help` lists the commands.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn

from dagway import demo
from dagway.app import PATH, gateway_of, persisted_of
from dagway.check import check, grants, insist
from dagway.configuration import CONFIG
from dagway.database_address import ADDRESS
from dagway.errors import StartError
from dagway.identity import keys
from dagway.identity.choice import chosen
from dagway.identity.exposure import check_exposure
from dagway.operating import metrics
from dagway.operating.connections import Connection, allow_many
from dagway.operation import encoded
from dagway.profiles import DEFAULTS
from dagway.settings import PROFILE, ROOT_PATH, Settings
from metadb.errors import UnusableDatabase
from schema.build import print_sdl

LOOPBACK = "127.0.0.1"
_VARIABLES = {"config": CONFIG, "profile": PROFILE, "root_path": ROOT_PATH}
_CLOSING_S = 5  # for connections, once operations have ended


def main(arguments: Sequence[str] | None = None, name: str = "python -m dagway") -> int:
    """Run a command; its exit status. Help shows the name that one calls it by."""
    given = _parser(name).parse_args(arguments)
    _export(given)
    try:
        status: int = given.run(given)
    except (StartError, UnusableDatabase) as error:
        print(f"dagway: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _export(given: argparse.Namespace) -> None:
    """Let the environment, which workers have too, say what the command line does."""
    for option, variable in _VARIABLES.items():
        value = getattr(given, option, None)
        if value is not None:
            os.environ[variable] = value


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name, description="A GraphQL gateway over Airflow's metadata database."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    served = argparse.ArgumentParser(add_help=False)
    served.add_argument("--host", default=LOOPBACK, help="default: %(default)s")
    served.add_argument("--port", type=int, default=8000, help="default: %(default)s")

    served.add_argument("--root-path", help="where a proxy shows it: /airflow")

    configured = argparse.ArgumentParser(add_help=False)
    configured.add_argument("--config", metavar="FILE", help="settings, in TOML")
    configured.add_argument(
        "--profile", choices=list(DEFAULTS), help="which limits hold by default"
    )

    database = argparse.ArgumentParser(add_help=False, parents=[configured])
    database.add_argument(
        "--db",
        metavar="URL",
        help="the metadata database, as Airflow writes it; without it from "
        "DAGWAY_DATABASE_URL, Airflow's own variables, or airflow.cfg",
    )

    one = commands.add_parser(
        "demo",
        parents=[served, configured],
        help="serve an embedded database with sample data",
    )
    one.add_argument(
        "--keep", metavar="FILE", type=Path, help="leave the database here"
    )
    one.set_defaults(run=_demo)

    one = commands.add_parser(
        "serve", parents=[served, database], help="serve a metadata database"
    )
    one.add_argument("--workers", type=int, default=1, help="processes; default: 1")
    one.set_defaults(run=_serve)

    one = commands.add_parser(
        "check", parents=[database], help="say what a metadata database is"
    )
    one.set_defaults(run=_check)

    one = commands.add_parser(
        "query", parents=[database], help="run a document; print the response"
    )
    one.add_argument("-f", "--file", required=True, help="the document; - for stdin")
    one.add_argument(
        "-v", "--variables", default="{}", metavar="JSON|@FILE", help="its variables"
    )
    one.set_defaults(run=_query)

    one = commands.add_parser(
        "print-grants",
        parents=[database],
        help="print the SQL that lets a role read what the gateway reads, and no more",
    )
    one.add_argument("role", help="its name")
    one.set_defaults(run=_print_grants)

    one = commands.add_parser("key", help="make an API key")
    one.add_argument("name", help="whose it is")
    one.set_defaults(run=_key)

    one = commands.add_parser("print-schema", help="print the SDL")
    one.set_defaults(run=_print_schema)
    return parser


def _serve(given: argparse.Namespace) -> int:
    """Serve a database; say first what is wrong with it, once, not from each worker."""
    settings = Settings.from_env(os.environ, given.db)
    _check_start(settings, given.host)
    asyncio.run(insist(settings))
    _run(settings, given.host, given.port, given.workers)
    return 0


def _check_start(settings: Settings, host: str) -> None:
    """Say what is wrong with who may ask.

    Raises:
        StartError: if something is.
    """
    check_exposure(host, is_identified=settings.is_identified)
    chosen(settings)
    persisted_of(settings)


def _run(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve until a signal; every worker makes its own application."""
    os.environ[ADDRESS] = settings.database.value
    address = f"http://{_host(host)}:{port}{settings.root_path}{PATH}"
    print(f"GraphQL is at {address}", flush=True)
    with ExitStack() as stack:
        if workers > 1 and metrics.FOLDER not in os.environ:
            counts = tempfile.TemporaryDirectory(prefix="dagway-counts-")
            os.environ[metrics.FOLDER] = stack.enter_context(counts)
            stack.callback(os.environ.pop, metrics.FOLDER)
        _listen(settings, host, port, workers)


def _listen(settings: Settings, host: str, port: int, workers: int) -> None:
    allow_many()
    uvicorn.run(
        "dagway.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=Connection,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=_CLOSING_S,
    )


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _demo(given: argparse.Namespace) -> int:
    """Serve a database made for the purpose, and removed afterwards unless kept."""
    with tempfile.TemporaryDirectory(prefix="dagway-demo-") as folder:
        path = given.keep or Path(folder) / "airflow.db"
        if path.exists():
            message = f"{path} is there already; --keep makes a new file"
            raise StartError(message)
        settings = Settings.from_env(
            os.environ, f"sqlite:///{quote(str(path.absolute()))}"
        )
        _check_start(settings, given.host)
        demo.build(path, datetime.now(UTC))
        address = f"http://{_host(given.host)}:{given.port}{PATH}"
        print(f"Open {address} in a browser, or try:\n\n{demo.example(address)}\n")
        _run(settings, given.host, given.port)
    return 0


def _check(given: argparse.Namespace) -> int:
    print(asyncio.run(check(Settings.from_env(os.environ, given.db))))
    return 0


def _query(given: argparse.Namespace) -> int:
    """Print a response; 1 if it has errors."""
    settings = Settings.from_env(os.environ, given.db)
    response = asyncio.run(_answered(settings, given.file, given.variables))
    sys.stdout.buffer.write(encoded(response) + b"\n")
    return 1 if "errors" in response else 0


async def _answered(settings: Settings, file: str, variables: str) -> dict[str, Any]:
    document = sys.stdin.read() if file == "-" else _text(file)
    async with gateway_of(settings) as gateway:
        answer = await gateway.answer(document, _variables(variables))
    return answer.outgoing


def _variables(given: str) -> dict[str, Any]:
    """Variables from JSON, or from a file that is named after an @.

    Raises:
        StartError: if they are no JSON object.
    """
    text = _text(given[1:]) if given.startswith("@") else given
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"the variables are not JSON: {error}"
        raise StartError(message) from error
    if not isinstance(found, dict):
        message = "the variables must be a JSON object"
        raise StartError(message)
    return found


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        message = f"cannot read {path}: {error}"
        raise StartError(message) from error


def _key(given: argparse.Namespace) -> int:
    """Print a new key, and the line for the file of keys."""
    try:
        secret, key = keys.made(given.name)
    except ValueError as error:
        message = f"the key's name is {given.name!r}: {error}"
        raise StartError(message) from None
    print(f"{secret}\n{key.line}")
    return 0


def _print_grants(given: argparse.Namespace) -> int:
    """Print GRANTs for the columns of the database that there is."""
    settings = Settings.from_env(os.environ, given.db)
    try:
        print(asyncio.run(grants(settings, given.role)), end="")
    except ValueError as error:
        raise StartError(str(error)) from None
    return 0


def _print_schema(given: argparse.Namespace) -> int:
    del given
    sys.stdout.write(print_sdl())
    return 0


if __name__ == "__main__":
    sys.exit(main())
