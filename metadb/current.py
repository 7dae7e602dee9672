"""What a database offers at the moment: Airflow may migrate it while it is served."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.dialect import Dialect
from metadb.errors import UnusableDatabase
from metadb.source import Catalogue
from metadb.versions import probe

EVERY_S = 30.0
"""How often it is looked at without a reason, two statements each."""
PATIENCE_S = 2.0
"""How long an operation waits for that: tables may be locked."""
log = logging.getLogger("metadb")


class Current:
    """A database's catalogue, and its successors.

    An operation keeps the catalogue that it began with.

    Attributes:
        catalogue: The newest one.
    """

    def __init__(
        self, engine: AsyncEngine, dialect: Dialect, airflow_url: str | None = None
    ) -> None:
        self.catalogue: Catalogue
        self._engine = engine
        self._dialect = dialect
        self._airflow_url = airflow_url
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Take the database as it is.

        Raises:
            UnusableDatabase: if it cannot be served.
        """
        database = await probe(self._engine)
        self.catalogue = Catalogue(database, self._dialect, self._airflow_url)

    async def is_other_than(self, used: Catalogue) -> bool:
        """Whether the database is another than a catalogue says; it is looked at."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._turn:
                if self.catalogue is not used:
                    return True
                database = await probe(self._engine)
        except (UnusableDatabase, SQLAlchemyError, OSError) as error:
            why = str(error) or type(error).__name__
            log.warning("the database could not be looked at again: %s", why)
            return False
        if database == used.database:
            return False
        log.warning("the schema is at revision %s now", database.revision)
        self.catalogue = Catalogue(database, self._dialect, self._airflow_url)
        return True

    async def keep(self) -> None:
        """Look again from time to time, for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.is_other_than(self.catalogue)
