"""The jobs of a sweep as tasks of a Ray cluster."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Iterator
from typing import Any

from srviz.errors import ArgumentError
from srviz.sweep.job import Job

RETRIES = 5
"""How often Ray starts a job again whose worker or node died."""


def on_ray(jobs: list[Job], address: str | None = None) -> Iterator[Job]:
    """Do the jobs on a Ray cluster; yields each when it is done or failed.

    A job whose worker is killed is started again, elsewhere if need be, and goes on from its
    checkpoint: the nodes must share the sweep's folder. On a cluster with GPUs every job gets one.

    Raises
    ------
    ArgumentError
        Ray is not installed, or there is no cluster at ``address``.
    """
    ray = _ray()
    try:
        ray.init(
            address=address,
            ignore_reinit_error=True,
            log_to_driver=False,
            runtime_env={"env_vars": _environment()},
        )
    except ConnectionError as error:
        raise ArgumentError(
            f"no Ray cluster at {address!r} ({error})",
            fix="ray start --head, or leave out --address",
        ) from error
    gpus = 1 if ray.cluster_resources().get("GPU") else 0
    task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(_attempt)
    waiting = {task.remote(job): job for job in jobs}
    try:
        while waiting:
            (done,), _ = ray.wait(list(waiting), num_returns=1)
            job = waiting.pop(done)
            try:
                ray.get(done)
            except ray.exceptions.RayError as error:
                job.fail(error)
            yield job
    finally:
        for reference in waiting:
            ray.cancel(reference)


def _attempt(job: Job) -> None:
    """In a worker. One that is told to stop has written its checkpoint, and dies, so that Ray
    starts the job again; an exception would count as the job's result.
    """
    try:
        job.attempt()
    except KeyboardInterrupt:
        os._exit(128 + signal.SIGTERM)


def _environment() -> dict[str, str]:
    """What workers on other nodes must know to find the images."""
    return {name: os.environ[name] for name in ("SRVIZ_DATA",) if name in os.environ}


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise ArgumentError("Ray is not installed", fix="pip install 'srviz[cluster]'") from error
