"""F1: channel-wise distributions on two images, of (a) a ResNet, (b) EDSR, (c) EDSR with BN.

usage: python figures/f1.py [FOLDER]
"""

from __future__ import annotations

from bundled import captured, out_folder

import srviz as sv


def main() -> None:
    out = out_folder()
    resnet = sv.capture(
        sv.load_network("resnet20", weights="bundled"),
        sv.load_images("digits"),
        sites="blocks.2.norm2:out",
        per_image=True,
        label="ResNet-20",
    )
    profiles = [resnet, *captured("edsr")]
    sites = [p.site_names[-1] for p in profiles]
    figure = sv.figure_distributions(profiles, sites)
    print(*sv.save_figure(figure, out / "F1", provenance={p.label: p.meta for p in profiles}))


if __name__ == "__main__":
    main()
