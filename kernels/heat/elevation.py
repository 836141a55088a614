# SPDX-License-Identifier: Apache-2.0
"""Writes elevation.bin from jacksboro_fault_dem.npz: metres, f32, every third of every third row. Needs numpy."""

import sys

import numpy

elevation = numpy.load(sys.argv[1])["elevation"][::3, ::3]
elevation.astype("<f4").tofile("elevation.bin")
print(elevation.shape, elevation.min(), elevation.max())
