# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import json
import logging
import logging.config

import pytest

from tecken.web.logs import JsonFormatter, RequestIdFilter, logging_config


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
