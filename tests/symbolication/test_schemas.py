# SPDX-License-Identifier: MPL-2.0

import json
import subprocess
import sys

import pytest

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.symbolicate import Job
from tecken.symbolication.limits import SMALL_BYTES, Limits
from tecken.symbolication.schemas import parse_v4, parse_v5

LIMITS = Limits()
JOB = {"memoryMap": [["xul.pdb", "44E4"]], "stacks": [[[0, 11723767], [-1, 65802]]]}
PARSED = Job([("xul.pdb", "44E4")], [[(0, 11723767), (-1, 65802)]])


def job(frame: str = "[0, 1]", module: str = '["xul.pdb", "44E4"]') -> bytes:
    return f'{{"memoryMap": [{module}], "stacks": [[[0, 7], {frame}]]}}'.encode()


def offset_of(frame: str) -> object:
    [parsed] = parse_v5(job(frame), LIMITS)
    [_, (_, offset)] = parsed.stacks[0]
    return offset


def refusal(body: bytes | object, limits: Limits = LIMITS) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        parse_v5(body if isinstance(body, bytes) else json.dumps(body).encode(), limits)
    return str(caught.value)


def test_a_v5_request_is_a_list_of_jobs_or_one_job() -> None:
    for request, jobs in (({"jobs": [JOB, JOB]}, [PARSED, PARSED]), (JOB, [PARSED])):
        assert parse_v5(json.dumps(request).encode(), LIMITS) == jobs


@pytest.mark.parametrize("version", [5, 4, "x", None, [[]]])
def test_v5_ignores_the_version_and_keys_it_does_not_know(version: object) -> None:
    request = {"jobs": [JOB | {"more": 1.5}], "version": version, "\u00e9": "\ud83d\ude00"}
    assert parse_v5(json.dumps(request).encode(), LIMITS) == [PARSED]


def test_jobs_win_over_a_job_at_the_top() -> None:
    assert parse_v5(json.dumps(JOB | {"jobs": [JOB, JOB]}).encode(), LIMITS) == [PARSED] * 2


def test_a_module_may_be_called_jobs() -> None:
    [parsed] = parse_v5(job(module='["jobs", "A"]'), LIMITS)
    assert parsed.modules == [("jobs", "A")]


def test_an_escaped_key_is_the_same_key() -> None:
    body = json.dumps({"jobs": [JOB]}).replace("jobs", "\\u006aobs").encode()
    assert parse_v5(body, LIMITS) == [PARSED]


def test_a_v4_request_is_one_job_with_its_version() -> None:
    assert parse_v4(json.dumps(JOB | {"version": 4}).encode(), LIMITS) == PARSED


@pytest.mark.parametrize("version", [{}, *({"version": v} for v in (5, "4", 4.0, True, None, [4]))])
def test_v4_expects_its_version_before_anything_else(version: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError, match=r"^Expect version==4$"):
        parse_v4(json.dumps(version | {"stacks": 0}).encode(), LIMITS)


@pytest.mark.parametrize("missing", ["memoryMap", "stacks"])
def test_v4_misses_its_keys(missing: str) -> None:
    request = {"version": 4} | JOB
    del request[missing]
    with pytest.raises(InvalidRequestError, match=rf"Missing key in JSON \('{missing}'\)"):
        parse_v4(json.dumps(request).encode(), LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{sic}",
        b"{'jobs': []}",
        b"\xef\xbb\xbf{}",
        b'{"jobs": [NaN]}',
        job("[0, NaN]"),
        job("[0, Infinity]"),
        job("[0, -Infinity]"),
        job("[0, 01]"),
        job("[0, 0x1]"),
        job("[0, 1],"),
        job(module='["\xff", "A"]').replace(b"\xc3\xbf", b"\xff"),
        job() + b"{}",
        b"\xff\xfe" + job().decode().encode("utf-16-le"),
        job("[0, " + "1" * 5_000 + "]"),
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert refusal(body).startswith("Invalid JSON passed in")


@pytest.mark.parametrize(
    "opening", [b"[", b'{"jobs": ', b'{"jobs": [', b'{"a":[', b'{"jobs":[],"x":[']
)
def test_json_that_is_nested_too_deeply_is_refused(opening: bytes) -> None:
    assert refusal(opening * 200_000).startswith("Invalid JSON passed in")


@pytest.mark.parametrize("body", [b"[]", b"0", b'"jobs"', b"null", b"1.5", b"true"])
def test_a_request_must_be_a_dict(body: bytes) -> None:
    assert refusal(body) == "Not a dict"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "Missing key in JSON ('jobs')"),
        ({"job": []}, "Missing key in JSON ('jobs')"),
        ({"stacks": []}, "Missing key in JSON ('memoryMap') (job 0)"),
        ({"memoryMap": []}, "Missing key in JSON ('stacks') (job 0)"),
        ({"jobs": [JOB, {"memoryMap": []}]}, "Missing key in JSON ('stacks') (job 1)"),
        ({"jobs": []}, "Jobs list empty"),
        ({"jobs": {}}, "Must be a list of jobs"),
        ({"jobs": None}, "Must be a list of jobs"),
        ({"jobs": [JOB, []]}, "Not a dict (job 1)"),
        ({"jobs": [JOB | {"memoryMap": {}}]}, "Must be a list of lists (job 0, memoryMap)"),
        ({"jobs": [JOB | {"memoryMap": ["a"]}]}, "Must be a list of lists (job 0, module 0)"),
        ({"jobs": [JOB | {"stacks": "a"}]}, "Must be a list of lists (job 0, stacks)"),
        ({"jobs": [JOB | {"stacks": [[], 1]}]}, "Must be a list of lists (job 0, stack 1)"),
        ({"jobs": [JOB | {"stacks": [[0]]}]}, "Must be a list of lists (job 0, stack 0, frame 0)"),
    ],
)
def test_a_request_of_the_wrong_shape_is_told_what_is_wrong_and_where(
    request_: object, message: str
) -> None:
    assert refusal(request_) == message


@pytest.mark.parametrize(
    "module",
    [[], ["a"], ["a", "b", "c", "d"], ["a", 1], [1.5, "a"], [None, "a"], ["a", True], [["a"], "b"]],
)
def test_a_module_must_be_two_strings(module: object) -> None:
    message = "A module must be a list of two strings (job 0, module 1)"
    assert refusal({"memoryMap": [["a", "b"], module], "stacks": []}) == message


@pytest.mark.parametrize(
    "frame",
    [
        *("[]", "[0]", "[0, 1, 2]", "[true, 1]", "[0, true]", "[0, null]", "[null, 0]", "[0, []]"),
        *("[0, {}]", '["0", 1]', "[0.0, 1]", "[1.5, 1]", "[0, [1]]", "[0, false]"),
    ],
)
def test_a_frame_must_be_two_numbers(frame: str) -> None:
    message = "List of lists of frames must be 2 numbers (job 0, stack 0, frame 1)"
    assert refusal(job(frame)) == message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.00000", "1.00000"),
        ("1e2", "1e2"),
        ("-1.5E+3", "-1.5E+3"),
        ("1e999", "1e999"),
        ('"0x10"', "0x10"),
        ('""', ""),
        ('"\\ud83d\\ude00 \\u0000"', "\U0001f600 \0"),
        ("0", 0),
        ("-0", 0),
        ("-5", -5),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2**64),
        ("-18446744073709551617", -(2**64) - 1),
        ("1" * 4_000, int("1" * 4_000)),
    ],
)
def test_an_offset_is_read_as_it_was_written(written: str, read: object) -> None:
    assert offset_of(f"[0, {written}]") == read
    assert isinstance(read, str) == isinstance(offset_of(f"[0, {written}]"), str)


def test_other_frames_of_a_request_with_an_odd_offset_are_read_all_the_same() -> None:
    [parsed] = parse_v5(job("[0, 1.5], [0, 8], [-1, 9]"), LIMITS)
    assert parsed.stacks == [[(0, 7), (0, "1.5"), (0, 8), (-1, 9)]]


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb"])
def test_half_a_surrogate_pair_is_no_text(text: str) -> None:
    message = "is not valid Unicode"
    assert refusal(job(module=f'["{text}", "A"]')) == f"A name or id {message} (job 0, module 0)"
    assert refusal(job(module=f'["a", "{text}"]')) == f"A name or id {message} (job 0, module 0)"
    expected = f"An offset {message} (job 0, stack 0, frame 1)"
    assert refusal(job(f'[0, "{text}"]')) == expected


def test_half_a_surrogate_pair_in_a_key_that_is_ignored_does_no_harm() -> None:
    body = job().replace(b'{"mem', b'{"\\ud800": "\\udc00", "mem')
    assert [parsed.modules for parsed in parse_v5(body, LIMITS)] == [[("xul.pdb", "44E4")]]


@pytest.mark.parametrize(
    "module", [["x" * 1025, "A"], ["x", "A" * 1025], ["a\0b", "A"], ["a", "\0"]]
)
@pytest.mark.parametrize("offset", [1, 1.5])
def test_a_name_or_id_that_is_too_long_or_has_a_nul_is_refused(
    module: list[str], offset: float
) -> None:
    request = {"jobs": [JOB, {"memoryMap": [["a", "b"], module], "stacks": [[[0, offset]]]}]}
    assert refusal(request) == (
        "A name or id is longer than 1024 characters or has a NUL (job 1, module 1)"
    )


def test_names_of_1024_characters_and_odd_ones_are_taken() -> None:
    for name in ("\u00e9" * 1024, "", "[vdso]", "<unknown>", "a/b", "\U0001f600"):
        request = {"memoryMap": [[name, name]], "stacks": []}
        [parsed] = parse_v5(json.dumps(request).encode(), LIMITS)
        assert parsed.modules == [(name, name)]


@pytest.mark.parametrize(("index", "offset"), [(1, 1), (2**70, 1), (1, 1.5), (1, "x")])
def test_a_module_index_must_be_below_the_number_of_modules(index: int, offset: object) -> None:
    stacks = [[[0, 1]], [[0, 1], [-9, 5.5], [index, offset], [0, 3]]]
    assert refusal({"jobs": [JOB | {"stacks": stacks}]}) == (
        f"Module index {index} is not below the number of modules (1) (job 0, stack 1, frame 2)"
    )


def test_without_modules_only_negative_indexes_are_taken() -> None:
    assert parse_v5(b'{"memoryMap": [], "stacks": [[[-1, 1]], []]}', LIMITS)[0].modules == []
    assert "Module index 0" in refusal({"memoryMap": [], "stacks": [[[0, 1]]]})


def test_counts_are_checked_before_shapes_and_these_before_names_and_names_before_indexes() -> None:
    none = Limits(jobs=0, modules=0, stacks=0, frames=0)
    odd = {"memoryMap": [["\0", "A"], 1], "stacks": [[[5, None]], 1]}
    assert refusal({"jobs": []}, none) == "Jobs list empty"
    with pytest.raises(LimitExceededError):
        parse_v5(json.dumps(odd).encode(), none)
    assert refusal(odd) == "Must be a list of lists (job 0, module 1)"
    assert refusal(odd | {"memoryMap": []}).startswith("List of lists of frames")
    assert refusal({"memoryMap": [["\0", "A"]], "stacks": [[[5, 1]]]}).startswith("A name")
    assert refusal({"memoryMap": [["a", "A"]], "stacks": [[[5, 1]]]}).startswith("Module index")
    later = {"memoryMap": [["\0", "A"]], "stacks": []}
    earlier = {"memoryMap": [], "stacks": [[[5, 1]]]}
    assert refusal({"jobs": [earlier, later]}).startswith("A name")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(jobs=1), "The request has 2 jobs; at most 1 are allowed"),
        (Limits(modules=1), "The request has 2 modules; at most 1 are allowed"),
        (Limits(stacks=1), "The request has 2 stacks; at most 1 are allowed"),
        (Limits(frames=3), "The request has 4 frames; at most 3 are allowed"),
    ],
)
def test_more_than_the_limits_is_refused(limits: Limits, message: str) -> None:
    with pytest.raises(LimitExceededError) as caught:
        parse_v5(json.dumps({"jobs": [JOB, JOB]}).encode(), limits)
    assert str(caught.value) == message


def test_as_much_as_the_limits_is_taken() -> None:
    body = json.dumps({"jobs": [JOB, JOB]}).encode()
    assert parse_v5(body, Limits(jobs=2, modules=2, stacks=2, frames=4)) == [PARSED] * 2
    with pytest.raises(LimitExceededError, match="frames"):
        parse_v4(json.dumps(JOB | {"version": 4}).encode(), Limits(frames=1))


def by_parts(body: bytes) -> bytes:
    """Make a body so large that it is read part by part."""
    return body + b" " * SMALL_BYTES


@pytest.mark.parametrize("request_", [{"jobs": [JOB, JOB]}, JOB, JOB | {"version": 5, "x": [{}]}])
def test_a_large_body_is_read_as_a_small_one_is(request_: object) -> None:
    body = json.dumps(request_).encode()
    assert parse_v5(by_parts(body), LIMITS) == parse_v5(body, LIMITS)


def test_a_large_v4_request_is_read_as_a_small_one_is() -> None:
    assert parse_v4(by_parts(json.dumps(JOB | {"version": 4}).encode()), LIMITS) == PARSED


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (job("[5, 1]"), "Module index 5 is not below the number of modules (1)"),
        (job("[0, null]"), "List of lists of frames must be 2 numbers"),
        (
            job(module='["a\\u0000", ""]'),
            "A name or id is longer than 1024 characters or has a NUL",
        ),
        (job(module='["%s", ""]' % ("x" * 1025)), "A name or id is longer than 1024 characters"),
        (job(module='["%s", ""]' % ("x" * 100_000)), "A name or id is longer than 1024 characters"),
        (b'{"jobs": []}', "Jobs list empty"),
        (job()[:-1], "Invalid JSON passed in"),
    ],
)
def test_a_large_body_is_refused_as_a_small_one_is(body: bytes, message: str) -> None:
    assert refusal(body).startswith(message)
    assert refusal(by_parts(body)) == refusal(body)


@pytest.mark.parametrize(
    "stacks", ['""', '"ab"', '["ab"]', '[["ab"]]', '[["ab", [0, 1]]]', '[["", ""]]', "{}", "5"]
)
def test_texts_are_neither_stacks_nor_frames(stacks: str) -> None:
    request = b'{"memoryMap": [["a", "b"]], "stacks": %b}' % stacks.encode()
    assert refusal(request).startswith("Must be a list of lists (job 0, stack")


@pytest.mark.parametrize(
    "modules", ["[[[0, 1], [2, 3]]]", '[[[0, 1], "a"]]', '["ab"]', '"ab"', '""']
)
def test_frames_and_texts_are_no_modules(modules: str) -> None:
    refused = refusal(b'{"memoryMap": %b, "stacks": []}' % modules.encode())
    assert refused.startswith(("A module must be a list of two strings", "Must be a list of lists"))


@pytest.mark.parametrize("offset", ['"%s"' % ("\\ud83d\\ude00" * 4_001), "1." + "0" * 3_999])
def test_an_offset_of_more_than_4000_characters_is_too_large(offset: str) -> None:
    with pytest.raises(LimitExceededError) as caught:
        parse_v5(job(f"[0, {offset}]"), LIMITS)
    assert str(caught.value) == (
        "An offset has more than 4,000 characters (job 0, stack 0, frame 1)"
    )


def test_an_offset_of_4000_characters_is_taken() -> None:
    for offset in ("\U0001f600" * 4_000, "1." + "0" * 3_998):
        written = offset if offset.isascii() else json.dumps(offset)
        assert offset_of(f"[0, {written}]") == offset


def test_an_index_of_too_many_digits_is_refused() -> None:
    assert refusal(job(f"[{'1' * 5_000}, 1]")) == (
        "Invalid JSON passed in: an integer has more than 4,000 digits"
    )


@pytest.mark.parametrize("whole", ["\\\\ud800", "\\\\\\ud83d\\ude00", "\\\\\\\\udfff"])
def test_only_real_halves_of_surrogate_pairs_are_refused(whole: str) -> None:
    key = '"\\udc00": 1'
    body = job(module=f'["{whole}", "A"]').replace(b'{"mem', b"{%b, " % key.encode() + b'"mem')
    [parsed] = parse_v5(body, LIMITS)
    assert parsed.modules == [(json.loads(f'"{whole}"'), "A")]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"x": [%b1], "memoryMap": [], "stacks": []}' % (b"1," * 1_400_000),
            "The request has 1,400,002 values; at most 1,310,100 are allowed",
        ),
        (
            b'{%b"memoryMap": [], "stacks": []}' % (b'"xxxxxxxxxx": 1, ' * 100_000),
            "The request has 100,002 keys; at most 100,000 are allowed",
        ),
        (
            b'{"memoryMap": [], "stacks": [%b[]]}' % (b"[]," * 400_000),
            "The request has 400,001 stacks; at most 50,000 are allowed",
        ),
        (
            b'{"memoryMap": [], "stacks": [[%b[-1,1]]]}' % (b"[-1,1.5]," * 500_000),
            "The request has 500,001 frames; at most 500,000 are allowed",
        ),
    ],
)
def test_a_large_body_with_too_much_of_anything_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(LimitExceededError) as caught:
        parse_v5(body, LIMITS)
    assert str(caught.value) == message


def test_no_decoder_of_requests_knows_a_class() -> None:
    """Its types would be kept in an object that the garbage collector may clear."""
    program = (
        "import gc, tecken.symbolication.schemas;"
        "print({type(each).__name__ for each in gc.get_objects()}"
        " & {'StructInfo', 'TypedDictInfo', 'DataclassInfo', 'NamedTupleInfo'})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "set()\n"


MODULE = ["libfoo.so", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"]
CODE_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"


@pytest.mark.parametrize("offset", [16, "1.5"])  # read in one go, and part by part
def test_a_module_may_have_a_code_id_or_null(offset: object) -> None:
    request = {
        "memoryMap": [[*MODULE, CODE_ID], ["a", "b", None], ["a", "c"], [*MODULE, "beef"]],
        "stacks": [[[0, offset]]],
    }
    [job] = parse_v5(json.dumps(request).encode(), LIMITS)
    assert job.modules == [tuple(MODULE), ("a", "b"), ("a", "c"), tuple(MODULE)]
    assert job.code_ids == {tuple(MODULE): CODE_ID}
    request["version"] = 4
    assert parse_v4(json.dumps(request).encode(), LIMITS).code_ids == job.code_ids


@pytest.mark.parametrize("code_id", [5, True, ["a"], [1, 2], {}, 1.5])
def test_a_code_id_of_another_type_is_refused(code_id: object) -> None:
    message = "A code id must be a string or null (job 0, module 0)"
    assert refusal({"memoryMap": [[*MODULE, code_id]], "stacks": []}) == message


@pytest.mark.parametrize("code_id", ["x" * 1025, "a\0b"])
def test_a_code_id_has_the_bounds_of_names(code_id: str) -> None:
    assert "longer than 1024 characters or has a NUL" in refusal(
        {"memoryMap": [[*MODULE, code_id]], "stacks": []}
    )
