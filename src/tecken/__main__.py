# SPDX-License-Identifier: MPL-2.0

"""``python -m tecken`` is the command ``tecken``."""

from tecken.commands.main import main

main()
