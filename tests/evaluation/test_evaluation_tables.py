import numpy as np

from derm_cli.evaluation.figures import Evaluation, evaluate
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.tables import overall_table, per_class_table


def evaluation() -> Evaluation:
    labels, said = np.array(["MEL", "MEL", "NEV"]), np.array(["MEL", "NEV", "NEV"])
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0]])
    return evaluate(Predictions(("MEL", "NEV", "DF"), ("1", "2", "3"), labels, said, probabilities))


def test_per_class_table() -> None:
    assert per_class_table(evaluation()).splitlines() == [
        "class  cases  sensitivity %  specificity %  precision %   F1 %  AUC %",
        "-----  -----  -------------  -------------  -----------  -----  -----",
        "MEL        2          50.00         100.00       100.00  66.67  50.00",
        "NEV        1         100.00          50.00        50.00  66.67  50.00",
        "DF         0              –         100.00            –      –      –",
    ]


def test_overall_table() -> None:
    assert overall_table(evaluation()).splitlines() == [
        "overall                %",
        "-----------------  -----",
        "accuracy           66.67",
        "balanced accuracy  75.00",
        "weighted F1        66.67",
        "macro F1           66.67",
    ]
