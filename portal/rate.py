"""How much one client may ask for: token buckets of this process, and who the client is.

A bucket fills evenly and holds what may come at once. Buckets that are full again are forgotten,
and so are the oldest when there are too many: memory is bounded whoever asks. Several processes
count each for itself; what must be counted together (mails that are sent again) is counted in the
database.
"""

from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network

MOST = 10_000
"""So many buckets are kept."""
_HOPS = 20


class Buckets:
    """One bucket for each key. All times are seconds on a clock that never jumps."""

    def __init__(self, size: int, seconds: float, most: int = MOST) -> None:
        """*size* at once, and as many again within *seconds*."""
        self._size = float(size)
        self._each = seconds / size
        self._most = most
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def wait(self, key: str, now: float) -> float:
        """Return in how many seconds *key* may ask for one more; 0: at once."""
        return max(0.0, (1.0 - self._level(key, now)) * self._each)

    def take(self, key: str, now: float, cost: float = 1.0) -> None:
        """Note that *key* asked."""
        level = max(0.0, self._level(key, now) - cost)
        self._kept.pop(key, None)
        self._kept[key] = (level, now)
        # The ones looked at longest ago are the fullest.
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= self._most and self._level(oldest, now) < self._size:
                break
            del self._kept[oldest]

    def _level(self, key: str, now: float) -> float:
        level, at = self._kept.get(key, (self._size, now))
        return min(self._size, level + (now - at) / self._each)


def networks(words: str) -> tuple[Network, ...]:
    """Return the networks of a setting: addresses or networks, separated by commas."""
    return tuple(ip_network(each) for each in filter(None, map(str.strip, words.split(","))))


def client_of(scope: Scope, proxies: Iterable[Network]) -> str:
    """Return who asks: the address, or of IPv6 the network of 64 bits that a household gets.

    Only a proxy of ours is believed when it says for whom it asks; what stands to the left of the
    first stranger in ``X-Forwarded-For`` is that stranger's own word.
    """
    peer = scope.get("client")
    shown = _known(peer[0]) if peer else None
    if shown is None:
        return "-"  # a socket of this machine
    named = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    for hop in reversed(named[-_HOPS:]):
        if not any(shown in network for network in proxies):
            break
        before = _known(hop.strip())
        if before is None:
            break
        shown = before
    if isinstance(shown, IPv6Address):
        return str(ip_network((shown, 64), strict=False))
    return str(shown)


def _known(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
