"""The sections of a report in the order in which they stand: heading, how to read it, and the tables that it has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """What stands above a section: ``title`` is the field's term, ``subtitle`` the same in plain words.

    ``reading`` says in a sentence or more how the section is to be read; ``tables`` names those that belong to it.
    """

    id: str
    title: str
    subtitle: str
    reading: str
    tables: tuple[str, ...] = ()


HEADINGS = (
    Heading(
        "classes",
        "Per-class metrics",
        "How well each class is recognised",
        "Each class is held against all others.",
        ("classes", "coarse"),
    ),
    Heading(
        "confusion-matrix",
        "Confusion matrix",
        "Mistakes: which class was taken for which",
        "Look first at the classes that are dangerous to miss: a melanoma called a nevus costs more than a keratosis "
        "called a wart.",
        ("mistakes",),
    ),
    Heading(
        "curves",
        "ROC and precision-recall curves",
        "At every threshold",
        "Each curve shows one class against all others, at every threshold for its probability; a curve of a few large "
        "steps rests on few cases.",
        ("partial_auc",),
    ),
    Heading(
        "overall",
        "Overall metrics",
        "All classes together",
        "Accuracy and weighted F1 are ruled by the frequent classes; balanced accuracy and macro F1 give a rare one "
        "the same say.",
        ("overall", "spread"),
    ),
    Heading(
        "repeated-photographs",
        "Repeated photographs",
        "Where several are of one and the same",
        "The photographs that belong together and have one class are one case here. The mean photograph is answered by "
        "the mean of their probabilities; the worst is a wrong one wherever there is one.",
        ("patients", "lesions"),
    ),
    Heading(
        "baselines",
        "Baselines",
        "What the same photographs give without this training",
        "A baseline costs next to nothing. It learns from the same training part, and answers the same test "
        "photographs. A difference is the model's metric less the baseline's, photograph by photograph; the "
        "intervals of all differences hold together, and one that holds zero may be chance.",
        ("baselines", "baseline_differences"),
    ),
    Heading(
        "answers",
        "Answers",
        "What the patients' answers add to the photographs",
        "All metrics of this page are with the answers that the photographs' patients gave. Here stands what the "
        "photographs give without them, and what the answers give without any photograph: a model that is hardly "
        "better than these has learnt little from the photographs. Differences are paired.",
        ("answers",),
    ),
    Heading(
        "triage",
        "Triage thresholds",
        "Who is to be referred",
        "What each rule for referring costs: the malignant cases that it misses, and the benign ones that it refers in "
        "vain.",
        ("severities", "triage", "referral", "promises"),
    ),
    Heading(
        "usefulness",
        "Clinical usefulness",
        "Whether it is better to ask the classifier than not to",
        "Net benefit weighs the malignant lesions that are found against the others that are referred in vain, by what "
        "a referral is taken to be worth. Here indeterminate lesions count as not malignant. Predictive values and "
        "costs rest on what was said of prevalence and cost.",
        ("predictive_values", "decision_curve", "expected_cost", "costs"),
    ),
    Heading(
        "calibration",
        "Calibration",
        "Whether probabilities can be believed",
        "Where probabilities are calibrated, of all photographs with a confidence of 80 % four in five are right: the "
        "nearer the points lie to the diagonal, the better.",
        ("calibration", "calibration_slope", "temperature"),
    ),
    Heading(
        "prediction-sets",
        "Prediction sets",
        "When it is not sure: several classes in place of one",
        "Coverage is the share of cases whose set holds the true class; where it is lower for one class, its cases are "
        "worse served.",
        ("conformal", "conformal_by_class"),
    ),
    Heading(
        "selective-prediction",
        "Selective prediction",
        "When it is not sure: the least confident cases go to a person",
        "Each row leaves more cases to a person, the least confident first, and tells how accurate the answers are "
        "that remain.",
        ("abstention",),
    ),
    Heading(
        "subgroups",
        "Subgroups",
        "Parts of the cases",
        "The gap is the balanced accuracy of a subgroup less that of all other cases, both over the classes that both "
        "have enough of, so that other diagnoses in a subgroup make no gap. The intervals of all gaps hold together; "
        "one that holds zero may be chance. A row with a ▲ is too small to say anything.",
        ("slices",),
    ),
    Heading(
        "plugin-metrics",
        "Metrics of plugins",
        "What installed plugins measure beside",
        "Each is computed by a plugin, on the same photographs. Its interval comes from the draws of patients that "
        "other intervals of draws come from.",
        ("plugin_metrics", "plugin_metrics_by_class"),
    ),
    Heading(
        "data",
        "Training and test data",
        "Which photographs the model was trained and tested on",
        "Each row counts the photographs of one class in each part of the split.",
        ("parts", "mapping", "dropped"),
    ),
    Heading(
        "training-history",
        "Training history",
        "The training, epoch by epoch",
        "A validation loss that rises while the training loss still falls is a sign of overfitting.",
        ("phases",),
    ),
)
PHOTOGRAPHS = Heading(
    "photographs",
    "Example photographs with class maps",
    "What the network looked at",
    "Each stands as the network saw it, then under two class activation maps: of the predicted class, and of the true "
    "one, or where that was predicted, of the next most probable. Bright is where most speaks for the class in this "
    "photograph. A map is coarse, and tells where, not why.",
)
DETAILS = Heading(
    "model-details",
    "Model details",
    "How the model came about",
    "What it takes to train the model again: the run, the model, the split of the data, and the environment.",
)
LIMITATIONS = Heading(
    "limitations",
    "Limitations and intended use",
    "What these metrics cannot tell",
    "Read these sentences before you rely on a number of this page.",
)
