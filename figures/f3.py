"""F3, quantization range: the whole range of the quantizer and of the channels, on equal axes.

usage: python figures/f3.py [FOLDER]
"""

from __future__ import annotations

from bundled import levels

if __name__ == "__main__":
    levels("F3")
