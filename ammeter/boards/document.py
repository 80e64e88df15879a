"""
The page of a board as a browser gets it: a bar that is painted at once, and what the scripts begin with.

Rule: pure; whatever comes from a board or a login is escaped where it is put in.
"""

import json
from collections.abc import Iterable
from html import escape

from ammeter.boards.assets import Assets
from ammeter.boards.dashboards import Dashboard


def document(
    template: str, assets: Assets, boards: Iterable[Dashboard], board: Dashboard, user: str, version: int
) -> str:
    """The HTML of a board for who looks, with the number of the version whose answers are on their way."""
    boards = list(boards)
    boot = {
        "board": board.json,
        "boards": [{"uid": one.uid, "variables": [*one.options, *one.choices, *one.texts]} for one in boards],
        "user": user,
        "personal": board.is_personal,
        "ofOne": board.is_of_one,
        "version": version,
    }
    parts = {
        "title": escape(board.title),
        "style": assets.path("page.css"),
        "theme": assets.path("theme.js"),
        "script": assets.path("page.js"),
        "preloads": "".join(f'<link rel="modulepreload" href="{assets.path(name)}">' for name in assets.modules),
        "boards": "".join(link(one, is_here=one is board) for one in boards),
        # Inside a script element only "<" could end it.
        "boot": json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c"),
    }
    for name, text in parts.items():
        template = template.replace("{{" + name + "}}", text)
    return template


def link(board: Dashboard, *, is_here: bool) -> str:
    """A board in the bar; the scripts add what is chosen to its address."""
    uid, here = escape(board.uid), ' aria-current="page"' if is_here else ""
    return f'<a href="/d/{uid}" data-board="{uid}" data-testid="board-{uid}"{here}>{escape(board.title)}</a>'
