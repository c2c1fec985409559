"""Doubts about the names in a dataset's records: classes and patients that may be one, or a patient who may be none."""

from __future__ import annotations

from derm_cli.data.record_values import IDENTITIES
from derm_cli.data.records import NO_LABEL, Records
from derm_cli.plugin.missing import dominance_text, dominant_value
from derm_cli.plugin.names import alike_names, quoted


def dominant_identities(records: Records) -> list[str]:
    """Return a clause for the patient, and the lesion, of a suspiciously large share of the photographs.

    It does not name them: what is told of records is also written, into pages and logs.
    """
    clauses = []
    for column in IDENTITIES:
        if column in records.frame:
            values = records.frame[column].fillna("").astype(str).tolist()
            dominant = dominant_value(values)
            if dominant:
                clauses.append(dominance_text(f"one {column}", dominant[1], len(values)))
    return clauses


def doubtful_names(records: Records) -> list[str]:
    """Return a sentence for each doubt about the labels, patients and lesions of a dataset."""
    sentences = []
    unlabelled = records.dropped.loc[records.dropped["reason"] == NO_LABEL, "label"].tolist()
    if unlabelled:
        sentences.append(
            f"{len(unlabelled)} photographs of dataset '{records.name}' have a label that says that nothing is known, "
            f"such as {quoted(unlabelled[0])}: they are left out."
        )
    if not records.located.spec.classes:
        for alike in alike_names(each.name for each in records.classes):
            sentences.append(
                f"dataset '{records.name}' has the classes {_listed(alike)}: if they are one, write it in one way."
            )
    for column in IDENTITIES:
        values = records.frame[column].dropna().astype(str).unique() if column in records.frame else ()
        groups = alike_names(values)
        if groups:
            # Patients are not named: warnings are written into logs.
            sentences.append(
                f"in dataset '{records.name}' {sum(map(len, groups))} {column}s have names that differ in case, "
                f"hyphens or leading zeros alone from another's: if they are one {column}, write its name in one way."
            )
    sentences += [f"dataset '{records.name}': {clause}." for clause in dominant_identities(records)]
    return sentences


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(quoted(name) for name in names)
