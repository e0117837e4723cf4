"""Which IP addresses are public.

The tables are our own, after IANA's special-purpose registries: ``ipaddress.is_global`` answers
differently from one Python to the next, and says yes to 64:ff9b::10.0.0.1 and to 224.0.0.1.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

NOT_PUBLIC_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by a provider's customers
            "127.0.0.0/8",
            "169.254.0.0/16",  # link local, and the clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # the old 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)

# Of IPv6 only this block has been given out; within it a few parts are not for the open net.
GIVEN_OUT_V6 = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)

# ::ffff:10.0.0.1 is 10.0.0.1
MAPPED = IPv6Network("::ffff:0:0/96")
# 2002:a00:1:: carries 10.0.0.1 in its second and third group.
SIX_TO_FOUR = IPv6Network("2002::/16")
# 64:ff9b::a00:1 carries 10.0.0.1 in its last 32 bits.
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether a literal IP address is public; False for what is not an address."""
    try:
        parsed = _unwrapped(ip_address(address))
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in NOT_PUBLIC_V4)
    return parsed in GIVEN_OUT_V6 and not any(parsed in network for network in NOT_PUBLIC_V6)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address within an IPv6 one, if it only carries such."""
    if isinstance(address, IPv4Address):
        return address
    if address in MAPPED or address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    return address
