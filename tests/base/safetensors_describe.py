"""Describes a safetensors file with nothing but struct, json and numpy: one line per metadata entry and tensor.

The rules checked are those of the format's specification: the header starts with '{', offsets are relative to the end of
the header, tensors cover the data without holes, and the data begins at a multiple of 8 bytes.
"""
import json
import struct
import sys

import numpy as np

DTYPES = {"U8": "<u1", "I32": "<i4", "I64": "<i8", "F32": "<f4", "F64": "<f8"}

with open(sys.argv[1], "rb") as file:
    contents = file.read()
(length,) = struct.unpack("<Q", contents[:8])
assert contents[8:9] == b"{"
assert (8 + length) % 8 == 0
header = json.loads(contents[8 : 8 + length].decode("utf-8"))
data = contents[8 + length :]
for key, value in sorted(header.pop("__metadata__", {}).items()):
    print("metadata", key, value)
covered = 0
for name, info in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, end = info["data_offsets"]
    assert begin == covered
    covered = end
    array = np.frombuffer(data[begin:end], dtype=DTYPES[info["dtype"]]).reshape(info["shape"])
    print(name, info["dtype"], info["shape"], array.ravel().tolist())
assert covered == len(data)
