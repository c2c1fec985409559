"""Ray as derm uses it, without a cluster."""

from __future__ import annotations

import signal
import sys
import tempfile
from types import SimpleNamespace

import pytest

from derm_cli.plugin import DermError, RequestError
from derm_ray import cluster
from derm_ray.cluster import LONGEST_PARENT, OWN, connected, nodes_of, ray_module


class Ray(SimpleNamespace):
    """What stands for Ray: notes how it is begun and ended."""

    def __init__(self, **facts):
        super().__init__(begun=[], ended=0, connected=False, error=None, **facts)

    def is_initialized(self):
        return self.connected

    def init(self, **options):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))
        if self.error:
            raise self.error
        self.begun.append(options)

    def shutdown(self):
        self.ended += 1


@pytest.fixture
def ray(monkeypatch):
    made = Ray()
    monkeypatch.setattr(cluster, "ray_module", lambda _: made)
    return made


def test_without_the_extra_a_sentence_names_it(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(DermError, match=r"needs Ray, .*: run pip install 'derm-cli\[ray\]', or take --executor local."):
        ray_module("auto")


def test_its_own_cluster_can_be_reached_from_this_machine_alone_and_leaves_nothing(ray, monkeypatch):
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    with connected(OWN, 3, 1):
        (options,) = ray.begun
        assert (options["num_cpus"], options["num_gpus"]) == (3, 1)
        assert (options["_node_ip_address"], options["include_dashboard"]) == ("127.0.0.1", False)
        folder = cluster.Path(options["_temp_dir"])
        assert folder.is_dir()
        assert len(str(folder.parent)) <= LONGEST_PARENT
        assert len(cluster.os.environ["RAY_AUTH_TOKEN"]) == 64
    assert (ray.ended, folder.exists()) == (1, False)


def test_a_long_folder_for_temporary_files_is_not_taken_for_sockets(ray, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))
    with connected(OWN, 1):
        assert cluster.Path(ray.begun[0]["_temp_dir"]).parent == cluster.Path("/tmp")


def test_another_s_cluster_is_asked_for_by_its_address_quietly_and_left(ray):
    with connected("auto", 3):
        (options,) = ray.begun
        assert options["address"] == "auto"
        assert options["log_to_driver"] is False
        assert "num_cpus" not in options
    assert ray.ended == 1


def test_a_connection_that_is_there_is_used_and_stays(ray):
    ray.connected = True
    with connected("auto", 1) as found:
        assert found is ray
    assert (ray.begun, ray.ended) == ([], 0)


def test_what_signals_do_stays_as_it_was(ray):
    before = signal.getsignal(signal.SIGTERM)
    with connected("auto", 1):
        assert signal.getsignal(signal.SIGTERM) is before


def test_where_no_cluster_answers_the_address_is_named(ray):
    ray.error = ConnectionError("Could not find any running Ray instance.\nMore.")
    before = signal.getsignal(signal.SIGTERM)
    with (
        pytest.raises(
            RequestError, match=r"No Ray cluster can be had at 'far:1' \(Could not find .* instance\.\): look"
        ),
        connected("far:1", 1),
    ):
        pass
    assert signal.getsignal(signal.SIGTERM) is before


def test_nodes_have_names_for_people():
    def node(**facts):
        return {
            "NodeID": "id",
            "Alive": True,
            "NodeManagerAddress": "10.0.0.2",
            "NodeManagerHostname": "large",
            "NodeName": "10.0.0.2",
            "Resources": {"CPU": 8.0, "GPU": 2.0},
            **facts,
        }

    given = [node(), node(NodeName="second", Resources={}), node(NodeName="lost", Alive=False)]
    found = nodes_of(SimpleNamespace(nodes=lambda: given))
    assert [(each.name, each.cpus, each.gpus) for each in found] == [
        ("large (10.0.0.2)", 8.0, 2.0),
        ("second", 0.0, 0.0),
    ]
