"""Structured logs: one JSON object per line on standard error and in ``<data_dir>/log.jsonl``.

Programs log through ``structlog.get_logger()``; libraries and ``hardware`` through ``logging``. Both end here.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

FILE_LIMIT_BYTES = 10 * 1024 * 1024
FILES_KEPT = 3


def set_up_logs(program: str, folder: Path, *, level: str = "INFO") -> None:
    """Send every log line of this process to standard error and the program's folder."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamped,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    to_file = logging.handlers.RotatingFileHandler(
        folder / "log.jsonl", maxBytes=FILE_LIMIT_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
    )
    to_error = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    root.handlers.clear()
    for handler in (to_file, to_error):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for noisy in ("urllib3", "asyncio", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(program=program)


def _stamped(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the time at which it happened; a library's record brings its own, the same for the file and standard error."""
    record = event.get("_record")
    moment = datetime.now(UTC) if record is None else datetime.fromtimestamp(record.created, UTC)
    event["timestamp"] = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return event
