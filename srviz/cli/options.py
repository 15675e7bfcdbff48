"""Arguments and options that several verbs take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

NetworkArg = Annotated[
    str, typer.Argument(help="A network's name (edsr, idn, ...), built with --weights.")
]
Weights = Annotated[str, typer.Option(help="'bundled', or a .safetensors, .pt or .pth file.")]
Norm = Annotated[str | None, typer.Option(help="'batch' for the network with BN.")]
Images = Annotated[str, typer.Option(help="'samples', a set under $SRVIZ_DATA, or a folder.")]
Limit = Annotated[int | None, typer.Option(help="Use only the first images.")]
Scale = Annotated[int, typer.Option(help="Super-resolution factor.")]
Csv = Annotated[
    Path | None, typer.Option(help="Also write the table to this file: .csv, .parquet or .tex.")
]
Bits = Annotated[int, typer.Option(help="Bit width, 2 to 8.")]
Method = Annotated[str, typer.Option(help="pams, minmax or ddtb.")]
Criterion = Annotated[str | None, typer.Option(help="max, min, absmax, percentile or mse.")]
Profiles = Annotated[list[Path], typer.Argument(help="Profiles written by 'srviz capture'.")]
Per = Literal["layer", "channel"]
Mode = Literal["whole", "patch"]
