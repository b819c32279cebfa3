"""Which address a request came from: the connection's own, or what one of our own proxies says."""

import functools
import ipaddress
from collections.abc import Callable, Sequence


def reader(trusted: Sequence[str]) -> Callable[[str, str], str]:
    """A function (address of the connection, X-Forwarded-For) -> address of the guest; only `trusted` addresses or networks are believed.

    Raises ValueError for a network that is none.
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]

    @functools.lru_cache(maxsize=4096)
    def is_ours(address: str) -> bool:
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in networks)

    def read(connected: str, forwarded: str) -> str:
        address = connected
        for said in reversed(forwarded.split(",")):
            if not said.strip() or not is_ours(address):
                break
            address = said.strip()
        return address

    return read if networks else lambda connected, _: connected
