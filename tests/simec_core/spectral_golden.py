#!/usr/bin/env python3
"""Centring, decompositions, kernel PCA, Isomap, ridge regression and correlations by numpy, scipy and scikit-learn.

    spectral_golden.py spectral_golden.txt
"""
import sys
import warnings

import numpy as np
from golden import write
from scipy.linalg import eigh, svd
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr, spearmanr
from sklearn.decomposition import KernelPCA
from sklearn.linear_model import Ridge
from sklearn.manifold import Isomap
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import KernelCenterer

random = np.random.RandomState(11)
x, new = random.randn(24, 6), random.randn(7, 6)
arrays = {"x": x, "new": new}

kernel, new_kernel = np.exp(-0.1 * ((x[:, None] - x) ** 2).sum(2)), np.exp(-0.1 * ((new[:, None] - x) ** 2).sum(2))
centerer = KernelCenterer().fit(kernel)
arrays.update(kernel=kernel, new_kernel=new_kernel, centred=centerer.transform(kernel),
              new_centred=centerer.transform(new_kernel))

symmetric = random.randn(15, 15)
symmetric += symmetric.T
values = eigh(symmetric, eigvals_only=True)
arrays.update(symmetric=symmetric, eigenvalues=values[::-1], magnitudes=values[np.argsort(-abs(values))],
              rectangular=x, singular_values=svd(x, compute_uv=False))

pca = KernelPCA(n_components=4, kernel="precomputed").fit(kernel)
# Signs are arbitrary, products of embeddings are not.
arrays.update(pca_values=pca.eigenvalues_, pca_gram=pca.transform(kernel) @ pca.transform(kernel).T,
              pca_new_gram=pca.transform(new_kernel) @ pca.transform(kernel).T)

# A curve, so that ways along the graph differ from straight lines; noise keeps neighbours unique.
t = np.sort(random.rand(36)) * 6
curve = np.c_[np.cos(t) * t, np.sin(t) * t, random.rand(36)] + 0.01 * random.randn(36, 3)
between = np.c_[np.cos(t + .05) * t, np.sin(t + .05) * t, random.rand(36)][::6]
isomap = Isomap(n_neighbors=5, n_components=2).fit(curve)
arrays.update(curve=curve, between=between, geodesics=isomap.dist_matrix_,
              isomap_gram=isomap.embedding_ @ isomap.embedding_.T,
              isomap_new_gram=isomap.transform(between) @ isomap.embedding_.T)
islands = np.r_[curve[:9], curve[:9] + 20, curve[:7] - [30, 0, 5]]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    arrays.update(islands=islands, islands_geodesics=Isomap(n_neighbors=4).fit(islands).dist_matrix_)

targets = x @ random.randn(6, 3) + random.randn(24, 3) + [1, 2, 3]
for alpha in (0.0, 2.5, 75.0):
    ridge = Ridge(alpha=alpha).fit(x, targets)
    arrays.update({f"ridge_{alpha:g}": ridge.coef_.T, f"ridge_{alpha:g}_intercept": ridge.intercept_})
wide, wide_targets = random.randn(8, 40) * (random.rand(8, 40) < 0.4), random.randn(8, 2)
ridge = Ridge(alpha=0.7, solver="svd").fit(wide, wide_targets)
search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0, 100.0]}, cv=3).fit(x, targets)
arrays.update(ridge_targets=targets, wide=wide, wide_targets=wide_targets, wide_ridge=ridge.coef_.T,
              wide_intercept=ridge.intercept_, search_scores=search.cv_results_["mean_test_score"],
              search_best=search.best_params_["alpha"])

# Coarse numbers, so that there are ties.
noisy = np.round(symmetric + random.randn(15, 15), 1)
y1, y2 = np.round(random.randn(15, 3), 1), random.randn(15, 2)
first, second = pdist(y1) / pdist(y1).max(), pdist(y2) / pdist(y2).max()
for name, a, b in (("similarity", noisy.ravel(), (y1 @ y1.T).ravel()), ("embedding", first, second)):
    arrays[f"{name}_match"] = [np.mean((a - b) ** 2), pearsonr(a, b)[0] ** 2, spearmanr(a, b)[0]]
arrays.update(noisy=noisy, y1=y1, y2=y2)

# S = S1 - S2 by the signs of the eigenvalues, both scaled by their largest eigenvalue and then by their largest entry.
values, vectors = np.linalg.eigh(symmetric)
parts = [(vectors * np.maximum(sign * values, 0)) @ vectors.T for sign in (1, -1)]
scaled = [part / np.linalg.eigvalsh(part)[-1] for part in parts]
divisor = max(np.abs(part).max() for part in scaled)
arrays.update(positive_part=parts[0], negative_part=parts[1], scaled_positive=scaled[0] / divisor,
              scaled_negative=scaled[1] / divisor, parts_divisor=divisor)

# Means of two matrices, one with missing entries, after dividing by the largest entry; and of two kernels, centred, by
# the largest eigenvalue, with weights 3 and 1.
holes = np.where(np.arange(225).reshape(15, 15) % 4 == 1, np.nan, noisy)
also = np.where(np.arange(225).reshape(15, 15) % 8 == 1, np.nan, symmetric)
both = np.stack([holes / np.nanmax(abs(holes)), also / np.nanmax(abs(also))])
linear = x @ x.T
centred = [KernelCenterer().fit_transform(k.copy()) for k in (kernel, linear)]
arrays.update(holes=holes, also_holes=also, mean_of_observed=np.ma.masked_invalid(both).mean(0).filled(np.nan),
              linear=linear, mean_kernel=np.average([k / np.linalg.eigvalsh(k)[-1] for k in centred], axis=0,
                                                    weights=[3, 1]))
write(sys.argv[1], arrays)
