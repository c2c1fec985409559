"""The regression of answers: scikit-learn's where both are defined, and nothing where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from derm_cli.workflows.training import answer_regression
from derm_cli.workflows.training.answer_regression import STRENGTHS, fit_regression

QUESTIONS = np.array([0, 1, 1])


def made_answers(count: int = 240, seed: int = 0):
    """Return answers (n, 3) to two questions and labels of three classes that hang on them."""
    draw = np.random.default_rng(seed)
    answers = draw.normal(size=(count, 3))
    logits = answers @ np.array([[2.0, 0.0, -2.0], [0.0, 1.0, 0.0], [1.0, 0.0, -1.0]])
    labels = np.array([draw.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in logits])
    return answers, labels


def fit(answers, labels, groups=None, questions=QUESTIONS, seed=0):
    groups = np.arange(len(labels)) if groups is None else groups
    return fit_regression(answers, labels, classes=3, questions=questions, groups=groups, seed=seed)


def test_where_nothing_is_known_it_gives_the_share_of_each_class():
    answers, labels = made_answers()
    fitted = fit(answers, labels)
    shares = (np.bincount(labels) + 0.5) / (len(labels) + 1.5)
    np.testing.assert_allclose(fitted.prior, shares)
    np.testing.assert_allclose(fitted.probabilities(np.zeros((2, 3))), [shares, shares])


def test_it_is_scikit_learns_where_the_prior_is_flat_and_no_answer_is_left_out(monkeypatch):
    monkeypatch.setattr(answer_regression, "COPIES_WEIGHT", 0.0)
    answers, labels = made_answers()
    keep = np.concatenate([np.flatnonzero(labels == index)[:50] for index in range(3)])
    answers, labels = answers[keep], labels[keep]
    fitted = fit(answers, labels)
    reference = LogisticRegression(C=fitted.strength, fit_intercept=False, tol=1e-8, max_iter=1000).fit(answers, labels)
    np.testing.assert_allclose(fitted.weights, reference.coef_.T, atol=2e-3)


def test_of_one_yes_no_question_the_weights_are_those_of_a_hand_s_count(monkeypatch):
    """With hardly any penalty, yes and no give the shares of the classes among those who said so."""
    monkeypatch.setattr(answer_regression, "COPIES_WEIGHT", 0.0)
    monkeypatch.setattr(answer_regression, "STRENGTHS", (1e6, 1e6))
    answers = np.repeat([[1.0], [-1.0]], 40, axis=0)
    labels = np.array([0] * 30 + [1] * 10 + [0] * 10 + [1] * 30)
    fitted = fit_regression(answers, labels, classes=2, questions=np.array([0]), groups=np.arange(80), seed=0)
    np.testing.assert_allclose(fitted.probabilities(np.array([[1.0], [-1.0]])), [[0.75, 0.25], [0.25, 0.75]], atol=1e-3)
    np.testing.assert_allclose(fitted.weights, [[np.log(3) / 2, -np.log(3) / 2]], atol=1e-3)


def test_questions_are_left_out_as_a_whole_and_what_is_learnt_of_one_holds_alone():
    design = answer_regression._with_copies(
        np.ones((50, 3)), np.zeros(50, np.intp), QUESTIONS, np.random.default_rng(0)
    )
    assert design.values.shape == (250, 3)
    assert (design.values[:50] == 1).all()
    assert (design.values[:, 1] == design.values[:, 2]).all()
    shares = [design.values[:, each].mean() for each in (0, 1)]
    assert shares == pytest.approx([0.6, 0.6], abs=0.05)
    assert design.weights.sum() == pytest.approx(50)
    # Two questions of the same: with both it must not be twice as sure, with one it must be sure enough.
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 3, 300)
    same = (labels == 0) * 2.0 - 0.7 + draw.normal(size=300)
    fitted = fit(np.stack([same, same, same * 0], axis=1), labels, questions=np.array([0, 1, 2]))
    assert fitted.weights[0, 0] > 0.1
    assert fitted.weights[1, 0] > 0.1


def test_it_is_the_same_again():
    answers, labels = made_answers()
    first, second = fit(answers, labels), fit(answers, labels)
    assert np.array_equal(first.weights, second.weights)
    assert first.strength == second.strength


def test_of_answers_that_say_nothing_little_is_learnt():
    answers, _ = made_answers()
    labels = np.random.default_rng(5).integers(0, 3, len(answers))
    fitted = fit(answers, labels)
    assert fitted.strength <= STRENGTHS[1]
    assert np.abs(fitted.probabilities(answers) - fitted.prior).mean() < 0.1


@pytest.mark.parametrize("groups", [np.zeros(30, np.intp), np.arange(30) // 10])
def test_with_too_few_patients_the_penalty_is_strong(groups):
    answers, labels = made_answers(30)
    assert fit(answers, labels, groups).strength == STRENGTHS[1]


def test_a_class_that_nobody_has_is_unlikely_and_not_impossible():
    answers, _ = made_answers(60)
    fitted = fit(answers, np.arange(60) % 2)
    assert 0 < fitted.prior[2] < 0.01
    assert np.isfinite(fitted.weights).all()


def test_of_many_cases_some_choose_the_strength_and_all_are_fitted(monkeypatch):
    answers, labels = made_answers(300)
    whole = fit(answers, labels)
    monkeypatch.setattr(answer_regression, "MOST_CASES", 100)
    some = fit(answers, labels)
    assert some.strength in STRENGTHS
    # Fitted on a third of them, the weights would be far from those of all.
    assert np.abs(some.weights - whole.weights).max() < 0.5
    assert np.array_equal(some.weights, fit(answers, labels).weights)


def test_cases_are_numbered_anew_in_a_part_of_the_design():
    design = answer_regression._with_copies(
        np.arange(12.0).reshape(4, 3), np.array([0, 1, 2, 0]), QUESTIONS, np.random.default_rng(0)
    )
    part = design.of(np.array([1, 3]))
    assert part.case.tolist() == [0, 1] * 5
    assert part.labels.tolist() == [1, 0] * 5
    assert part.values[:2].tolist() == [[3, 4, 5], [9, 10, 11]]
