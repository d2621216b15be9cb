"""Write the library's log to standard error if the variable ANYBANK_LOG is set."""

from __future__ import annotations

import logging
import os

from ..errors import ConfigurationError

_VARIABLE = "ANYBANK_LOG"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}
_FORMAT = "%(asctime)s %(levelname)s %(name)s%(by_worker)s: %(message)s"


def configure_logging() -> None:
    """Add one handler to the logger `anybank`. Raises ConfigurationError."""
    text = os.environ.get(_VARIABLE, "").strip().lower()
    if not text:
        return
    if text not in _LEVELS:
        raise ConfigurationError(f"{_VARIABLE} must be one of {', '.join(_LEVELS)}")
    logger = logging.getLogger("anybank")
    logger.setLevel(_LEVELS[text])
    if not logger.hasHandlers():  # an app that configured logging gets each line once
        handler = logging.StreamHandler()
        handler.addFilter(_name_worker)
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)


def _name_worker(record: logging.LogRecord) -> bool:
    """Add to a record what its line says of the worker, where there is one."""
    worker = getattr(record, "worker", None)
    record.by_worker = "" if worker is None else f" [{worker}]"
    return True
