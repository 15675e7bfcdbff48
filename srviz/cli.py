"""The command line: thin verbs over the functions of the Python interface."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from srviz.errors import SrvizError


class _Stopped(Exception):
    """Ctrl-C and what was kept; typer would keep the exit code alone."""


class _Verbs(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _Stopped(str(stop) or "interrupted") from None


app = typer.Typer(
    cls=_Verbs,
    help="See why a low-bit quantizer fits a super-resolution layer badly.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

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


def _show(table: Any, csv: Path | None) -> None:
    """Print a table as text and, if asked, write it to a file."""
    import pandas as pd

    from srviz.tables import write_table

    with pd.option_context(
        "display.max_rows", 200, "display.width", 200, "display.max_columns", 40
    ):
        print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    if csv is not None:
        write_table(table, csv)


def _network(name: str, scale: int, norm: str | None, weights: str) -> Any:
    from srviz.networks import load_network

    return load_network(name, scale=scale, norm=norm, weights=weights)


def _images(source: str, scale: int, limit: int | None) -> Any:
    from srviz.data import load_images

    return load_images(source, scale=scale, limit=limit)


def _capture(net: Any, images: Any, **options: Any) -> Any:
    """A profile; that Ctrl-C cut it short is left to the verb to say."""
    from srviz.capture import capture as run

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "capture stopped")
        return run(net, images, progress=_progress(), **options)


def _progress() -> bool:
    """Bars are for people: in a pipe or a log they would bury the one line that matters."""
    return sys.stderr.isatty()


@app.command(epilog="Example:  srviz report --out build/report --images Set5")
def report(
    out: Annotated[Path, typer.Option(help="Folder of the page, tables and figures.")] = Path(
        "srviz-report"
    ),
    images: Images = "samples",
    limit: Limit = None,
    method: Method = "pams",
    bits: Bits = 4,
    figures: Annotated[bool, typer.Option(help="Also write the figures as PDF and PNG.")] = True,
) -> None:
    """Compare the bundled networks with and without BN: one page, figures and tables."""
    from srviz.output import writable
    from srviz.study import run_study, write_figures, write_report

    writable(out)
    found = _images(images, 4, limit)
    study = run_study(images=found, method=method, bits=bits, progress=_progress())
    if figures:
        write_figures(study, out / "figures")
    print(write_report(study, out))


@app.command(epilog="Example:  srviz sites edsr")
def sites(network: NetworkArg, scale: Scale = 4, norm: Norm = None, csv: Csv = None) -> None:
    """List the places of a network where a tensor can be captured."""
    from srviz.capture import sites as list_sites
    from srviz.networks import load_network

    _show(list_sites(load_network(network, scale=scale, norm=norm)), csv)


@app.command(epilog="Example:  srviz capture edsr --images Set5 --out edsr.profile")
def capture(
    network: NetworkArg,
    out: Annotated[Path, typer.Option(help="The profile to write (a folder).")],
    images: Images = "samples",
    limit: Limit = None,
    scale: Scale = 4,
    norm: Norm = None,
    weights: Weights = "bundled",
    sites: Annotated[str, typer.Option(help="Glob of sites, or 'slots'.")] = "slots",
    per_image: Annotated[bool, typer.Option(help="Keep statistics of every image.")] = True,
    label: Annotated[str | None, typer.Option(help="Name in tables and figures.")] = None,
) -> None:
    """Record per-channel activation histograms of a network on images; Ctrl-C keeps those done."""
    from srviz.capture.store import prepare

    prepare(out)
    net, found = _network(network, scale, norm, weights), _images(images, scale, limit)
    label = label or (network.upper() + (" + BN" if norm else ""))
    prof = _capture(net, found, sites=sites, per_image=per_image, label=label)
    prof.save(out)
    if not prof.meta["complete"]:
        done = prof.meta["images_count"]
        raise KeyboardInterrupt(f"stopped; {out} holds the {done} of {len(found)} images done")
    print(f"{out}: {len(prof.site_names)} sites, {len(prof.channels)} channels")


@app.command(epilog="Example:  srviz intervals edsr.profile edsr_bn.profile --bits 4")
def intervals(
    profiles: Profiles,
    bits: Bits = 4,
    criteria: Annotated[str, typer.Option(help="Comma-separated criteria.")] = "max,min",
    csv: Csv = None,
) -> None:
    """Quantization interval per layer for alpha set by each criterion (T1)."""
    from srviz.capture.profile import load_profile
    from srviz.unfitness import interval_table

    loaded = [load_profile(p) for p in profiles]
    names = tuple(name.strip() for name in criteria.split(","))
    _show(interval_table(loaded, bits=bits, criteria=names), csv)


@app.command(epilog="Example:  srviz unfitness edsr.profile --method pams --bits 4")
def unfitness(
    profiles: Profiles,
    method: Method = "pams",
    bits: Bits = 4,
    criterion: Criterion = None,
    per: Annotated[Per, typer.Option(help="One row per layer or per channel.")] = "layer",
    csv: Csv = None,
) -> None:
    """How badly a quantizer fits each layer, from saved profiles alone."""
    import pandas as pd

    from srviz.capture.profile import load_profile
    from srviz.unfitness import calibrate
    from srviz.unfitness import unfitness as measure

    loaded = [load_profile(p) for p in profiles]
    tables = [
        measure(p, calibrate(p, method, bits=bits, criterion=criterion), per=per) for p in loaded
    ]
    _show(pd.concat(tables, ignore_index=True), csv)


@app.command(epilog="Example:  srviz evaluate edsr --norm batch --bits 4 --images Set5")
def evaluate(
    network: NetworkArg,
    images: Images = "samples",
    limit: Limit = None,
    scale: Scale = 4,
    norm: Norm = None,
    weights: Weights = "bundled",
    method: Method = "pams",
    bits: Annotated[int | None, typer.Option(help="Quantize first, 2 to 8.")] = None,
    criterion: Criterion = None,
    protocol: Annotated[str, typer.Option(help="y, y-edsr, y-full or rgb.")] = "y",
    mode: Annotated[Mode, typer.Option(help="The image at once, or in patches.")] = "whole",
    csv: Csv = None,
) -> None:
    """PSNR and SSIM of a network, optionally quantized on the same images."""
    from srviz.quantizers import quantize
    from srviz.scoring import evaluate as score
    from srviz.unfitness import calibrate

    net, found = _network(network, scale, norm, weights), _images(images, scale, limit)
    nets = {"FP": net}
    if bits is not None:
        prof = _capture(net, found)
        if not prof.meta["complete"]:
            raise KeyboardInterrupt("stopped during the capture")
        grids = calibrate(prof, method, bits=bits, criterion=criterion)
        nets[f"{method}-{bits}"] = quantize(net, method, bits=bits, grids=grids)
    table = score(nets, [found], protocol=protocol, mode=mode, progress=_progress())
    _show(table, csv)
    means = table.pivot_table(["psnr", "ssim"], index=["network", "dataset"], sort=False)
    print("\nmean over images\n" + means.to_string(float_format=lambda v: f"{v:.4f}"))


@app.command(epilog="Example:  srviz train recipes/laptop-pams.toml --data TRAIN --out runs/pams4")
def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe in TOML.")],
    data: Annotated[Path, typer.Option(help="Parent of the recipe's folders.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; resumes if it holds one.")],
    norm: Annotated[str | None, typer.Option(help="Overrides the recipe's norm.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Start from this file ('bundled' too); overrides the recipe's."),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(help="Full-precision network to distil; what the run starts from if unset."),
    ] = None,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard's files.")] = False,
) -> None:
    """Train a network, quantized if the recipe says so; Ctrl-C is safe, the same call resumes."""
    from srviz.training import train_recipe

    # The bar stays on in a log, too: it is all that tells of hours of training.
    train_recipe(
        recipe,
        data=data,
        out=out,
        norm=norm,
        weights=weights,
        teacher=teacher,
        tensorboard=tensorboard,
    )
    print(out / "model.safetensors")


@app.command(epilog="Example:  srviz sweep recipes/paper-laptop.toml --data TRAIN --out runs/paper")
def sweep(
    plan: Annotated[Path, typer.Argument(help="A plan of runs in TOML.")],
    data: Annotated[Path, typer.Option(help="Parent of the recipes' folders.")],
    out: Annotated[Path, typer.Option(help="Folder of the sweep; finished runs are kept.")],
    on: Annotated[str, typer.Option(help="'local' or 'ray'.")] = "local",
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.")] = None,
    dry: Annotated[bool, typer.Option(help="List the runs and do nothing.")] = False,
) -> None:
    """Train and score every run of a plan; the same call goes on after Ctrl-C."""
    from srviz.sweep import load_plan, runs_table
    from srviz.sweep import sweep as run

    loaded = load_plan(plan)
    if not dry:
        scores = run(loaded, data=data, out=out, on=on, address=address)
        keys = ["network", "method", "bits", "seed"]
        means = scores.pivot_table("psnr", index=keys, columns="dataset", sort=False)
        print("PSNR, mean over images\n" + means.to_string(float_format=lambda v: f"{v:.2f}"))
    table = runs_table(loaded, out)
    _show(table, None)
    if not dry and set(table["state"].tolist()) != {"finished"}:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Check versions, data folders, bundled weights and writable folders."""
    from rich.console import Console
    from rich.table import Table

    from srviz.doctor import examine

    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}
    table, findings = Table(box=None), list(examine())
    for column in ("", "topic", "finding"):
        table.add_column(column)
    for finding in findings:
        table.add_row(marks[finding.level], finding.topic, finding.text)
    Console().print(table)
    if any(f.level == "problem" for f in findings):
        raise typer.Exit(1)


def main() -> None:
    """Entry point: whatever goes wrong is one line on stderr, never a traceback.

    The exit code is 2 for bad input or output that cannot be written, and 130 after Ctrl-C.
    """
    warnings.showwarning = lambda message, *rest: _say(f"warning: {message}")
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="srviz", standalone_mode=False))
    except (_Stopped, KeyboardInterrupt) as stop:
        _say(str(stop) or "interrupted")
        sys.exit(130)
    except typer.TyperException as error:  # an unknown verb, a missing option, ...
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "srviz"
        _say(f"{error.format_message().rstrip('.')}; fix: {verb} --help")
    except (SrvizError, OSError) as error:
        _say(str(error))
    sys.exit(2)


def _say(line: str) -> None:
    print("srviz:", " ".join(line.split()), file=sys.stderr)


if __name__ == "__main__":
    main()
