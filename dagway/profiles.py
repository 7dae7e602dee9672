"""Profiles: which defaults hold."""

from collections.abc import Mapping
from types import MappingProxyType

PRODUCTION, DEV = "production", "dev"
DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        PRODUCTION: {},
        DEV: {
            "DAGWAY_STATEMENT_TIMEOUT": "60",
            "DAGWAY_OPERATION_TIMEOUT": "120",
            "DAGWAY_ROW_BUDGET": "1000000",
            "DAGWAY_STRUCTURE_BUDGET": "1000",
            "DAGWAY_MAX_BODY": "1048576",
            "DAGWAY_MAX_TOKENS": "20000",
            "DAGWAY_MAX_DEPTH": "25",
            "DAGWAY_MAX_INTROSPECTION_DEPTH": "25",
            "DAGWAY_MAX_ALIASES": "500",
            "DAGWAY_MAX_DIRECTIVES": "500",
            "DAGWAY_MAX_ROOT_FIELDS": "100",
            "DAGWAY_MAX_NODES": "10000000",
        },
    }
)
"""By profile and variable, the defaults that are not those of production."""
