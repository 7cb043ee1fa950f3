# SPDX-License-Identifier: MPL-2.0
import stat
from pathlib import Path

import pytest
from tests.support.logged import logged_by

from tecken.env import SettingError
from tecken.web.data_dir import default_data_dir, keep_others_out, make_data_dir


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_data_folder_is_private_and_those_above_it_are_ordinary(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "data"
    assert make_data_dir(folder, new=True)
    assert mode_of(folder) == 0o700
    assert mode_of(folder.parent) & 0o055


def test_whoever_wants_no_new_folder_is_told_and_makes_none(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with pytest.raises(SettingError, match=r"neither \./data nor .*tecken serve"):
        make_data_dir(folder, new=False)
    assert not folder.exists()
    folder.mkdir()
    assert make_data_dir(folder, new=False)


def test_data_is_kept_here_where_it_is_already_else_where_applications_have_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert default_data_dir() == str(tmp_path / "share" / "tecken")
    (tmp_path / "data").mkdir()
    assert default_data_dir() == "data"


@pytest.mark.parametrize(
    ("before", "after"), [(0o755, 0o700), (0o644, 0o600), (0o2770, 0o2700), (0o400, 0o400)]
)
def test_others_lose_what_they_may(tmp_path: Path, before: int, after: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(before)
    keep_others_out(path)
    assert mode_of(path) == after


def test_what_is_in_a_folder_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "inside").touch(0o644)
    tmp_path.chmod(0o755)
    keep_others_out(tmp_path)
    assert (mode_of(tmp_path), mode_of(tmp_path / "inside")) == (0o700, 0o644)


def test_what_is_not_there_is_no_matter(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep_others_out(tmp_path / "missing")
    assert logged_by(caplog, "tecken.web.data_dir") == []


def test_a_folder_that_all_users_share_is_not_taken_from_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o1777)
    keep_others_out(tmp_path)
    assert mode_of(tmp_path) == 0o1777
    assert f"Others can read {tmp_path}" in caplog.text


def test_what_cannot_be_done_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # In place of a file of somebody else: root, as whom tests may run, can change those.
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for _ in range(3):
        keep_others_out(loop)
    assert caplog.text.count(f"Others can read {loop}") == 1
