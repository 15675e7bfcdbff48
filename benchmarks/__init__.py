"""Benchmarks: ``python -m benchmarks`` prints every figure of DESIGN.md, section 7."""
