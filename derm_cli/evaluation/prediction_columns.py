"""What the columns of a predictions table are, whoever made it: its own names, other spellings, classes' columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from derm_cli.console import warn
from derm_cli.errors import DermError
from derm_cli.evaluation.grouping import LESION, LOOKS, PATIENT
from derm_cli.plugin.column_names import SPELLINGS, match_columns
from derm_cli.plugin.missing import dominance_text, dominant_value, is_unknown
from derm_cli.plugin.names import alike_names, canonical_names, clean_name, known_names, name_key, quoted
from derm_cli.plugin.subgroup_columns import OWN_SUBGROUP

CASE, LABEL, PREDICTION = "case_id", "label", "prediction"
PROBABILITY = "p_"
DESCRIBING = (PATIENT, LESION, "diagnosis", "sex", "age", "site", "fitzpatrick", "skin_tone", "image_type")
"""Columns of records that a table may have, in which words for 'unknown' are no value."""
MEASURED = (LOOKS, "dataset", "quality", "focus", "brightness")
"""Columns that derm's own tables have beside: groups, and what subgroups are formed by."""
_PREDICTED = (
    *("predictions", "predicted", "pred", "y pred", "y hat", "predicted label", "predicted class", "pred label"),
    *("pred class", "prediction label", "prediction class", "answer", "output"),
)
PREDICTION_SPELLINGS = {
    CASE: (*SPELLINGS[CASE], *SPELLINGS["file"], "case", "id"),
    LABEL: SPELLINGS[LABEL],
    PREDICTION: _PREDICTED,
    **{name: SPELLINGS[name] for name in DESCRIBING},
    **dict.fromkeys(MEASURED, ()),
}
"""The names by which each column of a predictions table is known, by the column's own name."""


def own_header(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the header with derm's own names; columns of probabilities begin with ``p_``, others are as they are.

    Columns that begin with ``by_`` have subgroups of the table's own.

    ``rows`` are the cells below it.  Warns of near misses, and of columns that are not used.  Raises DermError where
    two could be the same column.
    """
    names = [name if _is_probability(name) else clean_name(name) for name in header]
    probabilities = {name for name in names if _is_probability(name)}
    subgroups = {name for name in names if name.startswith(OWN_SUBGROUP)}
    others = [name for name in names if name not in probabilities | subgroups]

    def fits(own: str, name: str) -> bool:
        """Tell whether a column of another name may hold labels: a diagnosis in the ISIC hierarchy is none."""
        position = names.index(name)
        return own != LABEL or not any(":" in row[position] for row in rows)

    matches = match_columns(path, others, PREDICTION_SPELLINGS, fits, needed=(LABEL,))
    if not set(header) <= {*PREDICTION_SPELLINGS, *probabilities, *subgroups}:
        matches.warn(path)
    renamed = [matches.used.get(name, name) for name in names]
    return [PROBABILITY + _class_of(name) if name in probabilities else name for name in renamed]


def _class_of(name: str) -> str:
    return (name if name.startswith(PROBABILITY) else clean_name(name))[len(PROBABILITY) :]


def _is_probability(name: str) -> bool:
    return clean_name(name).casefold().startswith(PROBABILITY)


def class_spellings(path: Path, names: Collection[str], classes: Sequence[str] | None) -> dict[str, str]:
    """Return for each name of a class in the table ``path`` the one spelling of its class.

    Where ``classes`` are given it is theirs; a name that is none of them stays.  Warns of a name that is a class but
    for its case, and, where no classes are given, of classes that differ in no more than that.
    """
    if classes:
        spellings = known_names(names, classes)
        for name, spelling in spellings.items():
            if name_key(name) != name_key(spelling):
                warn(f"'{path}': the class {quoted(name)} is taken for {quoted(spelling)}.")
        return {name: spellings.get(name, name) for name in names}
    spellings = canonical_names(names)
    for alike in alike_names(spellings.values()):
        listed = " and ".join(quoted(name) for name in alike)
        warn(f"'{path}': {listed} are taken for different classes; if they are one, write it in one way.")
    return spellings


def require_known_values(
    path: Path, lines: Sequence[int], what: str, values: Sequence[str], has: Collection[str]
) -> None:
    """Raise DermError for a label or prediction that says that nothing is known, unless the classes ``has`` name it."""
    unknown = {value for value in set(values) if value not in has and is_unknown(value)}
    for line, value in zip(lines, values, strict=True) if unknown else ():
        if value in unknown:
            raise DermError(
                f"'{path}', line {line}: '{what}' is '{value}', which says that nothing is known; fill it in or remove "
                "the line."
            )


def known_metadata(path: Path, column: str, values: Sequence[str]) -> list[str]:
    """Return the values of a column, '' for those that say that nothing is known, patients in one spelling each.

    Warns where one patient has a suspiciously large share of the cases.
    """
    if column not in DESCRIBING and not column.startswith(OWN_SUBGROUP):
        return list(values)
    spellings = {value: "" if is_unknown(value, column) else clean_name(value) for value in set(values)}
    if column != PATIENT:
        return [spellings[value] for value in values]
    same = canonical_names(spellings.values())
    patients = [same[spellings[value]] for value in values]
    dominant = dominant_value(patients)
    if dominant:
        patient, count = dominant
        warn(f"'{path}': {dominance_text(f'patient {quoted(patient)}', count, len(patients))}.")
    return patients
