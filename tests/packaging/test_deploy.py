"""The files in deploy/ hold to what the code has: commands, paths, ports, settings."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagway.__main__ import _parser
from dagway.database_address import ADDRESS
from dagway.identity.principal import Anybody
from dagway.operating.metrics import Metrics
from dagway.operating.pages import Pages
from dagway.settings import Settings, variables
from tests.support.servers import ROOT

FOLDER = ROOT / "deploy"
PORT = 8000
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "keys")
CLOSING_S = 5  # for connections, after operations; docs/operating.md
WITHOUT_SETTINGS = Settings.from_env({}, "sqlite:///airflow.db")
GRACE_S = max(30, WITHOUT_SETTINGS.shutdown_s + CLOSING_S)


def text(name: str) -> str:
    """A file's text."""
    return (FOLDER / name).read_text(encoding="utf-8")


def unit() -> configparser.ConfigParser:
    """The systemd unit; of settings that are given twice, the last."""
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment, method-assign]  # as it is documented
    found.read_string(text("dagway.service"))
    return found


def instructions() -> dict[str, str]:
    """The Containerfile's instructions, the last of each kind."""
    lines = re.sub(r"\\\n\s*", " ", text("Containerfile")).splitlines()
    return dict(re.findall(r"(?m)^([A-Z]+) (.+)$", "\n".join(lines)))


def deployment() -> dict[str, Any]:
    """The pod that the Kubernetes manifest describes."""
    (found,) = (
        one
        for one in yaml.safe_load_all(text("kubernetes.yaml"))
        if one["kind"] == "Deployment"
    )
    pod: dict[str, Any] = found["spec"]["template"]["spec"]
    return pod


def composed() -> dict[str, Any]:
    """The gateway's service in the compose file."""
    service: dict[str, Any] = yaml.safe_load(text("compose.yaml"))["services"]["dagway"]
    return service


def commands() -> dict[str, list[str]]:
    """What each file has `dagway` run with."""
    (container,) = deployment()["containers"]
    image = yaml.safe_load(instructions()["CMD"])
    _, *service = shlex.split(unit()["Service"]["ExecStart"])
    return {"image": image, "kubernetes": container["args"], "systemd": service}


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_one_of_the_settings(name: str) -> None:
    known = {one.name for one in variables().values()} | {ADDRESS, "DAGWAY_PASSWORD"}

    assert set(re.findall(r"DAGWAY_[A-Z_]+", text(name))) <= known


@pytest.mark.parametrize("where", ["image", "kubernetes", "systemd"])
def test_every_command_is_one_that_there_is(where: str) -> None:
    given = _parser("dagway").parse_args(commands()[where])

    assert given.run.__name__ == "_serve"
    assert (given.host, given.port) == ("0.0.0.0", PORT)  # noqa: S104  # a container's


def test_the_ports_are_the_one_that_is_listened_to() -> None:
    (container,) = deployment()["containers"]

    assert instructions()["EXPOSE"] == str(PORT)
    assert [one["containerPort"] for one in container["ports"]] == [PORT]
    assert composed()["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]


def test_the_probes_ask_for_what_is_served() -> None:
    (container,) = deployment()["containers"]
    served = {route.path for route in Pages(Metrics(), Anybody()).routes}
    probed = {
        name: container[f"{name}Probe"]["httpGet"]["path"]
        for name in ("startup", "liveness", "readiness")
    }

    assert probed == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert set(probed.values()) <= served


def test_operations_may_end_before_the_process_is_killed() -> None:
    assert deployment()["terminationGracePeriodSeconds"] > GRACE_S
    assert int(composed()["stop_grace_period"].removesuffix("s")) > GRACE_S
    assert int(unit()["Service"]["TimeoutStopSec"]) > GRACE_S


def test_nobody_runs_as_root_or_writes_to_the_root_file_system() -> None:
    (container,) = deployment()["containers"]
    user, _, _ = instructions()["USER"].partition(":")
    own = container["securityContext"]

    assert int(user) == deployment()["securityContext"]["runAsUser"] > 0
    assert deployment()["securityContext"]["runAsNonRoot"] is True
    assert own["readOnlyRootFilesystem"] is composed()["read_only"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"]["drop"] == composed()["cap_drop"] == ["ALL"]
    assert unit()["Service"]["DynamicUser"] == "yes"
    assert unit()["Service"]["ProtectSystem"] == "strict"


def test_the_image_is_made_of_files_that_there_are() -> None:
    source, wheel, target = instructions()["COPY"].split()

    assert (ROOT / source).exists()
    assert Path(wheel).parent.name in (ROOT / "scripts" / "build-wheel").read_text()
    assert target == "/tmp/"  # noqa: S108  # of the image
    assert (FOLDER / composed()["build"]["context"]).resolve() == ROOT
    assert (ROOT / composed()["build"]["dockerfile"]).exists()
    assert yaml.safe_load(instructions()["ENTRYPOINT"]) == ["dagway"]


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    assert unit().sections() == ["Unit", "Service", "Install"]
    program = shutil.which("systemd-analyze")
    if program is None:  # the test above all parses it; CI may have no systemd
        return
    there = tmp_path / "dagway.service"
    there.write_text(
        text("dagway.service").replace("/opt/dagway/bin/dagway", "/bin/true")
    )
    done = subprocess.run(
        [program, "verify", "--man=no", there],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "dagway" in line]
    assert complaints == []
