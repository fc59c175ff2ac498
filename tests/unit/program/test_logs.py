from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import logging, sys
from pathlib import Path
import structlog
from program.logs import set_up_logs
set_up_logs("sample", Path(sys.argv[1]))
structlog.get_logger("own").info("it happened", order="048-2132", name="\\u53ef\\u4e50")
logging.getLogger("library").warning("half of %s", "it")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("library").exception("failed")
logging.getLogger("urllib3").info("noise")
"""


def test_every_line_is_json_in_the_file_and_on_standard_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    written = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert written == done.stderr
    own, library, failed = (json.loads(line) for line in written.splitlines())
    assert own["event"] == "it happened"
    assert own["order"] == "048-2132"
    assert own["name"] == "可乐"
    assert "可乐" in written
    assert own["program"] == library["program"] == "sample"
    assert library["event"] == "half of it"
    assert library["level"] == "warning"
    assert "ZeroDivisionError" in failed["exception"]
    assert logging.getLogger("urllib3").level == logging.NOTSET, "this process is untouched"
