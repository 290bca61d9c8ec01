"""Every setting, read once from the environment, checked at once, all faults reported together.

A first run makes development values for what is secret and keeps them in `$BATON_HOME/secrets.json`, mode 0600.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app import (
    alert_settings,
    door_settings,
    instagram_settings,
    llm_settings,
    redis_settings,
    runtime_settings,
    secrets_file,
)
from app.instagram_settings import InstagramApp
from app.secrets_file import Kept
from conversation.channel_settings import Login
from conversation.errors import BadInput
from runtime.alert_settings import AlertingSettings
from runtime.settings import RuntimeSettings
from store.database import sqlite_url
from store.vault import Vault

ROOT = Path(__file__).resolve().parent.parent
META_URL = "https://graph.facebook.com"
INSTAGRAM_URL = "https://graph.instagram.com"
GRAPH_VERSION = "v24.0"


class BadSettings(BadInput):
    """Settings that can't be used; the message lists every fault."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    home: Path
    host: str
    port: int
    emulator_port: int
    database_url: str
    redis_url: str | None
    #: What our names in Redis begin with; None: made of the database.
    redis_prefix: str | None
    graph_url: str | None
    #: The first seals, all open.
    keys: tuple[str, ...]
    #: Whether they were given by BATON_KEY, or are in our file, where `./baton keys rotate` may change them.
    keys_are_given: bool
    app_secret: str
    verify_token: str
    #: Whether META_APP_SECRET was given, or made here for the emulator.
    app_secret_is_given: bool
    #: Where files of customers and operators are kept: for several machines a folder that they share.
    media: Path
    project: Path
    runtime: RuntimeSettings
    alerting: AlertingSettings
    #: Where people reach the desk from outside; links in alerts begin with it.
    public_url: str | None
    #: Our app at Instagram; None: people sign in with the emulator.
    instagram: InstagramApp | None
    #: Other sites whose pages may ask the API.
    cors_origins: tuple[str, ...] = ()
    #: Doors of Rasa's that may be open to anybody; see `doors.py`.
    open_doors: frozenset[str] = frozenset()
    #: Addresses of our own network, as host:port, that language models may be asked at.
    llm_local: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return self.keys[0]

    def vault(self) -> Vault:
        """Keys of our file may be changed by a command while this process runs; BATON_KEY may not."""
        if self.keys_are_given:
            return Vault(*self.keys)
        return Vault(*self.keys, by_now=lambda: secrets_file.read(self.home).key_values)

    @property
    def emulator_url(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    @property
    def models(self) -> Path:
        """Where models are: the project's own folder, or ours for a project of somebody else, which we leave alone."""
        return self.project / "models" if self.project == ROOT else self.home / "models" / self.project.name

    @property
    def address(self) -> str:
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{shown}:{self.port}"

    def graph_base(self, *, emulated: bool, login: Login = Login.FACEBOOK, server: str | None = None) -> str:
        """Where an account's requests go. An emulated account never leaves this machine; a real one never ends here
        unless the admin's own GRAPH_URL says so. `server`: of a channel that is not Meta's."""
        if emulated:
            return self.graph_url if self.graph_url and is_loopback(self.graph_url) else self.emulator_url
        return self.graph_url or server or (INSTAGRAM_URL if login is Login.INSTAGRAM else META_URL)


def read(environment: Mapping[str, str] | None = None, *, project: Path | None = None) -> Settings:
    env = os.environ if environment is None else environment
    faults: list[str] = []
    home = Path(env.get("BATON_HOME") or ROOT / "var").expanduser().resolve()
    kept = _kept(home, faults)
    port, emulator_port = _port(env, "PORT", 5005, faults), _port(env, "EMULATOR_PORT", 5006, faults)
    if port == emulator_port:
        faults.append(f"PORT and EMULATOR_PORT are both {port}; they must differ.")
    graph_url = _url(env, "GRAPH_URL", ("http", "https"), faults)
    redis_url, redis_prefix = redis_settings.url(env, faults), redis_settings.prefix(env, faults)
    database_url = _database_url(env, home, faults)
    runtime = runtime_settings.read(env, faults)
    alerting, public_url = alert_settings.read(env, faults), alert_settings.public_url(env, faults)
    instagram = instagram_settings.read(env, faults)
    cors_origins = door_settings.origins(env, faults)
    llm_local = llm_settings.local(env, faults)
    given = _given_keys(env)
    keys = given or kept.key_values
    _check_keys(keys, faults)
    if project is not None and not (project / "domain.yml").exists() and not (project / "domain").is_dir():
        faults.append(f"{project} is not a Rasa project: it has no domain.yml.")
    if project is not None and not (project / "config.yml").exists():
        faults.append(f"{project} has no config.yml, so it can't be trained.")
    if faults:
        raise BadSettings("\n".join(faults))
    return Settings(
        home=home,
        host=env.get("HOST") or "127.0.0.1",
        port=port,
        emulator_port=emulator_port,
        database_url=database_url,
        redis_url=redis_url,
        redis_prefix=redis_prefix,
        graph_url=graph_url,
        keys=keys,
        keys_are_given=bool(given),
        app_secret=env.get("META_APP_SECRET") or kept.app_secret,
        verify_token=env.get("META_VERIFY_TOKEN") or kept.verify_token,
        app_secret_is_given=bool(env.get("META_APP_SECRET")),
        media=Path(env.get("BATON_MEDIA") or home / "media").expanduser().resolve(),
        project=(project or ROOT).resolve(),
        runtime=runtime,
        alerting=alerting,
        public_url=public_url,
        instagram=instagram,
        cors_origins=cors_origins,
        open_doors=door_settings.opened(env),
        llm_local=llm_local,
    )


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _kept(home: Path, faults: list[str]) -> Kept:
    """Development values, made once. Given values win and are not written down."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        secrets_file.make_once(home)
        return secrets_file.read(home)
    except OSError as error:
        faults.append(f"BATON_HOME ({home}) can't be used: {error.strerror}. Give a folder that can be written to.")
    except (ValueError, LookupError, TypeError, AttributeError):
        path = home / secrets_file.NAME
        faults.append(f"{path} can't be read. Restore it, or remove it and add every account's token again.")
    return Kept(keys=(secrets_file.fresh_key(),), app_secret="", verify_token="")


def _given_keys(env: Mapping[str, str]) -> tuple[str, ...]:
    """BATON_KEY: one, or while one is being replaced several, with commas between, the new one first."""
    return tuple(key.strip() for key in env.get("BATON_KEY", "").split(",") if key.strip())


def _port(env: Mapping[str, str], name: str, default: int, faults: list[str]) -> int:
    text = env.get(name) or str(default)
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    faults.append(f"{name} is {text!r}; it must be a port, 1 to 65535.")
    return default


def _check_keys(keys: tuple[str, ...], faults: list[str]) -> None:
    try:
        Vault(*keys)
    except BadInput as fault:
        faults.append(str(fault))


def _database_url(env: Mapping[str, str], home: Path, faults: list[str]) -> str:
    text = env.get("DATABASE_URL")
    if not text:
        return sqlite_url(home / "baton.db")
    if urlsplit(text).scheme.partition("+")[0] not in ("sqlite", "postgresql"):
        faults.append("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return text


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...], faults: list[str]) -> str | None:
    text = env.get(name)
    if not text:
        return None
    if urlsplit(text).scheme not in schemes:
        faults.append(f"{name} must begin with {' or '.join(s + '://' for s in schemes)}.")
    return text.rstrip("/")
