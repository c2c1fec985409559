"""What can be trained here at once: on the datasets that are there, else on a synthetic one."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass

from derm_cli.chain_names import IMAGENET
from derm_cli.data.locating import known_dataset_names, locate
from derm_cli.errors import DermError
from derm_cli.plugin import BackboneSpec
from derm_cli.workflows.session import Session
from derm_cli.workflows.weights_here import is_here

SYNTHETIC = "synthetic-phone"
"""The dataset that is drawn where there is no other."""
MOST = 5
"""So many datasets are suggested at most."""


@dataclass(frozen=True)
class Suggestion:
    """A training that can be begun here: its chain, its backbone, and the title of its target."""

    chain: str
    backbone: str
    title: str

    @property
    def command(self) -> str:
        """The arguments of derm that begin it."""
        return f"train --backbone {self.backbone} --chain {shlex.quote(self.chain)}"


def suggestions(session: Session) -> list[Suggestion]:
    """Return what can be trained here: a target for each dataset that is there, and a synthetic one last."""
    names = []
    for name in known_dataset_names(session.settings, session.registry):
        with suppress(DermError):
            located = locate(name, session.settings, session.registry)
            names += [name] if located.exists and not located.spec.synthetic else []
    backbone, weights = _backbone(session)
    chosen = [*names[:MOST], SYNTHETIC]
    return [Suggestion(f"{weights}{name}", backbone, _title(session, name)) for name in chosen]


def _title(session: Session, name: str) -> str:
    with suppress(DermError):
        return locate(name, session.settings, session.registry).spec.title
    return name


def _backbone(session: Session) -> tuple[str, str]:
    """Return the smallest backbone whose ImageNet weights are here, and how its chain begins; else any, without."""
    backbones = sorted(session.registry.all(BackboneSpec).values(), key=lambda spec: spec.parameters)
    for spec in backbones:
        if any(each.name == IMAGENET and is_here(each) for each in spec.weights):
            return spec.name, f"{IMAGENET},"
    return backbones[0].name if backbones else "effnet-lite0", ""
