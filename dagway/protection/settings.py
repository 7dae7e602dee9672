"""Settings of protection: what one request may ask for, and what may come of it."""

from dataclasses import dataclass

from dagway.limits import Limits
from dagway.protection.limit import (
    ALIASES,
    BATCH,
    BODY,
    BODY_TIME,
    DEPTH,
    DIRECTIVES,
    EVENTS,
    FILTER_DEPTH,
    FILTER_TESTS,
    HEAVY,
    IDS,
    INSTANCES,
    INTROSPECTION_DEPTH,
    LINES,
    LIST,
    NODES,
    OPERATION_TIME,
    OPERATIONS,
    PAGE,
    POINTS,
    RESPONSE,
    ROOT_FIELDS,
    ROWS,
    STATEMENT_TIME,
    STRUCTURES,
    TOKENS,
    VERSIONS,
)
from dagway.variable import integer, seconds, setting
from metadb.session import Bounds


@dataclass(frozen=True, kw_only=True)
class ProtectionSettings:
    """What one request may ask for, and what may come of it."""

    pool_size: int = setting(
        "DAGWAY_POOL_SIZE",
        "5",
        *integer(1, 200),
        "Connections to the database, at most, of each worker process, and as many to "
        "each replica. Each running operation holds one.",
    )
    statement_timeout_s: float = setting(
        STATEMENT_TIME.setting,
        "8",
        *seconds(0.1, 600),
        "How long one SQL statement may take.",
    )
    operation_timeout_s: float = setting(
        OPERATION_TIME.setting,
        "10",
        *seconds(0.1, 3600),
        "How long one GraphQL operation may take.",
    )
    row_budget: int = setting(
        ROWS.setting,
        "300000",
        *integer(1_000, 10_000_000),
        "How many rows the statements of one operation may return, all together.",
    )
    structure_budget: int = setting(
        STRUCTURES.setting,
        "50",
        *integer(1, 10_000),
        "How many DAG structures one operation may decode.",
    )
    max_body: int = setting(
        BODY.setting,
        "262144",
        *integer(1_024, 16_777_216),
        "How many bytes a request's body, or its query string, may have; else "
        "`BODY_TOO_LARGE`.",
    )
    body_timeout_s: float = setting(
        BODY_TIME.setting,
        "10",
        *seconds(0.1, 600),
        "How long a request's body may take to arrive; else `BODY_TIMEOUT`.",
    )
    max_tokens: int = setting(
        TOKENS.setting,
        "2000",
        *integer(100, 100_000),
        "How many tokens a document may have, comments too, and fields, once its "
        "fragments are written out; 32 characters for each token. Else `TOKEN_LIMIT`.",
    )
    max_depth: int = setting(
        DEPTH.setting,
        "12",
        *integer(1, 50),
        "How many fields may be in one another; else `DEPTH_LIMIT`.",
    )
    max_introspection_depth: int = setting(
        INTROSPECTION_DEPTH.setting,
        "15",
        *integer(1, 50),
        "The same below `__schema` and `__type`.",
    )
    max_aliases: int = setting(
        ALIASES.setting,
        "15",
        *integer(0, 10_000),
        "How many fields may have an alias, those of a fragment each time it is "
        "spread, `__typename` apart; else `ALIAS_LIMIT`.",
    )
    max_directives: int = setting(
        DIRECTIVES.setting,
        "50",
        *integer(0, 10_000),
        "How many directives an operation may have, counted likewise; else "
        "`DIRECTIVE_LIMIT`.",
    )
    max_root_fields: int = setting(
        ROOT_FIELDS.setting,
        "20",
        *integer(1, 1_000),
        "How many fields of the query itself an operation may ask for; else "
        "`ROOT_FIELD_LIMIT`.",
    )
    max_list: int = setting(
        LIST.setting,
        "1000",
        *integer(1, 100_000),
        "How many values a list in an argument may have, within a filter too.",
    )
    max_filter_depth: int = setting(
        FILTER_DEPTH.setting,
        "4",
        *integer(1, 32),
        "How many filters may be in one another, by `and`, `or` and `not`.",
    )
    max_filter_tests: int = setting(
        FILTER_TESTS.setting,
        "50",
        *integer(1, 10_000),
        "How many tests a filter may have in all; a list of values is one.",
    )
    max_page: int = setting(
        PAGE.setting,
        "1000",
        *integer(50, 100_000),
        "How many items a page may be asked for, and how many runs a statistic or run "
        "times a schedule; lists below have a limit of their own.",
    )
    max_instances: int = setting(
        INSTANCES.setting,
        "10000",
        *integer(50, 1_000_000),
        "How many task instances a page may be asked for.",
    )
    max_events: int = setting(
        EVENTS.setting,
        "200",
        *integer(50, 100_000),
        "How many asset events, or entries of the audit log, a page may be asked for.",
    )
    max_versions: int = setting(
        VERSIONS.setting,
        "50",
        *integer(50, 10_000),
        "How many versions of a DAG a page may be asked for.",
    )
    max_lines: int = setting(
        LINES.setting,
        "10000",
        *integer(1_000, 1_000_000),
        "How many lines of a log a page may be asked for.",
    )
    max_ids: int = setting(
        IDS.setting,
        "100",
        *integer(1, 10_000),
        "How many ids `nodes` may be given.",
    )
    max_nodes: int = setting(
        NODES.setting,
        "500000",
        *integer(100, 100_000_000),
        "How many objects an operation may lead to, told before it runs from its page "
        "sizes and what other lists usually hold; else `NODE_LIMIT`.",
    )
    max_response: int = setting(
        RESPONSE.setting,
        "67108864",
        *integer(1_024, 1_073_741_824),
        "How many bytes an answer may have; else `RESPONSE_TOO_LARGE`.",
    )
    heavy_nodes: int = setting(
        "DAGWAY_HEAVY_NODES",
        "20000",
        *integer(1, 100_000_000),
        "From how many such objects on an operation is heavy, and waits for its turn.",
    )
    heavy_operations: int = setting(
        HEAVY.setting,
        "2",
        *integer(1, 200),
        "How many heavy operations a worker runs at once; at most one less than it has "
        "connections, so that others find one.",
    )
    heavy_wait_s: float = setting(
        "DAGWAY_HEAVY_WAIT",
        "5",
        *seconds(0, 600),
        "How long a heavy operation waits for its turn; else `BUSY`, with status 429.",
    )
    max_operations: int = setting(
        OPERATIONS.setting,
        "100",
        *integer(1, 10_000),
        "How many requests a worker answers at once; else `BUSY`, with status 429.",
    )
    max_batch: int = setting(
        BATCH.setting,
        "0",
        *integer(0, 10),
        "How many operations one request may have, as a list; else `BATCH_LIMIT`. 0 "
        "for no lists at all.",
    )
    rate_points: int = setting(
        "DAGWAY_RATE_POINTS",
        "0",
        *integer(0, 1_000_000),
        "How many points each client gets back a second, in each worker; an operation "
        "costs one for each 100 objects that it may lead to, and one at least. Else "
        "`RATE_LIMITED`, with status 429. 0 for no limit.",
    )
    rate_burst: int = setting(
        POINTS.setting,
        "2000",
        *integer(1, 10_000_000),
        "How many points a client has at most; no operation costs more.",
    )

    @property
    def bounds(self) -> Bounds:
        """What one operation may cost."""
        return Bounds(
            self.row_budget,
            self.structure_budget,
            self.statement_timeout_s,
            self.operation_timeout_s,
        )

    @property
    def limits(self) -> Limits:
        """What one request may be, and what may come of it."""
        return Limits(
            body=self.max_body,
            body_s=self.body_timeout_s,
            tokens=self.max_tokens,
            depth=self.max_depth,
            introspection_depth=self.max_introspection_depth,
            aliases=self.max_aliases,
            directives=self.max_directives,
            root_fields=self.max_root_fields,
            list_values=self.max_list,
            filter_depth=self.max_filter_depth,
            filter_tests=self.max_filter_tests,
            page=self.max_page,
            instances=self.max_instances,
            events=self.max_events,
            versions=self.max_versions,
            lines=self.max_lines,
            ids=self.max_ids,
            nodes=self.max_nodes,
            response=self.max_response,
            heavy_nodes=self.heavy_nodes,
            heavy_operations=min(self.heavy_operations, max(1, self.pool_size - 1)),
            heavy_wait_s=self.heavy_wait_s,
            batch=self.max_batch,
        )
