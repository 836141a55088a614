# SPDX-License-Identifier: Apache-2.0
"""Prints the volatility of each share in stocks.csv: the standard deviation of the logarithms of what its price
changes by in a month, times the root of twelve; and its last price."""

import csv
import math
import statistics
import sys

prices = {}
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        prices.setdefault(row["symbol"], []).append(float(row["price"]))
for symbol, series in prices.items():
    changes = [math.log(after / before) for before, after in zip(series, series[1:])]
    print(symbol, series[-1], round(statistics.stdev(changes) * math.sqrt(12), 4))
