# SPDX-License-Identifier: Apache-2.0
"""Writes temperatures.bin from seattle-temps.csv: tenths of a degree Fahrenheit, i32, one an hour."""

import csv
import struct
import sys

with open(sys.argv[1], newline="") as file:
    hours = [round(10 * float(row["temp"])) for row in csv.DictReader(file)]
with open("temperatures.bin", "wb") as file:
    file.write(struct.pack(f"<{len(hours)}i", *hours))
