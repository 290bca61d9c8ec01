"""Who exists: our side's accounts (numbers) and the customers, each with a phone."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass

from emulator.fields import Fields, Json

# Enough to make a business-scoped user id look right; unknown prefixes get the last one.
_COUNTRIES = (("55", "BR"), ("351", "PT"), ("44", "GB"), ("49", "DE"), ("34", "ES"), ("52", "MX"), ("", "US"))
#: The app that asks, unless an account has another.
OUR_APP = "700000000000001"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A number, a Page or a professional account. `app_secret` is its app's own; empty means the common one."""

    channel: str
    id: str
    name: str
    display_phone_number: str
    business_id: str
    app_secret: str = ""
    token: str = ""
    page_id: str = ""  # of an Instagram account that is linked to a Page: it may be asked for by either
    login: str = ""  # Instagram: facebook or instagram
    app_id: str = OUR_APP  # of the app that the product sends by

    def shown(self) -> Json:
        """Without secrets."""
        view = dataclasses.asdict(self)
        view["has_own_secret"] = bool(view.pop("app_secret"))
        view["has_token"] = bool(view.pop("token"))
        return view


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A person with a phone. `hide_phone`: the network gives businesses the user id only."""

    phone: str
    name: str
    language: str
    user_id: str
    username: str = ""
    hide_phone: bool = False
    # People made up on the fly, by the thousand in a measurement, get no phone on the page.
    shown: bool = True

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]

    @property
    def handle(self) -> str:
        """A user name for the networks on which everybody has one."""
        return self.username or f"{self.first_name.lower()}.{_number_from(self.phone, 6)}"

    @property
    def picture(self) -> str:
        """The file name of a portrait, which says nothing about whose it is."""
        return f"portrait-{_number_from(f'portrait {self.phone}', 12)}.png"


class People:
    """The register of accounts and customers."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.customers: dict[str, Customer] = {}
        self._by_user_id: dict[str, Customer] = {}
        self._scoped: dict[str, dict[str, str]] = {}  # account: scoped id: phone

    def add_account(self, account: Account) -> None:
        self.accounts[account.id] = account

    def add_customer(self, customer: Customer) -> None:
        known = self.customers.get(customer.phone)
        if known is not None:
            self._by_user_id.pop(known.user_id, None)
        self.customers[customer.phone] = customer
        self._by_user_id[customer.user_id] = customer
        for account, known_there in self._scoped.items():
            known_there[scoped_id(account, customer.phone)] = customer.phone

    def accounts_at(self, node: str) -> list[Account]:
        """Who is asked for by this id: a Page's is also that of the Instagram account linked to it."""
        own = self.accounts.get(node)
        linked = [a for a in self.accounts.values() if a.page_id == node and a.id != node]
        return [own, *linked] if own is not None else linked

    def by_scoped_id(self, account: str, scoped: str) -> Customer | None:
        """Whom this account knows by this PSID or IGSID."""
        known = self._scoped.get(account)
        if known is None:
            known = self._scoped[account] = {scoped_id(account, phone): phone for phone in self.customers}
        phone = known.get(scoped)
        return self.customers.get(phone) if phone is not None else None

    def customer(self, phone: str) -> Customer:
        """The customer with this phone; somebody unknown is made up, without a phone on the page."""
        known = self.customers.get(phone)
        if known is None:
            known = Customer(
                phone=phone,
                name=f"Customer {phone[-4:]}",
                language="en",
                user_id=user_id_for(phone),
                shown=False,
            )
            self.add_customer(known)
        return known

    def by_user_id(self, user_id: str) -> Customer | None:
        return self._by_user_id.get(user_id)

    def forget_made_up(self) -> None:
        for phone in [c.phone for c in self.customers.values() if not c.shown]:
            self._by_user_id.pop(self.customers.pop(phone).user_id, None)

    def clear(self) -> None:
        self.accounts.clear()
        self.customers.clear()
        self._by_user_id.clear()
        self._scoped.clear()


def digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def user_id_for(phone: str) -> str:
    """A business-scoped user id: country, dot, digits [WA docs: business-scoped user IDs]."""
    country = next(code for prefix, code in _COUNTRIES if phone.startswith(prefix))
    return f"{country}.{_number_from(phone, 16)}"


def scoped_id(account: str, phone: str) -> str:
    """A person's id with one account only: PSID with a Page, IGSID with an Instagram account."""
    return _number_from(f"{phone} for {account}", 16)


def account_from(raw: object, channels: list[str], where: str = "") -> Account:
    fields = Fields(raw, where)
    channel = fields.text("channel", "whatsapp")
    if channel not in channels:
        fields.fault("channel", f"must be one of: {', '.join(channels)}")
    own_id = fields.text("id")
    if own_id and not own_id.isdigit():
        fields.fault("id", "must be digits")
    account = Account(
        channel=channel,
        id=own_id,
        name=fields.text("name", f"Account {own_id[-4:]}"),
        display_phone_number=fields.text("display_phone_number", "+1 555 0100"),
        business_id=fields.text("business_id", _number_from(f"business {own_id}", 15)),
        app_secret=fields.text("app_secret", ""),
        token=fields.text("token", ""),
        page_id=fields.text("page_id", ""),
        login=fields.text("login", "facebook" if channel == "instagram" else ""),
        app_id=fields.text("app_id", OUR_APP),
    )
    if channel == "instagram" and account.login not in ("facebook", "instagram"):
        fields.fault("login", "must be facebook or instagram")
    fields.finish()
    return account


def customer_from(raw: object, where: str = "") -> Customer:
    fields = Fields(raw, where)
    phone = digits(fields.text("phone"))
    if not 5 <= len(phone) <= 20:
        fields.fault("phone", "must be a phone number with its country code")
    customer = Customer(
        phone=phone,
        name=fields.text("name", f"Customer {phone[-4:]}"),
        language=fields.text("language", "en"),
        user_id=fields.text("user_id", user_id_for(phone)),
        username=fields.text("username", ""),
        hide_phone=fields.flag("hide_phone", False),
        shown=fields.flag("shown", True),
    )
    fields.finish()
    return customer


def _number_from(seed: str, length: int) -> str:
    value = int(hashlib.sha256(seed.encode()).hexdigest(), 16)
    return "1" + str(value)[1:length]
