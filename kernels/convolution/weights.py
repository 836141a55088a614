# SPDX-License-Identifier: Apache-2.0
"""Writes sharpen.bin: 9 x 9 weights, f32, that take the picture twice less its Gaussian, of 2 pixels."""

import math
import struct

gaussian = [math.exp(-(x * x + y * y) / (2 * 2.0**2)) for y in range(-4, 5) for x in range(-4, 5)]
weights = [-weight / sum(gaussian) for weight in gaussian]
weights[40] += 2
with open("sharpen.bin", "wb") as file:
    file.write(struct.pack("<81f", *weights))
