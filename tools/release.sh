#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0

# Tag the release that the changelog describes: its topmost section must be `## X.Y.Z`, like the version
# in pyproject.toml, and everything must be committed. Nothing is pushed.

set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

fail() {
    echo "$1" >&2
    exit 1
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
top=$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)
[ "${top%% *}" = "$version" ] ||
    fail "CHANGELOG.md begins with '$top' and pyproject.toml has $version: name the section '$version - $(date +%F)', or change the version."
[ -z "$(git status --porcelain)" ] || fail "There are changes that are not committed."
notes=$(awk '/^## /{n++; next} n == 1' CHANGELOG.md)
git tag --annotate "v$version" --cleanup=verbatim --message "Tecken $version"$'\n\n'"$notes"
echo "Made the tag v$version. To publish it: git push origin v$version"
