"""Which addresses of the internet may be connected to on somebody else's word: those that are everybody's to reach."""

from __future__ import annotations

import ipaddress

#: Of IPv4, what is not everybody's [IANA: IPv4 special-purpose registry], and one address by which a cloud talks to its
#: own machines that looks like any other.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    )
)
#: Of IPv6 only global unicast is everybody's, and of that not what stands for something else: Teredo and its like,
#: examples, 6to4. IPv4 in IPv6's clothes (mapped, NAT64) is outside of it.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def is_public(address: str) -> bool:
    """By our own lists: those of Python's `ipaddress` differ from one release to the next."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    plain = found.scope_id is None and found in _PUBLIC_6
    return plain and not any(found in network for network in _NOT_PUBLIC_6)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
