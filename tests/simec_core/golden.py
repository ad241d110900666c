"""Writes named matrices of numbers the way golden.h reads them."""
import numpy as np


def write(file, arrays):
    with open(file, "w", encoding="ascii") as out:
        for name, array in arrays.items():
            matrix = np.atleast_2d(np.asarray(array, dtype=np.float64))
            print(name, *matrix.shape, file=out)
            for row in matrix:
                print(*(f"{value:.17g}" for value in row), file=out)
