"""Our app at Instagram, by INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET; the emulator in its place where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import instagram_login
from connectors.instagram_login import InstagramLogin
from conversation.channel_settings import Login
from runtime.tokens import FreshToken, Refresh

if TYPE_CHECKING:
    from app.settings import Settings

CALLBACK = "/connect/instagram/callback"
#: What the emulator takes for an app: any will do.
_STAND_IN_APP, _STAND_IN_SECRET = "100000000000009", "emulated"


@dataclass(frozen=True, kw_only=True)
class InstagramApp:
    """The second pair of id and secret that a Meta app has [Meta docs: Instagram API setup]."""

    id: str
    secret: str


def read(environment: Mapping[str, str], faults: list[str]) -> InstagramApp | None:
    app_id, secret = environment.get("INSTAGRAM_APP_ID"), environment.get("INSTAGRAM_APP_SECRET")
    if not app_id and not secret:
        return None
    if not app_id or not secret:
        faults.append("INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET belong together: give both, or neither.")
        return None
    if not (app_id.isascii() and app_id.isdecimal()):
        faults.append(f"INSTAGRAM_APP_ID is {app_id!r}; it must be digits.")
    return InstagramApp(id=app_id, secret=secret)


def sign_in(chosen: Settings, version: str) -> InstagramLogin | None:
    """With Instagram where our app there is named, else with the emulator. None: nobody would find the way back."""
    if chosen.instagram is None:
        return InstagramLogin(
            hosts=instagram_login.stand_in(chosen.graph_base(emulated=True)),
            app_id=_STAND_IN_APP,
            app_secret=_STAND_IN_SECRET,
            redirect_uri=chosen.address + CALLBACK,
            version=version,
            emulated=True,
        )
    if chosen.public_url is None:
        return None
    return InstagramLogin(
        hosts=instagram_login.stand_in(chosen.graph_url) if chosen.graph_url else instagram_login.META,
        app_id=chosen.instagram.id,
        app_secret=chosen.instagram.secret,
        redirect_uri=chosen.public_url + CALLBACK,
        version=version,
        secrets=app_secrets(chosen),
    )


def app_secrets(chosen: Settings) -> tuple[str, ...]:
    """What may sign for an account with Instagram's own sign-in: which of the two does is nowhere said."""
    own = (chosen.instagram.secret,) if chosen.instagram is not None else ()
    return own + ((chosen.app_secret,) if chosen.app_secret_is_given else ())


def every_secret(chosen: Settings) -> tuple[str, ...]:
    """What Meta may sign a request to the app itself with."""
    return tuple(dict.fromkeys((chosen.app_secret, *app_secrets(chosen))))


def refresher(chosen: Settings) -> Refresh:
    async def refresh(token: str, emulated: bool) -> FreshToken:
        base_url = chosen.graph_base(emulated=emulated, login=Login.INSTAGRAM)
        return await instagram_login.refresh(token, base_url=base_url)

    return refresh
