"""What `python dagway_app` runs: Python has put that folder first on its path."""

import sys

from dagway.__main__ import main

if __name__ == "__main__":
    sys.exit(main(name="dagway"))
