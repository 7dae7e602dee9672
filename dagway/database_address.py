"""Which database is meant: the nearest of the places that may name it."""

from collections.abc import Mapping

from dagway.airflow_config import airflow_database, config_path
from dagway.errors import StartError
from metadb.address import in_schema, read_address
from metadb.errors import BadAddress

ADDRESS = "DAGWAY_DATABASE_URL"


def named(
    environ: Mapping[str, str], db: str | None, configured: tuple[str, str] | None
) -> tuple[str, str]:
    """The database's address, and where it was found.

    Args:
        environ: The environment.
        db: What the command line says.
        configured: Where the file of settings says it, and what.

    Raises:
        StartError: if none is named, or it cannot be read.
    """
    address, origin = _found(environ, db, configured)
    try:
        read_address(address)
    except BadAddress as error:
        message = f"{origin}: {error}"
        raise StartError(message) from None
    return address, origin


def _found(
    environ: Mapping[str, str], db: str | None, configured: tuple[str, str] | None
) -> tuple[str, str]:
    """The nearest address."""
    if db:
        return db, "--db"
    if given := environ.get(ADDRESS):
        return given, ADDRESS
    if configured is not None:
        origin, given = configured
        return given, origin
    found = airflow_database(environ)
    if found is None:
        message = (
            f"no database is named: give --db or {ADDRESS}; neither "
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN (or its _CMD) nor "
            f"{config_path(environ)} names one"
        )
        raise StartError(message)
    if found.schema is None:
        return found.address, found.origin
    try:
        return in_schema(found.address, found.schema), found.origin
    except BadAddress as error:
        message = f"{found.origin}: {error}"
        raise StartError(message) from None
