#!/usr/bin/env python3
"""Solves small problems with scikit-learn and writes what logistic_regression_golden_test.cc compares with.

    logistic_regression_golden.py > logistic_regression_golden.h

Features and labels come from a generator that the test repeats (Generator below, GoldenGenerator there), all of them
exact in float32. Multinomial problems are solved by LogisticRegression(solver='lbfgs'), started again at its own
result until it moves no further (its lbfgs stops at a relative change of 2e-9), one-vs-rest by solver='liblinear'.
Written with scikit-learn 1.2.1.
"""
import sys
import warnings
from dataclasses import dataclass, fields

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


@dataclass
class Problem:
    name: str
    one_vs_rest: bool = False
    balanced: bool = False
    sample_weights: bool = False
    standardized: bool = False
    intercept: bool = True
    seed: int = 1
    rows: int = 80
    classes: int = 3
    table_rows: int = 30  # two blocks use one table
    table_cols: int = 4
    sparse_cols: int = 0
    labels: str = "noisy"  # noisy, imbalanced, separable
    c: float = 1.0


PROBLEMS = [
    Problem("binary", classes=2),
    Problem("three_classes_without_intercept", seed=2, intercept=False),
    Problem("five_classes_sparse", seed=3, classes=5, table_cols=2, sparse_cols=9),
    Problem("only_sparse", seed=4, table_cols=0, sparse_cols=12, c=3.0),
    Problem("imbalanced", seed=5, classes=4, labels="imbalanced"),
    Problem("imbalanced_balanced", seed=5, classes=4, labels="imbalanced", balanced=True),
    Problem("sample_weights", seed=6, sample_weights=True, balanced=True, sparse_cols=3),
    Problem("separable_strong_l2", seed=7, classes=2, labels="separable", c=0.01),
    Problem("more_columns_than_rows", seed=8, rows=15, table_cols=10, sparse_cols=8),
    Problem("standardized", seed=9, standardized=True, c=0.5),
    Problem("ovr_binary", one_vs_rest=True, classes=2),
    Problem("ovr_binary_balanced", one_vs_rest=True, classes=2, labels="imbalanced", balanced=True, seed=10),
    Problem("ovr_three_classes", one_vs_rest=True, seed=11, sparse_cols=5),
    Problem("ovr_five_classes_balanced", one_vs_rest=True, seed=12, classes=5, labels="imbalanced", balanced=True),
    Problem("ovr_sample_weights", one_vs_rest=True, seed=13, sample_weights=True, balanced=True),
    Problem("ovr_more_columns_than_rows", one_vs_rest=True, seed=14, rows=15, table_cols=10, sparse_cols=8),
    Problem("ovr_separable_strong_l2", one_vs_rest=True, seed=15, labels="separable", c=0.02),
    Problem("ovr_without_intercept", one_vs_rest=True, seed=16, intercept=False, classes=4),
]


class Generator:
    """A linear congruential generator; its 16 upper bits are used."""

    def __init__(self, seed):
        self.state = seed * 2654435761 % 2**32

    def __call__(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state >> 16


def features_of(problem, rows_of_blocks):
    draw = Generator(problem.seed * 4 + 1)
    table = np.array([[draw() / 32768 - 1 for _ in range(problem.table_cols)] for _ in range(problem.table_rows)])
    table = np.vstack([table.reshape(problem.table_rows, problem.table_cols), np.zeros((1, problem.table_cols))])
    dense = np.hstack([table[rows] for rows in rows_of_blocks])
    draw = Generator(problem.seed * 4 + 2)
    sparse = np.zeros((problem.rows, problem.sparse_cols))
    for i in range(problem.rows):
        for j in range(problem.sparse_cols):
            if draw() % 4 == 0:
                sparse[i, j] = 0.5 + draw() / 65536
    return np.hstack([dense, sparse])


def label_of(problem, i, first_row, draw):
    noise = draw()
    if i < problem.classes:
        return i
    if problem.labels == "separable":
        return first_row % problem.classes
    if problem.labels == "imbalanced":
        return 0 if noise % 8 else noise // 8 % problem.classes
    return (first_row + noise % 2) % problem.classes


def data_of(problem):
    draw = Generator(problem.seed * 4)
    # The last of table_rows + 1 choices stands for no row.
    rows = [[draw() % (problem.table_rows + 1) for _ in range(problem.rows)] for _ in range(2)]
    draw = Generator(problem.seed * 4 + 3)
    labels = np.array([label_of(problem, i, rows[0][i], draw) for i in range(problem.rows)])
    weights = np.array([0.5 + draw() / 65536 for _ in range(problem.rows)]) if problem.sample_weights else None
    return features_of(problem, rows), labels, weights


def solve(problem, x, labels, weights):
    model = LogisticRegression(
        multi_class="ovr" if problem.one_vs_rest else "multinomial",
        solver="liblinear" if problem.one_vs_rest else "lbfgs",
        C=problem.c, fit_intercept=problem.intercept, class_weight="balanced" if problem.balanced else None,
        tol=1e-12, max_iter=100000, warm_start=True, random_state=0)
    for _ in range(1 if problem.one_vs_rest else 30):
        model.fit(x, labels, weights)
    return model


def standardized(problem, x, labels, weights):
    """The model of scaled columns, in terms of the columns as they are."""
    scaler = StandardScaler().fit(x, sample_weight=weights)
    model = solve(problem, scaler.transform(x), labels, weights)
    model.coef_ = model.coef_ / scaler.scale_
    model.intercept_ = model.intercept_ - model.coef_ @ scaler.mean_
    return model


def literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def main():
    warnings.filterwarnings("ignore")  # of line searches that find nothing better
    print("// Written by logistic_regression_golden.py: do not edit.")
    print("// clang-format off")
    print("#pragma once\n")
    print("#include <vector>\n")
    print("namespace conec::ner {\n")
    print("struct GoldenProblem {")
    types = {"str": "const char*", "bool": "bool", "int": "int", "float": "double"}
    for field in fields(Problem):
        print(f"  {types[field.type.__name__]} {field.name};")
    print("  std::vector<double> solution;  // per class (the second of two): weights, then the intercept if any\n};\n")
    print("inline const std::vector<GoldenProblem> kGoldenProblems = {")
    for problem in PROBLEMS:
        x, labels, weights = data_of(problem)
        model = (standardized if problem.standardized else solve)(problem, x, labels, weights)
        solution = np.hstack([model.coef_, model.intercept_[:, None]] if problem.intercept else [model.coef_])
        numbers = ", ".join(f"{value:.7g}" for value in solution.ravel())
        print("  {" + ", ".join(literal(getattr(problem, f.name)) for f in fields(Problem)) + ",\n   {" + numbers + "}},")
    print("};\n\n}  // namespace conec::ner")
    print(f"scikit-learn {sklearn.__version__}", file=sys.stderr)


if __name__ == "__main__":
    main()
