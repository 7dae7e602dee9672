"""Why a database cannot be served; each says it in one sentence.

UnusableDatabase
├── BadAddress         the address cannot be read, or asks for what is not supported
├── Unreachable        no server answers, no file is there
├── LoginRefused       the server does not let this role in
├── UnknownDatabase    the server has no database of that name
├── NotReadable        the role or user may not read what must be read
├── NotAirflow         it is some other database, or an empty one
└── TooOld             an Airflow older than 2.7 made it
"""


class UnusableDatabase(Exception):
    """A database that cannot be served."""


class BadAddress(UnusableDatabase):
    """An address that names no database that can be opened."""


class Unreachable(UnusableDatabase):
    """A server or a file that does not answer."""


class LoginRefused(UnusableDatabase):
    """A server that refuses the role or its password."""


class UnknownDatabase(UnusableDatabase):
    """A server without such a database."""


class NotReadable(UnusableDatabase):
    """Tables that may not be read."""


class NotAirflow(UnusableDatabase):
    """A database without Airflow's tables."""


class TooOld(UnusableDatabase):
    """A database of an Airflow that is not supported any more."""
