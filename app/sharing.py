"""What several processes share besides the database: by Redis where there is one, else by PostgreSQL or the folder."""

from __future__ import annotations

from dataclasses import dataclass

from app import redis_settings
from app.logs import discretion
from app.settings import Settings
from runtime import redis_names
from runtime.bus import Bus
from runtime.folder_bus import FolderBus
from runtime.limits import Limits, LocalLimits, Rate
from runtime.postgres_bus import PostgresBus
from runtime.wake import Wake
from store.database import Database
from store.line import Line


@dataclass(frozen=True, kw_only=True)
class Sharing:
    bus: Bus
    limits: Limits
    wake: Wake


def made(settings: Settings, db: Database, usual: Rate) -> Sharing:
    line = None if db.is_sqlite else Line(db.engine)
    alone = LocalLimits(usual)
    bus = FolderBus(settings.home) if line is None else PostgresBus(line)
    if settings.redis_url is None:
        return Sharing(bus=bus, limits=alone, wake=Wake(db, line=line))
    from runtime.redis_bus import RedisBus  # most have none, and start without it
    from runtime.redis_limits import RedisLimits

    discretion.hide(redis_settings.secrets(settings.redis_url))
    prefix = redis_names.prefix(settings.redis_prefix, db)
    by_redis = RedisBus(settings.redis_url, prefix, beneath=bus)
    limits = RedisLimits(settings.redis_url, prefix, usual, alone)
    return Sharing(bus=by_redis, limits=limits, wake=Wake(db, line=line, quicker=by_redis))
