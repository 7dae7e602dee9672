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
            "DAGWAY_MAX_LIST": "10000",
            "DAGWAY_MAX_FILTER_DEPTH": "12",
            "DAGWAY_MAX_FILTER_TESTS": "500",
            "DAGWAY_MAX_PAGE": "10000",
            "DAGWAY_MAX_INSTANCES": "100000",
            "DAGWAY_MAX_EVENTS": "10000",
            "DAGWAY_MAX_VERSIONS": "1000",
            "DAGWAY_MAX_LINES": "100000",
            "DAGWAY_MAX_IDS": "1000",
            "DAGWAY_MAX_NODES": "10000000",
            "DAGWAY_MAX_RESPONSE": "268435456",
            "DAGWAY_BODY_TIMEOUT": "60",
            "DAGWAY_HEAVY_WAIT": "60",
            "DAGWAY_MAX_OPERATIONS": "1000",
            "DAGWAY_MAX_BATCH": "10",
        },
    }
)
"""By profile and variable, the defaults that are not those of production."""
