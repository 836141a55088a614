# SPDX-License-Identifier: Apache-2.0
"""Writes days.bin from seattle-temps.csv: a row of 24 f32 for each day, less their mean and of length 1.

The product of two rows is how alike the days' courses of temperature are: their correlation, at most 1.
"""

import csv
import math
import struct
import sys

with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))
days = {}
for row in rows:
    day, hour = row["date"].split(" ")
    days.setdefault(day, {})[int(hour[:2])] = float(row["temp"])
with open("days.bin", "wb") as file:
    for day in sorted(days):
        hours = days[day]
        # The hour that is left out when summer time begins.
        hours = [hours.get(hour) or (hours[hour - 1] + hours[hour + 1]) / 2 for hour in range(24)]
        mean = sum(hours) / 24
        length = math.sqrt(sum((hour - mean) ** 2 for hour in hours))
        file.write(struct.pack("<24f", *((hour - mean) / length for hour in hours)))
