"""A command in a message can be pasted: it names the folders and the settings that the call was given."""

from __future__ import annotations

import pytest

from derm_cli.invocation import command_line, invoked, pasteable

NOTHING = {"data": None, "runs": None, "cache": None}
GO_ON = "Run 'x' was interrupted: go on with 'derm train --resume x'."


@pytest.mark.parametrize(
    ("options", "configured", "command"),
    [
        (NOTHING, None, "derm train --resume x"),
        (NOTHING, "", "derm train --resume x"),
        ({**NOTHING, "runs": "elsewhere"}, None, "derm --runs elsewhere train --resume x"),
        ({**NOTHING, "runs": "my runs"}, None, "derm --runs 'my runs' train --resume x"),
        ({**NOTHING, "runs": "a\\1"}, None, "derm --runs 'a\\1' train --resume x"),
        ({"data": "d", "runs": "r", "cache": "$c"}, None, "derm --data d --runs r --cache '$c' train --resume x"),
        (NOTHING, "conf/derm.toml", "DERM_CONFIG=conf/derm.toml derm train --resume x"),
        ({**NOTHING, "data": "d"}, "a b", "DERM_CONFIG='a b' derm --data d train --resume x"),
    ],
)
def test_a_command_repeats_what_the_call_was_given(options, configured, command):
    with invoked(options, configured):
        assert pasteable(GO_ON) == GO_ON.replace("derm train --resume x", command)
        assert pasteable(pasteable(GO_ON)) == pasteable(GO_ON)
        assert command_line("train --resume x") == command
    assert pasteable(GO_ON) == GO_ON


@pytest.mark.parametrize(
    "message",
    [
        "Derm did not expect this: run 'derm --verbose …'.",
        "the logger derm warns",
        "'derm'",
        "a folder 'my derm train'",
        "'derm train' has no option 'a'",
    ],
)
def test_what_is_no_quoted_command_stays(message):
    with invoked({"runs": "elsewhere"}, "derm.toml"):
        assert pasteable(message) == message


def test_each_of_several_commands_is_completed():
    with invoked({"runs": "r"}):
        assert (
            pasteable("'derm evaluate', 'derm export' take it")
            == "'derm --runs r evaluate', 'derm --runs r export' take it"
        )
