"""The gateway under load while things break: `python -m tests.reliability --help`."""

CLOCK = "SHIFTED_CLOCK_FILE"
"""The variable that names the file of `tests.reliability.shifted`."""
