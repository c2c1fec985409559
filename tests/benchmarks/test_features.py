"""Features that are kept beside those that are computed: small, whole, and never timed here."""

from __future__ import annotations

from benchmarks import features
from benchmarks.engine import Case

TINY = Case(backbone="tiny", weights=None, size=32, epochs=2, per_class=8, side=48, schedule="linear-probe")


def test_keeping_features_is_set_beside_computing_them(tmp_path, tiny_in_derm):
    report = features.measure(tmp_path, rounds=1, case=TINY, epochs=2)
    kept, computed = report.results["kept"][0], report.results["computed"][0]
    assert kept["accounts"]["features"] > 0 == computed["accounts"]["features"]
    assert [each["images"] for each in kept["epochs"]] == [each["images"] for each in computed["epochs"]]
    assert "steady images/s" in report.text()
