"""Task logs."""

from datetime import datetime

import strawberry

from resolvers import log as relation
from schema.fields import column, related


@strawberry.type(description="A line of a log.")
class LogLine:
    """A line; embedded."""

    timestamp: datetime | None = column("timestamp", "When it was written.")
    level: str | None = column("level", "How grave it is, in lower case: info, error.")
    logger: str | None = column(
        "logger", "What wrote it; in Airflow 2 the file and line."
    )
    message: str = column("message", "What it says, with what was raised below it.")


@strawberry.type(
    description=(
        "Some lines of a log. While the task runs, the end cursor of the last page "
        "leads on to what is written later."
    )
)
class LogPage:
    """A page; embedded."""

    lines: list[LogLine] = related(relation.LINES, "The lines, in order.")
    end_cursor: str | None = column(
        "end_cursor", "The place behind these lines: give it as `after` to go on."
    )
    has_next_page: bool = column(
        "has_next_page", "Whether there are more lines by now."
    )


@strawberry.type(
    description=(
        "One try's log; `available` says whether it can be read, `reason` why not."
    )
)
class TaskLog:
    """A log; embedded."""

    try_number: int = column("try_number", "Which try.")
    available: bool = column("available", "Whether it can be read.")
    reason: str | None = column("reason", "Why it cannot; null where it can.")
    page: LogPage | None = related(
        relation.PAGE,
        "Its lines from `after` on: at most `first`, and at most 1 MiB.",
    )
