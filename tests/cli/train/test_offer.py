"""``derm train`` alone names what can be trained here, and on a terminal offers it."""

from __future__ import annotations

import pytest

from derm_cli.cli.train import offer


def test_the_error_names_what_can_be_run_here_with_the_folders_of_the_call(place):
    (place.data / "pad-ufes-20").mkdir(parents=True)
    said = place.derm("--data", place.data, "train", exit_status=2).stderr
    assert "The chain is empty: name datasets by --chain, or a folder by --target, as in\n" in said
    assert f"    derm --data {place.data} train --backbone effnet-lite0 --chain imagenet,pad-ufes-20\n" in said
    assert said.endswith("train --backbone effnet-lite0 --chain imagenet,synthetic-phone\n")


@pytest.mark.parametrize(("typed", "chain"), [("1\n", "imagenet,pad-ufes-20"), ("\n", "imagenet,synthetic-phone")])
def test_a_terminal_offers_them_and_takes_the_one_that_is_chosen(place, monkeypatch, typed, chain):
    from click.testing import CliRunner

    from derm_cli.cli import cli

    (place.data / "pad-ufes-20").mkdir(parents=True)
    monkeypatch.setattr(offer, "_is_on_a_terminal", lambda: True)
    asked = []
    monkeypatch.setattr(
        "derm_cli.workflows.training.dry_run.describe", lambda _, request, __: asked.append(request) or ""
    )
    environment = {"DERM_DATA": str(place.data), "DERM_CACHE": str(place.root / "cache")}
    result = CliRunner().invoke(cli, ["train", "--dry-run"], input=typed, env=environment)
    assert result.exit_code == 0, result.output
    assert "  1  " in result.stderr
    (request,) = asked
    assert (",".join(request.chain), request.backbone) == (chain, "effnet-lite0")


def test_nothing_is_asked_where_json_is_wanted_or_a_chain_is_there(place, monkeypatch):
    monkeypatch.setattr(offer, "_is_on_a_terminal", lambda: True)
    assert "The chain is empty" in place.derm("train", "--json", exit_status=2).stderr
    options = {"chain": "edra", "target": None}
    assert offer.with_chain(None, options, may_ask=True) is options
