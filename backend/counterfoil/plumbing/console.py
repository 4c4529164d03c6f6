"""What web and worker print: their log, one line each, on the standard error."""

from __future__ import annotations

import logging


def configure(level: str, *, talkative: str) -> None:
    """Log at `level` (debug, info, warning or error).

    The library named `talkative` tells of everything that it does at info: it is heard from
    warning on, unless the level is debug.
    """
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(message)s")
    if level == "info":
        logging.getLogger(talkative).setLevel(logging.WARNING)
