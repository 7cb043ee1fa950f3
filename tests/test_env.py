# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest

from tecken.env import Environment, SettingError, check_url, raise_problems, read_dotenv


def test_the_first_spelling_that_is_set_wins() -> None:
    env = Environment({"B": "2"})
    assert env.text("A", "B", default="3") == "2"
    assert env.names == {"A", "B"}


@pytest.mark.parametrize(
    ("values", "problem"), [({}, "A is required and not set"), ({"A": ""}, "A is empty")]
)
def test_a_required_variable_is_named_when_it_is_missing(
    values: dict[str, str], problem: str
) -> None:
    env = Environment(values)
    assert env.text("A") == ""
    assert list(map(str, env.problems)) == [problem]


@pytest.mark.parametrize("text", ["True", "true", "1", "yes", "on"])
def test_ways_to_write_true(text: str) -> None:
    assert Environment({"A": text}).boolean("A", default=False) is True


@pytest.mark.parametrize("text", ["False", "0", "no", "off", ""])
def test_ways_to_write_false(text: str) -> None:
    assert Environment({"A": text}).boolean("A", default=True) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{'sym': 'text/plain'}", {"sym": "text/plain"}), ('{"a": "b"}', {"a": "b"}), ("{}", {})],
)
def test_a_dictionary_is_a_python_literal_or_json(text: str, expected: dict[str, str]) -> None:
    assert Environment({"A": text}).mapping("A", default={}) == expected


def test_a_blank_url_is_not_set() -> None:
    env = Environment({"A": " "})
    assert env.url("A", default="file:///symbols") == "file:///symbols"
    assert env.problems == []


def test_a_wrong_url_is_named_by_the_spelling_that_was_set() -> None:
    env = Environment({"B": '{"a@example.com": "nowhere"}'})
    assert env.url_mapping("A", "B") == {}
    assert str(env.problems[0]).startswith("B has 'nowhere'")


def test_a_list_may_have_spaces_and_empty_items() -> None:
    assert Environment({"A": " a, b,,c "}).items("A", default=()) == ("a", "b", "c")


def test_bad_text_is_refused_with_the_name_and_the_default_stands_in() -> None:
    env = Environment({"A": "x"})
    read = (
        env.integer("A", default=1),
        env.boolean("A", default=True),
        env.mapping("A", default={}),
        env.choice("A", frozenset({"y"}), default="y"),
        env.url("A"),
        env.urls("A", default=()),
    )
    assert read == (1, True, {}, "y", "", ())
    assert [str(problem)[:5] for problem in env.problems[:4]] == ["A is "] * 4
    assert {problem.name for problem in env.problems} == {"A"}
    assert len(env.problems) == len(read)


def test_a_number_has_a_minimum() -> None:
    env = Environment({"A": "0"})
    assert env.integer("A", default=5, minimum=1) == 5
    assert list(map(str, env.problems)) == ["A is 0; it must be 1 or more"]


def test_a_number_beyond_its_maximum_is_refused() -> None:
    env = Environment({"A": "36501"})
    assert env.integer("A", default=30, maximum=36_500) == 30
    assert list(map(str, env.problems)) == ["A is 36501; it must be 36500 or less"]


@pytest.mark.parametrize("text", ["[" * 10_000, "{'a': 1}", "['a']", "{'a': f()}"])
def test_what_is_not_a_dictionary_of_strings_is_refused(text: str) -> None:
    env = Environment({"A": text})
    assert env.mapping("A", default={"b": "c"}) == {"b": "c"}
    assert len(env.problems) == 1


def test_a_dictionary_may_have_numbers() -> None:
    env = Environment({"A": "{'a': 30}", "B": '{"a": 0, "b": 7}', "C": ""})
    read = [env.integer_mapping(name) for name in ("A", "B", "C", "D")]
    assert (read, env.problems) == ([{"a": 30}, {"a": 0, "b": 7}, {}, {}], [])


@pytest.mark.parametrize("text", ["[" * 10_000, "{'a': '1'}", "{'a': -1}", "{'a': True}", "{1: 1}"])
def test_what_is_not_a_dictionary_of_numbers_is_refused(text: str) -> None:
    env = Environment({"A": text})
    assert env.integer_mapping("A") == {}
    assert list(map(str, env.problems)) == [
        'A is not a dictionary of names and whole numbers, like {"name": 30}'
    ]


def test_one_wrong_url_does_not_hide_another() -> None:
    env = Environment({"A": "file:///a, b, file:///c, d"})
    assert env.urls("A", default=()) == ("file:///a", "file:///c")
    assert len(env.problems) == 2


def test_what_a_part_of_the_product_refuses_is_noted_too() -> None:
    def refuse() -> str:
        raise SettingError("A", "is wrong")

    env = Environment({})
    assert env.attempt(refuse, otherwise="x") == "x"
    assert list(map(str, env.problems)) == ["A is wrong"]


def test_all_problems_are_raised_as_one_error_with_a_line_for_each() -> None:
    first, second = SettingError("A", "is wrong"), SettingError("B", "is too")
    raise_problems([])
    with pytest.raises(SettingError) as caught:
        raise_problems([first])
    assert caught.value is first
    with pytest.raises(SettingError) as caught:
        raise_problems([first, second])
    assert str(caught.value) == "A is wrong\nB is too"
    assert caught.value.problems == (first, second)


@pytest.mark.parametrize("url", ["file:///data/symbols", "https://s3.example.com/bucket/prefix"])
def test_urls_of_buckets(url: str) -> None:
    assert check_url("A", url) == url


@pytest.mark.parametrize(
    "url", ["", "symbols", "file://host/x", "https://host", "ftp://h/b", "http://[/b"]
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingError, match=r"^A "):
        check_url("A", url)


def test_a_dotenv_may_have_comments_exports_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# about\n\nA=1\nexport B='two words'\nC=\"x=y\"\n")
    assert read_dotenv(path) == {"A": "1", "B": "two words", "C": "x=y"}


def test_no_dotenv_is_no_variables(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env") == {}


def test_a_bad_line_of_a_dotenv_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nwhat\n")
    with pytest.raises(SettingError, match="line 2"):
        read_dotenv(path)


@pytest.mark.parametrize(
    "url",
    ["https://u:hunter2@host/bucket", "https://u:hunter2/x@host/bucket", "https://h:hunter2/b"],
)
def test_a_bucket_url_with_a_password_or_bad_port_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(SettingError, match=r"^DJANGO_SYMBOL_URLS ") as caught:
        check_url("DJANGO_SYMBOL_URLS", url)
    assert "hunter2" not in str(caught.value)
