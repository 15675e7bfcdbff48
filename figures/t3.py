"""T3: PSNR with DDTB at few bits, without and with BN, beside the published numbers.

usage: python figures/t3.py [FOLDER [SWEEP]]

Reads the committed sweep (or what `srviz sweep` wrote to SWEEP); writes the table as CSV, one row
per cell, and as LaTeX, laid out, beside a figure of what BN gains.
"""

from __future__ import annotations

from swept import gains

if __name__ == "__main__":
    gains("T3", "ddtb")
