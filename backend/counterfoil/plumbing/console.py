"""What web and worker print: their log, one line each, on the standard error."""

from __future__ import annotations

import copy
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

_FORMAT = "%(levelname)s %(message)s"
_OURS = Path(__file__).resolve().parents[1]


class OutagesInOneLine(logging.Formatter):
    """Prints an error without its traceback where `is_outage` says so; every other one with it.

    While a database is away each job and each request meets the same error, and its traceback
    runs through libraries alone. What stays is the error, and where our own code met it.
    """

    def __init__(self, is_outage: Callable[[BaseException], bool]) -> None:
        super().__init__(_FORMAT)
        self._is_outage = is_outage

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not self._is_outage(error):
            return super().format(record)
        short = copy.copy(record)  # other handlers may still want the whole one
        said, place = record.getMessage().strip(), _met_at(error)
        if str(error) not in said:
            said = f"{said}: {type(error).__name__}: {error}"
        short.msg, short.args = " ".join(f"{said}{place}".split()), ()
        short.exc_info = short.exc_text = short.stack_info = None
        return super().format(short)


def _met_at(error: BaseException) -> str:
    """The innermost line of the product that the error came through, in brackets."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _OURS in Path(frame.filename).parents]
    return f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""


def configure(level: str, *, talkative: str, is_outage: Callable[[BaseException], bool]) -> None:
    """Log at `level` (debug, info, warning or error).

    The library named `talkative` tells of everything that it does at info: it is heard from
    warning on, unless the level is debug; then outages come with their tracebacks as well.
    """
    handler = logging.StreamHandler()
    if level == "debug":
        handler.setFormatter(logging.Formatter(_FORMAT))
    else:
        handler.setFormatter(OutagesInOneLine(is_outage))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    if level == "info":
        logging.getLogger(talkative).setLevel(logging.WARNING)
