"""Writes matrices with numpy and scipy, and reads ours with them.

matrix_files.py write FOLDER      one file for each kind that is read
matrix_files.py describe FILE     kind, shape and elements
"""
import sys

import numpy as np
import scipy.io
import scipy.sparse

MATRIX = np.arange(12, dtype=np.float64).reshape(4, 3) / 8 - 0.5
SYMMETRIC = np.array([[2.0, 0.25, 0.0], [0.25, 0.0, -1e-30], [0.0, -1e-30, 3e200]])


def write(folder):
    for name in ("f4", "f8"):
        np.save(f"{folder}/{name}.npy", MATRIX.astype("<" + name))
    for name in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        np.save(f"{folder}/{name}.npy", (np.arange(6).reshape(2, 3) * 40).astype(name))
    np.save(folder + "/bool.npy", np.arange(6).reshape(2, 3) % 2 == 0)
    np.save(folder + "/labels.npy", np.array([3, 0, 9007199254740992]))
    np.savetxt(folder + "/plain.csv", MATRIX, delimiter=",", header="a b c")  # its header is a comment
    scipy.io.mmwrite(folder + "/array.mtx", MATRIX)
    scipy.io.mmwrite(folder + "/array_symmetric.mtx", SYMMETRIC, symmetry="symmetric")
    scipy.io.mmwrite(folder + "/array_skew.mtx", np.array([[0, -4.0], [4.0, 0]]), symmetry="skew-symmetric")
    sparse = scipy.sparse.coo_matrix(np.where(MATRIX > 0.2, MATRIX, 0))
    scipy.io.mmwrite(folder + "/sparse.mtx", sparse, comment="a comment\nof two lines")
    scipy.io.mmwrite(folder + "/sparse_integer.mtx", scipy.sparse.coo_matrix(np.eye(3, dtype=int) * 7))
    scipy.io.mmwrite(folder + "/sparse_pattern.mtx", sparse, field="pattern")
    scipy.io.mmwrite(folder + "/sparse_symmetric.mtx", scipy.sparse.coo_matrix(SYMMETRIC), symmetry="symmetric")
    scipy.io.mmwrite(folder + "/complex.mtx", MATRIX + 1j)


def describe(file):
    if file.endswith(".mtx"):
        matrix = scipy.io.mmread(file)
        kind = "sparse" if scipy.sparse.issparse(matrix) else "dense"
        matrix = matrix.toarray() if kind == "sparse" else matrix
    elif file.endswith(".npy"):
        matrix = np.load(file)
        kind = matrix.dtype.str
    else:
        matrix = np.genfromtxt(file, delimiter="," if file.endswith(".csv") else "\t")
        kind = "text"
    print(kind, *matrix.shape)
    print(*[repr(float(element)) for element in matrix.ravel()])


{"write": write, "describe": describe}[sys.argv[1]](sys.argv[2])
