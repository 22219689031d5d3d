"""Where messages may go: never, in production, into the house itself (server-side request forgery)."""

import socket
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# IPv4 behind a translator (RFC 6052).
TRANSLATED = IPv6Network("64:ff9b::/96")


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


def resolved(parts: SplitResult) -> str:
    """The address in numbers to connect to, looked up now and connected to as it stands: a name that answers otherwise a
    moment later changes nothing.

    Raises Forbidden where one of its addresses is private, local or reserved, and OSError where there is none.
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = [str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    if not settings.WEBHOOKS_TO_PRIVATE:
        for number in found:
            if not is_public(number):
                raise Forbidden(f"{parts.hostname} leads to {number}")
    return found[0]


def is_public(number: str) -> bool:
    """Whether an address in numbers is one of the internet: not private, local, reserved, nor one of those in disguise."""
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    # A tunnel or a translation leads to the address within, which would have to be looked at in turn: none is needed here.
    disguised = address.ipv4_mapped or address.sixtofour or address.teredo or address in TRANSLATED
    return address.is_global and not address.is_multicast and not disguised
