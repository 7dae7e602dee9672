"""Make a fixture: install one Airflow, really run our dags, store its database.

    python make_fixture.py 3.3.2 --backend postgresql --work DIR

Everything happens in namespaces of its own (Linux, `unshare`): Airflow sees
/opt/airflow and a made-up host name, so that nothing of this machine is stored, and
no process outlives the script. Only the standard library is needed, and `uv`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import api
import runs
import services

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"
HOME = pathlib.Path("/opt/airflow")
INSIDE = "FIXTURE_INSIDE"
LIMIT = 2 * 1024 * 1024
LATER_BREAKS = {"3.0": ("fastapi<0.117",), "3.2": ("fastapi<0.136", "pydantic<2.13")}


@dataclasses.dataclass(frozen=True)
class Installation:
    """What to install for an Airflow, and which of its processes to start."""

    python: str
    packages: tuple[str, ...]
    processes: tuple[str, ...]


def installation(version: str) -> Installation:
    """Return how that version is installed and started."""
    major, minor = (int(part) for part in version.split(".")[:2])
    packages = [f"apache-airflow=={version}", "psycopg2-binary"]
    if (major, minor) >= (2, 9):
        packages.append("apache-airflow-providers-standard")
    else:
        packages += ["flask-session<0.6", "marshmallow<3.24"]
    packages += LATER_BREAKS.get(f"{major}.{minor}", ())
    if major == 2:  # noqa: PLR2004
        return Installation("3.11", tuple(packages), ("scheduler", "triggerer"))
    return Installation(
        "3.12",
        (*packages, "asyncpg"),
        ("api-server", "dag-processor", "scheduler", "triggerer"),
    )


class Build:
    """One Airflow at /opt/airflow with one database."""

    def __init__(self, version: str, options: argparse.Namespace) -> None:
        """Install it, if the cache folder does not have it yet."""
        self.version = version
        self.options = options
        self.installed = installation(version)
        self.is_3 = version.startswith("3.")
        self.python = install(version, self.installed, options.work)
        self.port = services.free_port()
        self.api = api.Api(self.port)
        self.environment = self.settings()

    def settings(self) -> dict[str, str]:
        """Return the environment variables of every Airflow process."""
        sqlite = self.options.backend == "sqlite"
        options = {
            "CORE__DAGS_FOLDER": str(HOME / "dags"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "3" if sqlite else "5",
            "CORE__FERNET_KEY": "",
            "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "CORE__COMPRESS_SERIALIZED_DAGS": str(self.options.compress),
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__EXECUTION_API_SERVER_URL": (
                f"http://127.0.0.1:{self.port}/execution/"
            ),
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port),
            "API__WORKERS": "1",
            "API__SECRET_KEY": "a secret key only for the fixture's own processes",
            "API_AUTH__JWT_SECRET": "a secret key only for the fixture's own processes",
            "API_AUTH__JWT_ISSUER": "fixture",  # 3.0 cannot do without
            "DATABASE__SQL_ALCHEMY_CONN": services.url(self.options),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "15",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
            "SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "3600",
            "SCHEDULER__DAG_DIR_LIST_INTERVAL": "15",
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        path = f"{self.python.parent}:{os.environ['PATH']}"
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")},
            **{f"AIRFLOW__{key}": value for key, value in options.items()},
            "_AIRFLOW__SKIP_DATABASE_EXECUTOR_COMPATIBILITY_CHECK": "1",  # 2.x
            "AIRFLOW_HOME": str(HOME),
            "PATH": path,
            "PYTHONDONTWRITEBYTECODE": "",  # uv compiles nothing: each start would
            "TZ": "UTC",
        }

    def airflow(self, *arguments: str, text: str | None = None) -> None:
        """Run one command of the Airflow CLI to its end.

        Raises:
            RuntimeError: It failed; the message ends as its output ends.

        """
        self.run(["-m", "airflow", *arguments], text)

    def run(self, arguments: list[str], text: str | None = None) -> None:
        """Run this Airflow's Python to its end.

        Raises:
            RuntimeError: It failed; the message ends as its output ends.

        """
        say(" ".join(arguments))
        done = subprocess.run(  # noqa: S603
            [str(self.python), *arguments],
            env=self.environment,
            cwd=HOME,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"{arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
            raise RuntimeError(message)

    def start(self, *processes: str) -> None:
        """Start these processes, each with a log of its own."""
        for name in processes:
            arguments = [str(self.python), "-m", "airflow", name]
            if name in {"scheduler", "triggerer"}:
                arguments.append("--skip-serve-logs")
            with (HOME / f"{name}.out").open("ab") as log:
                subprocess.Popen(  # noqa: S603
                    arguments,
                    env=self.environment,
                    cwd=HOME,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )
        if "api-server" in processes:
            self.api.wait()
        say("started", *processes)

    def rows(self, statement: str) -> list[tuple[str, ...]]:
        """Return what a SELECT finds."""
        return services.rows(self.options, statement)

    def settle(self, seconds: float, quiet: float = 14) -> None:
        """Wait until no task instance has ended for a while, at most so long."""
        began = changed = time.monotonic()
        before: list[tuple[str, ...]] = []
        while time.monotonic() - began < seconds:
            time.sleep(2)
            now = self.rows(
                "SELECT state, count(*) FROM task_instance WHERE state IN ('success',"
                " 'failed', 'skipped', 'upstream_failed', 'removed') GROUP BY state"
                " ORDER BY state"
            )
            if now != before:
                before, changed = now, time.monotonic()
            elif time.monotonic() - max(changed, began + 10) > quiet:
                break
        say(f"settled after {time.monotonic() - began:.0f} s", before)

    def wait_until_parsed(self, seconds: float, quiet: float = 12) -> None:
        """Wait until there are many dags and for a while no more, at most so long."""
        end = time.monotonic() + seconds
        changed, before = time.monotonic(), 0
        while time.monotonic() < min(end, changed + quiet if before > 40 else end):  # noqa: PLR2004
            time.sleep(2)
            found = self.rows("SELECT count(*) FROM serialized_dag")
            now = int(found[0][0]) if found else before
            if now != before:
                changed, before = time.monotonic(), now
        say("parsed", before, "dags")

    def wait_for(self, statement: str, seconds: float) -> bool:
        """Wait until the SELECT finds a row; say whether it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.rows(statement):
                return True
            time.sleep(2)
        say("waited in vain:", statement)
        return False

    def tell(self, **what: object) -> None:
        """Trigger runs, write notes, clear: over the API, or inside 2.x."""
        if not self.is_3:
            self.run([str(HOME / "drive_2x.py")], json.dumps(what))
            return
        known = {row[0] for row in self.rows("SELECT dag_id FROM dag")}
        for dag, run, date, conf in what.get("runs", ()):
            if dag in known:
                body = {"dag_run_id": run, "logical_date": date, "conf": conf or {}}
                self.api.attempt("POST", f"/api/v2/dags/{dag}/dagRuns", body)
        for dag, run, note in what.get("run_notes", ()):
            path = f"/api/v2/dags/{dag}/dagRuns/{run}"
            self.api.attempt("PATCH", path, {"note": note})
        for dag, run, task, index, note in what.get("task_notes", ()):
            path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}"
            path += "" if index < 0 else f"/{index}"
            self.api.attempt("PATCH", path, {"note": note})
        for dag, run, task in what.get("cleared", ()):
            body = {"dry_run": False, "dag_run_id": run, "task_ids": [task]}
            body |= {"reset_dag_runs": True, "only_failed": False}
            self.api.attempt("POST", f"/api/v2/dags/{dag}/clearTaskInstances", body)


def say(*words: object) -> None:
    """Print, with the time."""
    print(time.strftime("%H:%M:%S"), *words, flush=True)


def install(version: str, wanted: Installation, work: pathlib.Path) -> pathlib.Path:
    """Return the Python of a virtual environment at a path that says nothing."""
    kept, seen = work / "env" / version, HOME / f"env-{version}"
    for folder in (kept, seen):
        folder.mkdir(parents=True, exist_ok=True)
    services.bind(kept, seen)
    python = seen / "bin" / "python"
    if not (kept / "installed").exists():
        say("installing", *wanted.packages)
        uv = services.program("uv")
        base = services.interpreter(wanted.python)
        environment = {**os.environ, "UV_LINK_MODE": "copy"}
        for command in (
            [uv, "venv", "-q", "--allow-existing", "--python", base, str(seen)],
            [uv, "pip", "install", "-q", "--python", str(python), *wanted.packages],
        ):
            subprocess.run(command, check=True, env=environment)  # noqa: S603
        (kept / "installed").touch()
    return python


def lay_out(options: argparse.Namespace) -> None:
    """Put an empty AIRFLOW_HOME with our dags at its neutral path."""
    home = options.work / f"{options.name}-home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    HOME.mkdir(parents=True, exist_ok=True)
    services.bind(home, HOME)
    shutil.copytree(
        HERE / "dags", HOME / "dags", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("drive_2x.py", "oracle.py"):
        shutil.copy(HERE / name, HOME / name)
    (HOME / "dags" / "gate_is_open.txt").touch()


def stored(name: str) -> pathlib.Path:
    """Return the file of a fixture's database."""
    return FIXTURES / f"{name}.{'sqlite' if 'sqlite' in name else 'sql'}.xz"


def restore(build: Build, name: str) -> None:
    """Fill the empty database with that fixture's."""
    services.restore(build.options, lzma.decompress(stored(name).read_bytes()))


def run_everything(build: Build) -> None:
    """Make the database and all its runs."""
    if build.options.upgrade_from:
        restore(build, f"{build.options.upgrade_from}-{build.options.backend}")
        runs.upgraded_runs(build)
    else:
        build.airflow("db", "migrate")
        services.prepare(build.options)
        runs.first_runs(build)
        if not build.options.compress:
            runs.later_runs(build)


def store(build: Build) -> None:
    """Capture the answers of the API server if asked to, and store the database."""
    options = build.options
    services.kill_all(options)
    FIXTURES.mkdir(exist_ok=True)
    if options.capture:
        build.start("api-server")
        answers = json.dumps(api.capture(build.api), sort_keys=True).encode()
        services.kill_all(options)
        write(FIXTURES / f"{options.name}.api.json.xz", answers)
    sqlite = options.backend == "sqlite"
    dump = services.dump_sqlite(HOME) if sqlite else services.dump_postgresql(options)
    write(stored(options.name), dump)


def ask_oracle(build: Build) -> None:
    """Store how this Airflow itself reads the structures of its dags."""
    answer = HOME / "structure.json"
    build.run([str(HOME / "oracle.py"), str(answer)])
    write(FIXTURES / f"{build.options.name}.structure.json.xz", answer.read_bytes())


def write(path: pathlib.Path, content: bytes) -> None:
    """Compress into the file.

    Raises:
        RuntimeError: It became too big, or names a folder of this machine.

    """
    for folder in (f"{HERE.parents[1]}/".encode(), f"{pathlib.Path.home()}/".encode()):
        if folder in content:
            near = content[max(0, content.index(folder) - 200) :][:500]
            message = f"{path.name} names {folder!r}: {near!r}"
            raise RuntimeError(message)
    packed = lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
    say(path.name, f"{len(content):,} bytes, compressed {len(packed):,}")
    if len(packed) > LIMIT:
        message = f"{path.name} would have {len(packed):,} bytes"
        raise RuntimeError(message)
    path.write_bytes(packed)


def main() -> None:
    """Read the command line and make the fixture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    parser.add_argument("--backend", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--upgrade-from", metavar="VERSION")
    parser.add_argument("--capture", action="store_true", help="3.x: store its answers")
    parser.add_argument("--oracle-only", action="store_true", help="of a stored one")
    parser.add_argument("--seconds", type=float, default=420, help="of the first runs")
    parser.add_argument(
        "--work",
        type=pathlib.Path,
        default=pathlib.Path(tempfile.gettempdir()) / "airflow-fixtures",
    )
    options = parser.parse_args()
    if not re.fullmatch(r"\d+\.\d+\.\d+", options.version):
        parser.error("VERSION is like 3.3.2")
    if INSIDE not in os.environ:
        services.enter_namespaces(INSIDE)
    services.rename_host("airflow-fixture")
    source = f"{options.upgrade_from}-to-" if options.upgrade_from else ""
    compressed = "-compressed" if options.compress else ""
    options.work = options.work.resolve()
    options.name = f"{source}{options.version}-{options.backend}{compressed}"
    lay_out(options)
    if options.backend == "postgresql":
        services.start_postgresql(options)
    build = Build(options.version, options)
    if options.oracle_only:
        restore(build, options.name)
    else:
        run_everything(build)
        store(build)
    ask_oracle(build)


if __name__ == "__main__":
    main()
