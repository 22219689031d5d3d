"""The admin of the register: one file per aggregate, and what it adds to the start page."""

from partnerships.admin import agreements, council, networks, organisations, places, start

__all__ = ["agreements", "council", "networks", "organisations", "places", "start"]
