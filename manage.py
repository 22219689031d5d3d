#!/usr/bin/env python3
"""Parvis's command line. Outside production it starts, or joins, embedded servers where none are named."""

import os
import sys
from pathlib import Path

from core.embedded import servers
from core.processes import ServerError

PROJECT = Path(__file__).resolve().parent


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    # Whatever does not say that it is a demo or a test is production, which names its own servers.
    if os.environ.get("PARVIS_MODE") not in ("demo", "test"):
        execute_from_command_line(sys.argv)
        return
    data_dir = Path(os.environ.get("PARVIS_DATA") or PROJECT / ".parvis").resolve()
    os.environ["PARVIS_DATA"] = str(data_dir)
    try:
        with servers(data_dir):
            execute_from_command_line(sys.argv)
    except ServerError as error:
        sys.exit(f"Parvis: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
