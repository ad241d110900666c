#!/usr/bin/env python3
"""Point clouds and noise by numpy and scikit-learn, for experiment_data_test.cc.

    experiment_data_golden.py experiment_data_golden.txt

Written with numpy 1.24.2 and scikit-learn 1.2.1.
"""
import pathlib
import sys

import numpy as np
from sklearn.datasets import make_circles, make_s_curve
from sklearn.random_projection import SparseRandomProjection

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "simec_core"))
from golden import write

arrays = {}
x, t = make_s_curve(7, random_state=0)
arrays.update(s_curve=x, s_curve_colour=t)

# Angles around and from the axis; the first 11 of 16 that lie on the remaining surface.
random = np.random.RandomState(1)
phi, theta = random.rand(16) * (2 * np.pi - .5), random.rand(16) * np.pi
kept = np.flatnonzero((theta > np.pi / 10) & (theta < .9 * np.pi))[:11]
phi, theta = phi[kept], theta[kept]
arrays.update(sphere=np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], 1),
              sphere_colour=phi)

for count in (6, 7):
    random = np.random.RandomState(3)
    planes = [np.c_[make_circles(count, noise=.05, factor=.01, random_state=random)[0], np.full(count, height)]
              for height in (-1, 0, 1)]
    chosen = random.permutation(3 * count)[:count]
    arrays[f"circles_{count}"] = np.concatenate(planes)[chosen]
    arrays[f"circles_{count}_colour"] = chosen // count + 1

noise = np.random.RandomState(15).randn(5, 3)
arrays["independent_noise"] = 0.25 * noise / noise.std()

random = np.random.RandomState(15)
covariance = random.randn(9, 9)
covariance = .33 * (covariance + covariance.T + np.eye(9))
values, vectors = np.linalg.eigh(covariance)
directions = vectors[:, ::-1][:, :4]
directions *= np.sign(directions[np.argmax(abs(directions), 0), range(4)])
noise = random.standard_normal((6, 9))[:, :4] @ (directions * np.sqrt(values[::-1][:4])).T
arrays["correlated_noise"] = 0.25 * noise / noise.std()
# What numpy draws itself has the same distribution.
assert np.allclose(np.cov(np.random.RandomState(0).multivariate_normal(
    np.zeros(9), directions @ np.diag(values[::-1][:4]) @ directions.T, 10**5).T),
    directions @ np.diag(values[::-1][:4]) @ directions.T, atol=.05)
arrays["projection"] = SparseRandomProjection(6, random_state=42).fit(np.zeros((1, 25))).components_.toarray()
write(sys.argv[1], arrays)
