"""A name that this database has for whoever reaches it, by whatever address: no two have the same."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_OF_POSTGRESQL = sa.text(
    "SELECT s.system_identifier::text || '/' || d.oid::text"
    " FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"
)


def name(tx: Connection) -> str:
    if tx.dialect.name == "postgresql":
        known = str(tx.execute(_OF_POSTGRESQL).scalar_one())
    else:
        known = str(next(row[2] for row in tx.exec_driver_sql("PRAGMA database_list") if row[1] == "main"))
    return hashlib.sha256(known.encode()).hexdigest()[:16]
