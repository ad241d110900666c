#!/usr/bin/env python3
"""Similarities computed pair by pair from their definitions, with scipy and scikit-learn where these have them.

    similarity_golden.py similarity_golden.txt
"""
import sys

import numpy as np
from golden import write
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.metrics.pairwise import cosine_similarity, linear_kernel, rbf_kernel

random = np.random.RandomState(7)
x, y = random.randn(9, 5), random.randn(6, 5)
x[random.rand(*x.shape) < 0.3] = 0
labels_x, labels_y = random.randint(0, 3, 9), random.randint(0, 3, 6)
b, c = (random.rand(9, 12) < 0.4).astype(float), (random.rand(6, 12) < 0.5).astype(float)
b[:, 0] = c[:, 0] = 1  # nobody is empty
b[3] = c[2] = 1        # everything


def pairs(function):
    return [[function(set(np.flatnonzero(p)), set(np.flatnonzero(q))) for q in c] for p in b]


def rogot_goldberg(p, q):
    a, n, d = len(p & q), len(p ^ q), 12 - len(p | q)
    return 1 if 12 in (a, d) else a / (2 * a + n) + d / (2 * d + n)


def mcconnaughey(p, q):
    a = len(p & q)
    return (a * a - len(p - q) * len(q - p)) / (len(p) * len(q))


distances = squareform(pdist(x))
write(sys.argv[1], {
    "x": x, "y": y, "labels_x": labels_x, "labels_y": labels_y, "b": b, "c": c,
    "linear": linear_kernel(x, y),
    "rbf": rbf_kernel(x, y, gamma=0.3),
    "cosine": cosine_similarity(x, y),
    "class": labels_x[:, None] == labels_y[None, :],
    "simpson": pairs(lambda p, q: len(p & q) / min(len(p), len(q))),
    "jaccard": 1 - cdist(b.astype(bool), c.astype(bool), "jaccard"),
    "rogot-goldberg": pairs(rogot_goldberg),
    "mcconnaughey": pairs(mcconnaughey),
    "sokal": 1 - cdist(b.astype(bool), c.astype(bool), "sokalsneath"),
    "gamma": 0.5 / np.median(distances) ** 2,
    "gamma_even": 0.5 / np.median(distances[:8, :8]) ** 2,
})
