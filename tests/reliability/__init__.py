"""The gateway under load while things break: `python -m tests.reliability --help`."""
