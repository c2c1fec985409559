"""Completion in Bash of values with colons and equals signs, which Bash takes for ends of words."""

from __future__ import annotations

from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

BREAKS = ":="
"""Those of Bash's COMP_WORDBREAKS that stand in values of derm's options, as in ``--phase full:epochs=3``."""


class JoiningBashComplete(BashComplete):
    """Completes what was typed, where Bash gives it in pieces, and answers with what goes behind the last piece."""

    _pieces = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and the word at it as far as it is typed, both put together again."""
        words, last = super().get_completion_args()
        joined: list[str] = []
        is_open = False
        for word in [*words, last]:
            is_break = bool(word) and not word.strip(BREAKS)
            if joined and (is_break or is_open):
                joined[-1] += word
            else:
                joined.append(word)
            is_open = is_break
        *before, incomplete = joined
        # What Bash replaces is the last piece alone; of --phase=full:ep the value begins behind the option's name.
        value = incomplete.partition("=")[2] if incomplete.startswith("--") else incomplete
        self._pieces = value[: 1 + max(map(value.rfind, BREAKS))] if len(joined) <= len(words) else ""
        return before, incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return a completion without the pieces that stand on the line already."""
        return f"{item.type},{str(item.value).removeprefix(self._pieces)}"


def register() -> None:
    """Let Click complete in Bash so."""
    add_completion_class(JoiningBashComplete)
