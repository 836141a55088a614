# SPDX-License-Identifier: Apache-2.0
"""Writes atoms.bin from 1A8O.pdb: for each atom of the protein its place less the centre of all, its mass, and
no velocity; eight f32. Units are Angstrom and a thousand atomic masses."""

import struct
import sys

MASSES = {"C": 12.011, "N": 14.007, "O": 15.999, "S": 32.06, "SE": 78.971}

atoms = []
with open(sys.argv[1]) as file:
    for line in file:
        # Water, which is HETATM too, is left out.
        if line[:6] in ("ATOM  ", "HETATM") and line[17:20] != "HOH":
            place = [float(line[start : start + 8]) for start in (30, 38, 46)]
            atoms.append((place, MASSES[line[76:78].strip()] / 1000))
mass = sum(mass for _, mass in atoms)
centre = [sum(place[axis] * mass for place, mass in atoms) / mass for axis in range(3)]
with open("atoms.bin", "wb") as file:
    for place, mass in atoms:
        file.write(struct.pack("<8f", *(p - c for p, c in zip(place, centre)), mass, 0, 0, 0, 0))
print(len(atoms), "atoms")
