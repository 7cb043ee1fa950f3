# SPDX-License-Identifier: MPL-2.0

import json
import logging
import logging.config

import pytest

from tecken.web.logs import JsonFormatter, RequestIdFilter, TextFormatter, logging_config
from tecken.web.request_ids import for_request


@pytest.mark.parametrize("as_json", [True, False])
def test_the_configuration_is_one_that_python_takes(as_json: bool) -> None:
    config = logging_config(level="INFO", as_json=as_json)
    assert logging.config.DictConfigurator(config).configure_formatter(
        config["formatters"]["json" if as_json else "text"]
    )


def test_a_json_line_has_the_message_and_the_fault() -> None:
    try:
        raise ValueError("bad")
    except ValueError as error:
        fault = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("a.b", logging.ERROR, "f.py", 1, "at %s", ("noon",), fault)
    assert RequestIdFilter().filter(record)
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["level"], line["logger"]) == ("at noon", "ERROR", "a.b")
    assert "ValueError: bad" in line["exception"]
    assert line["request_id"] == "-"


def test_a_json_line_has_the_fields_of_its_record() -> None:
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 1, "GET /", (), None)
    record.fields = {"status": 200}
    with for_request("r1"):
        line = json.loads(JsonFormatter().format(record))
    assert (line["status"], line["request_id"], line["message"]) == (200, "r1", "GET /")


def test_what_somebody_sent_cannot_make_a_line_of_its_own() -> None:
    record = logging.LogRecord(
        "a.b", logging.INFO, "f.py", 1, "got %s", ("a\nERROR \x1b[2J",), None
    )
    assert TextFormatter("%(message)s").format(record) == r"got a\x0aERROR \x1b[2J"


@pytest.mark.parametrize(
    ("level", "kept"), [("DEBUG", "INFO"), ("INFO", "INFO"), ("ERROR", "ERROR")]
)
def test_what_the_s3_client_says_of_signatures_is_never_logged(level: str, kept: str) -> None:
    config = logging_config(level=level, as_json=False)
    assert config["loggers"]["botocore"]["level"] == kept


@pytest.mark.parametrize("client", ["httpx2", "httpcore2"])
def test_whole_urls_of_archives_are_never_logged(client: str) -> None:
    config = logging_config(level="DEBUG", as_json=False)
    assert config["loggers"][client]["level"] == "WARNING"
