"""The relation from a DAG to its calendar."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from types import MappingProxyType

import strawberry

from loaders import calendar, schedule
from loaders.errors import BadInput
from loaders.relation import Relation, Shape
from metadb.cron import Unknowable, zone_of


@strawberry.enum(description="How finely a calendar is divided.")
class CalendarGranularity(Enum):
    """A member's value is the length of a bucket."""

    HOUR = strawberry.enum_value("hour", description="By the hour.")
    DAY = strawberry.enum_value("day", description="By the day.")


_DAYS = MappingProxyType(
    {
        CalendarGranularity.HOUR: timedelta(days=31),
        CalendarGranularity.DAY: timedelta(days=366),
    }
)
"""How long a calendar may be."""


def asked(
    granularity: CalendarGranularity = CalendarGranularity.DAY,
    since: datetime | None = None,
    until: datetime | None = None,
    timezone: str = "UTC",
) -> calendar.Asked:
    """How a calendar is divided.

    Raises:
        BadInput: if the time is too long, or there is no such zone.
    """
    try:
        zone = zone_of(timezone)
        days = _DAYS[granularity]
        start = since and since.astimezone(zone).replace(tzinfo=None)
        end = until and until.astimezone(zone).replace(tzinfo=None)
        if since is None and end is not None:
            since = (end - days).replace(tzinfo=zone).astimezone(UTC)
        elif until is None and start is not None:
            until = (start + days).replace(tzinfo=zone).astimezone(UTC)
    except Unknowable as error:
        raise BadInput(str(error)) from error
    except OverflowError as error:
        message = "since or until is where the calendar ends; years 2 to 9998 are not."
        raise BadInput(message) from error
    if start is not None and end is not None and end - start > days:
        message = (
            f"From since to until it is more than {days.days} days, which are the "
            f"most by {granularity.name}."
        )
        raise BadInput(message)
    window = None if since is None or until is None else (since, until)
    return calendar.Asked(granularity is CalendarGranularity.HOUR, zone, window)


CALENDAR = Relation(
    "calendar",
    Shape.LIST,
    calendar.buckets,
    schedule.KEY,
    frozenset(calendar.COLUMNS),
    asked,
)
