"""The console script: runs the folder that it is in, in place of itself.

Only the process that runs the folder has our packages on its path, so that a package
of the same name in this environment stays what it is to everybody else.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn


def main() -> NoReturn:
    """Become `python dagway_app ARGUMENTS`."""
    folder = str(Path(__file__).parent)
    os.execv(sys.executable, [sys.executable, folder, *sys.argv[1:]])  # noqa: S606  # ourselves
