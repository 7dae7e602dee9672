"""A sample database: an invented company's Airflow, as it would be now."""

from dagway.demo.database import build
from dagway.demo.example import EXAMPLE, VARIABLES, example

__all__ = ["EXAMPLE", "VARIABLES", "build", "example"]
