"""Where messages may go: never, in production, into the house itself (server-side request forgery)."""

import socket
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The one part of IPv6 whose addresses the internet gives out (RFC 4291, IANA's registry): what lies outside is local, reserved,
# or an IPv4 address in disguise (translated by RFC 6052 or RFC 8215, mapped, compatible).
UNICAST = IPv6Network("2000::/3")
# Within it: for documents (RFC 9637), which the standard library does not know yet.
DOCUMENTS = IPv6Network("3fff::/20")


class Forbidden(Exception):
    """The address leads where no message may go."""


def what_is_wrong_with(url: str) -> str | Promise:
    """Why no message can go to this address, as it is written; empty where nothing speaks against it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("This is no address of a system.")
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return _("This is no address of a system.")
    if parts.username or parts.password or parts.fragment:
        return _("An address holds no account and no fragment.")
    if parts.scheme == "http" and not settings.WEBHOOKS_TO_PRIVATE:
        return _("Messages go over https only.")
    return ""


def port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def resolved(parts: SplitResult) -> list[str]:
    """The addresses in numbers to connect to, looked up now and connected to as they stand: a name that answers otherwise a
    moment later changes nothing.

    Raises Forbidden where one of them is private, local or reserved, and OSError where there is none.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port_of(parts), type=socket.SOCK_STREAM)]
    if not settings.WEBHOOKS_TO_PRIVATE:
        for number in found:
            if not is_public(number):
                raise Forbidden(f"{parts.hostname} leads to {number}")
    return list(dict.fromkeys(found))


def is_public(number: str) -> bool:
    """Whether an address in numbers is one of the internet: not private, local, reserved, nor one of those in disguise."""
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    # A tunnel leads to the address within, which would have to be looked at in turn: none is needed here.
    is_tunnel = address.sixtofour or address.teredo
    return address.is_global and address in UNICAST and address not in DOCUMENTS and not is_tunnel
