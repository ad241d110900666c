"""Writes and reads npy files with numpy itself.

npy_numpy.py write FOLDER        one file for each kind of array that the reader knows or must refuse
npy_numpy.py describe FILE       dtype, order, shape and elements of a file
"""
import sys

import numpy as np


def write(folder):
    matrix = np.arange(12, dtype=np.float64).reshape(4, 3) / 8 - 0.5
    np.save(folder + "/f4.npy", matrix.astype("<f4"))
    np.save(folder + "/f8.npy", matrix)
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(f"{folder}/version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, matrix.astype("<f4"), version=version)
    np.save(folder + "/no_rows.npy", np.zeros((0, 3), dtype="<f4"))
    np.save(folder + "/no_cols.npy", np.zeros((4, 0), dtype="<f4"))
    np.save(folder + "/fortran.npy", np.asfortranarray(matrix))
    np.save(folder + "/big_endian.npy", matrix.astype(">f4"))
    np.save(folder + "/integers.npy", matrix.astype("<i4"))
    np.save(folder + "/half.npy", matrix.astype("<f2"))
    np.save(folder + "/vector.npy", matrix[0])
    np.save(folder + "/scalar.npy", np.float32(3))
    np.save(folder + "/cube.npy", np.zeros((2, 3, 4), dtype="<f4"))
    np.save(folder + "/structured.npy", np.zeros((2, 2), dtype=[("descr", "<f4")]))


def describe(file):
    array = np.load(file)
    order = "C" if array.flags.c_contiguous else "F"
    print(array.dtype.str, order, *array.shape)
    print(*[repr(float(element)) for element in array.ravel()])


{"write": write, "describe": describe}[sys.argv[1]](sys.argv[2])
