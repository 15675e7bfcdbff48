"""F2, quantization unfitness: 4-bit levels over the channels of three layers, without and with BN.

usage: python figures/f2.py [FOLDER]

The y axis counts quantization intervals, so the panels have equal axes and a bar says how many of
the levels its channel can use.
"""

from __future__ import annotations

from bundled import levels

if __name__ == "__main__":
    levels("F2", zoom=True, unit="interval")
