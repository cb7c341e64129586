"""A net is solved when all its examples are, and accuracy counts the right classes."""

import numpy as np

from scratchml.evaluation import Evaluation, accuracy, are_solved
from scratchml.logistic import Logistic


def test_a_net_is_solved_when_all_examples_are_not_the_first_few():
    X = np.array([[1.0]] * 30 + [[-1.0]])
    theta = np.array([[9.0, 0.0], [0.0, 9.0], [-9.0, 0.0]])  # slope and bias
    evaluation = Evaluation(Logistic(1), None, theta, X, np.ones((31, 1)), np.zeros((3, 1)))
    for few in (16, 30, 31):
        assert are_solved(evaluation, few).tolist() == [False, True, False]


def test_accuracy_counts_the_right_class():
    two = np.array([[[0.2], [0.5], [0.51], [0.9]]])
    assert accuracy(two, np.array([[0.0], [0.0], [1.0], [0.0]]), "binary").tolist() == [0.75]
    three = np.array([[[0.1, 0.6, 0.3], [0.4, 0.3, 0.3]], [[0.9, 0.1, 0.0], [0.0, 0.0, 1.0]]])
    wanted = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert accuracy(three, wanted, "multiclass").tolist() == [0.5, 0.5]


def test_an_example_with_several_labels_is_right_if_all_of_them_are():
    A = np.array([[[0.9, 0.6], [0.9, 0.4], [0.2, 0.1]]])
    wanted = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    assert accuracy(A, wanted, "multilabel").tolist() == [2 / 3]
