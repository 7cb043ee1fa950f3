# SPDX-License-Identifier: MPL-2.0

"""The dashboard and the alert rules ask for metrics and labels that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tecken.web.metrics import METRICS, Timer

FOLDER = Path(__file__).parents[1] / "deploy" / "monitoring"
RULES = FOLDER / "alerts.yml"
OF_PROMETHEUS = {"job", "instance"}  # labels that it adds itself
ITS_OWN = {"up": set[str]()}


def series() -> dict[str, set[str]]:
    """Every name that a scrape may have, with its labels."""
    found: dict[str, set[str]] = {}
    for metric in METRICS:
        labels = set(metric.labels)
        if isinstance(metric, Timer):
            found[f"{metric.name}_bucket"] = labels | {"le"}
            found[f"{metric.name}_sum"] = found[f"{metric.name}_count"] = labels
        else:
            found[metric.name] = labels
    return found


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return found


def dashboard_expressions() -> Iterator[str]:
    """The expressions of the dashboard, with its variables as Grafana fills them in."""
    board = dashboard()
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    asked += [each["expr"] for each in board["annotations"]["list"]]
    asked += [
        re.fullmatch(r"label_values\((.+), \w+\)", variable["query"]["query"])[1]  # type: ignore[index]
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    ]
    for expression in asked:
        yield (
            expression.replace("$__rate_interval", "1m")
            .replace("$job", "tecken")
            .replace("$instance", "node-1:8000")
        )


def expressions() -> list[str]:
    return [*(rule["expr"] for rule in rules()), *dashboard_expressions()]


def labels_and_names(expression: str) -> tuple[set[str], dict[str, set[str]]]:
    """Return the labels that are grouped by, and of each name those that it is chosen by."""
    grouped: set[str] = set()
    chosen: dict[str, set[str]] = {}

    def visit(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            grouped.update(part.modifier.labels)
        if isinstance(part, promql_parser.MatrixSelector):
            part = part.vector_selector
        if isinstance(part, promql_parser.VectorSelector):
            labels = {matcher.name for matcher in part.matchers.matchers}
            chosen.setdefault(str(part.name), set()).update(labels)

    promql_parser.walk(promql_parser.parse(expression), visit)
    return grouped, chosen


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_asks_for_what_there_is(expression: str) -> None:
    known = {**series(), **ITS_OWN}
    grouped, chosen = labels_and_names(expression)
    assert chosen, "it asks for no metric"
    assert set(chosen) <= set(known)
    for name, labels in chosen.items():
        assert labels <= known[name] | OF_PROMETHEUS, name
        assert grouped <= known[name] | OF_PROMETHEUS, name


def test_a_wrong_name_or_label_is_noticed() -> None:
    grouped, chosen = labels_and_names('sum by (kinds) (rate(tecken_nothing{code="1"}[5m])) > 1')
    assert (grouped, chosen) == ({"kinds"}, {"tecken_nothing": {"code"}})


def test_every_rule_says_what_is_wrong_and_where_to_look() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 0
    for rule in rules():
        assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        _, chosen = labels_and_names(rule["expr"])
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        labels = set[str]().union(*({**series(), **ITS_OWN}[name] for name in chosen))
        assert shown <= labels | OF_PROMETHEUS, rule["alert"]


def test_the_panels_of_the_dashboard_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_prometheus_itself_takes_all_of_it(tmp_path: Path) -> None:
    """Where its tool is installed; elsewhere the parser of the other tests has to do."""
    of_dashboard = tmp_path / "dashboard.yml"
    recorded = [
        {"record": f"dashboard:{number}", "expr": expression}
        for number, expression in enumerate(dashboard_expressions())
    ]
    of_dashboard.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": recorded}]}))
    assert len(recorded) > 30
    if promtool := shutil.which("promtool"):
        command = [promtool, "check", "rules", "--lint=all", "--lint-fatal", RULES, of_dashboard]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
