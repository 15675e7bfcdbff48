"""T1: the 4-bit quantization interval per layer, for alpha from Max and from Min.

usage: python figures/t1.py [FOLDER]

Writes the table as CSV and LaTeX beside its figure.
"""

from __future__ import annotations

from bundled import captured, out_folder

import srviz as sv
from srviz.tables import write_table


def main() -> None:
    out = out_folder()
    profiles = captured("edsr")
    table = sv.interval_table(profiles, bits=4, criteria=("max", "min"))
    wide = table.pivot_table(
        index="site", columns=["criterion", "label"], values="interval", sort=False, observed=True
    )
    wide.columns = [f"{label}, {criterion}" for criterion, label in wide.columns]
    print(wide.round(2).to_string())
    flat = wide.reset_index()
    paths = [write_table(flat, out / f"T1{suffix}") for suffix in (".csv", ".tex")]
    figure = sv.plot_intervals(table)
    paths += sv.save_figure(figure, out / "T1", provenance={p.label: p.meta for p in profiles})
    print(*paths)


if __name__ == "__main__":
    main()
