#!/usr/bin/env python3
"""Draws from numpy's legacy generator what numpy_random_test.cc has to draw as well.

    numpy_random_golden.py numpy_random_golden.txt

One stream per seed: each line goes on where the line before has left the generator. Written with numpy 1.24.2.
"""
import sys

import numpy as np
from golden import write

arrays = {}
for seed in (0, 42, 4294967295):
    random = np.random.RandomState(seed)
    arrays[f"{seed}.rand"] = random.rand(5)
    arrays[f"{seed}.randn"] = random.randn(7)
    arrays[f"{seed}.permutation"] = random.permutation(13)
    arrays[f"{seed}.randn_after_permutation"] = random.randn(3)
    shuffled = np.arange(10, 20)
    random.shuffle(shuffled)
    arrays[f"{seed}.shuffle"] = shuffled
    arrays[f"{seed}.randint"] = random.randint(-3, 4, 9)
    arrays[f"{seed}.randint_power_of_two"] = random.randint(0, 8, 9)
    arrays[f"{seed}.randint_one"] = random.randint(5, 6, 3)
    # Beyond 32 bits; below 2^53, so that the numbers survive as floating point.
    arrays[f"{seed}.randint_wide"] = random.randint(-(1 << 40), 1 << 51, 5)
    arrays[f"{seed}.uniform"] = [random.uniform(-2, 5) for _ in range(3)]
    arrays[f"{seed}.choice"] = random.choice(9, 6)
    arrays[f"{seed}.choice_without_replacement"] = random.choice(9, 6, replace=False)
    arrays[f"{seed}.choice_weighted"] = random.choice(4, 12, p=[0.1, 0.2, 0.3, 0.4])
    arrays[f"{seed}.last"] = random.rand(1)
arrays["subset"] = np.random.RandomState(42).permutation(70000)[:10]
write(sys.argv[1], arrays)
