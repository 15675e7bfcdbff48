"""``sweep``: every run of a plan trained and scored, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd

from srviz.errors import UnknownNameError
from srviz.output import writable
from srviz.sweep.exhibit import write_exhibits
from srviz.sweep.job import Job
from srviz.sweep.plan import Plan, load_plan
from srviz.sweep.ray import on_ray
from srviz.tables import write_table


def sweep(
    plan: str | Path | Plan,
    *,
    data: str | Path,
    out: str | Path,
    on: str = "local",
    address: str | None = None,
) -> pd.DataFrame:
    """Train and score every run of a plan.

    Runs live in ``out/runs/ID``. A finished run is never run again, nor is a data set scored
    twice; a run that was stopped goes on from its checkpoint; one that failed is recorded with
    its error, the rest go on, and the next call tries it again.

    Parameters
    ----------
    plan : path or Plan
    data : path
        Parent of the folders that the recipes train on.
    out : path
        Receives ``runs.csv`` and, as runs finish, ``scores.csv``, ``scores.parquet`` and the
        tables T2 and T3 as CSV and LaTeX. With Ray every node must see it under this path.
    on : {"local", "ray"}
        One run after the other in this process, or as tasks of a Ray cluster.
    address : str, optional
        Of a running Ray cluster; without it one is started on this machine.

    Returns
    -------
    DataFrame
        One row per run and image: the columns of :func:`srviz.evaluate`, and ``norm, seed, run``.

    Raises
    ------
    RecipeError, UnknownNameError, WeightsError
        The plan is wrong; nothing was run.
    KeyboardInterrupt
        Ctrl-C or SIGTERM; the same call goes on.
    """
    plan = plan if isinstance(plan, Plan) else load_plan(plan)
    if on not in ENGINES:
        raise UnknownNameError.of("engine", on, ENGINES)
    out = writable(Path(out))
    jobs = list(_jobs(plan, out, str(Path(data).resolve())))
    _write(jobs, out)
    for _ in ENGINES[on]([job for job in jobs if job.state != "finished"], address):
        _write(jobs, out)
    return _write(jobs, out)


def runs_table(plan: str | Path | Plan, out: str | Path) -> pd.DataFrame:
    """The runs of a plan and how far they are.

    Returns
    -------
    DataFrame
        ``run, network, norm, method, bits, seed, state, error``; ``state`` is one of "finished",
        "failed", "started" (has a checkpoint) and "waiting".
    """
    plan = plan if isinstance(plan, Plan) else load_plan(plan)
    return _table(list(_jobs(plan, Path(out), "")))


def gather(plan: str | Path | Plan, out: str | Path) -> pd.DataFrame:
    """Write the tables of a sweep as it stands, and run nothing.

    Returns
    -------
    DataFrame
        The scores there are, as of :func:`sweep`.
    """
    plan = plan if isinstance(plan, Plan) else load_plan(plan)
    out = writable(Path(out))
    return _write(list(_jobs(plan, out, "")), out)


def _jobs(plan: Plan, out: Path, data: str) -> Iterator[Job]:
    for run in plan.runs():
        yield Job(
            run=run,
            folder=(out / "runs" / run.id).resolve(),
            data=data,
            datasets=tuple(plan.datasets),
            protocol=plan.protocol,
            mode=plan.mode,
        )


def _table(jobs: list[Job]) -> pd.DataFrame:
    keys = ("network", "norm", "method", "bits", "seed")
    return pd.DataFrame(
        {
            "run": job.run.id,
            **{key: getattr(job.run, key) for key in keys},
            "state": job.state,
            "error": job.error,
        }
        for job in jobs
    )


def _write(jobs: list[Job], out: Path) -> pd.DataFrame:
    """The tables as they stand; all scores so far."""
    write_table(_table(jobs), out / "runs.csv")
    found = [scores for job in jobs if len(scores := job.scores())]
    if not found:
        return pd.DataFrame(
            columns=["network", "method", "bits", "seed", "dataset", "psnr", "ssim"]
        )
    scores = pd.concat(found, ignore_index=True)
    for suffix in ("csv", "parquet"):
        write_table(scores, out / f"scores.{suffix}", "scores")
    write_exhibits(scores, out)
    return scores


def on_local(jobs: Iterable[Job], address: str | None = None) -> Iterator[Job]:
    """Do the jobs one after the other in this process; yields each when it is done or failed."""
    for job in jobs:
        print(f"sweep: {job.run}", flush=True)
        job.attempt()
        yield job


ENGINES: dict[str, Callable[[list[Job], str | None], Iterator[Job]]] = {
    "local": on_local,
    "ray": on_ray,
}
