"""A plan in TOML: which networks, methods, bits and seeds to train, and what to score them on."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from srviz.errors import RecipeError, UnknownNameError
from srviz.scoring.inference import Mode
from srviz.training import Recipe, build_network, load_recipe
from srviz.training.recipe import Strict, fault_text, first_fault, parse_recipe

Norm = Literal["none", "batch"]
FULL_PRECISION = 32
"""Bits of a run that scores the full-precision network and trains nothing."""


class NetworkEntry(Strict):
    """A network of the plan; ``weights`` for each norm, unless one word (bundled) serves all.

    A path is relative to the plan's file and may hold environment variables.
    """

    name: str
    scale: int = 4
    options: dict[str, Any] = Field(default_factory=dict)
    weights: str | dict[Norm, str] = "bundled"


class Block(Strict):
    """A product of settings. A plan is the union of its blocks: a run in two of them is one run.

    ``bits`` may hold 32: the full-precision network, which is scored and not trained. ``steps``
    stands in for the recipes' number of steps.
    """

    networks: list[str] = Field(min_length=1)
    norms: list[Norm] = Field(default=["none", "batch"], min_length=1)
    methods: list[str] = Field(min_length=1)
    bits: list[int] = Field(min_length=1)
    seeds: list[int] = Field(default=[0], min_length=1)
    steps: int | None = None


class Plan(Strict):
    """What :func:`srviz.sweep.sweep` does.

    ``recipes`` names a recipe for each method, relative to the plan's file; its network, method,
    bits and seed are filled in. ``datasets`` is what every network is scored on.
    """

    datasets: list[str] = Field(min_length=1)
    protocol: str = "y"
    mode: Mode = "whole"
    networks: dict[str, NetworkEntry]
    recipes: dict[str, str]
    matrix: list[Block] = Field(min_length=1)
    folder: Path = Path()

    def runs(self) -> list[Run]:
        """Every run once, in the order of the plan.

        Raises
        ------
        RecipeError, UnknownNameError, WeightsError
            A network, recipe or file of weights that is not there, or bits out of range.
        """
        found: dict[str, Run] = {}
        for block in self.matrix:
            for run in self._product(block):
                found.setdefault(run.id, run)
        return list(found.values())

    def _product(self, block: Block) -> Iterator[Run]:
        settings = (block.bits, block.networks, block.norms, block.methods, block.seeds)
        for bits, label, norm, method, seed in itertools.product(*settings):
            yield self._run(label, norm, method, bits, seed, block.steps)

    def _run(
        self, label: str, norm: Norm, method: str, bits: int, seed: int, steps: int | None
    ) -> Run:
        if label not in self.networks:
            raise UnknownNameError.of("network of the plan", label, self.networks)
        if method not in self.recipes:
            raise UnknownNameError.of("method without a recipe", method, self.recipes)
        content = load_recipe(self.folder / self.recipes[method]).model_dump()
        content["network"] = self._network(label, norm)
        quantized = bits != FULL_PRECISION
        if quantized:
            given = content["quantize"] or {}
            content["quantize"] = {**given, "method": method, "bits": bits}
            content["run"] |= {"seed": seed} | ({} if steps is None else {"steps": steps})
        else:
            content["quantize"], method, seed = None, "none", 0
        recipe = parse_recipe(content, f"of {label}, {method}, {bits} bits")
        return Run(
            id=_identity(recipe, trained=quantized),
            network=label,
            norm=norm,
            method=method,
            bits=bits,
            seed=seed,
            recipe=recipe,
        )

    def _network(self, label: str, norm: Norm) -> dict[str, Any]:
        entry = self.networks[label]
        weights = entry.weights if isinstance(entry.weights, str) else entry.weights.get(norm)
        if weights is None:
            raise RecipeError(
                f"the plan has no weights of {label} for norm {norm!r}",
                fix=f"networks.{label}.weights.{norm} = PATH",
            )
        if weights != "bundled":
            weights = str(self.folder / os.path.expandvars(weights))
        content = entry.model_dump() | {"norm": None if norm == "none" else norm}
        return content | {"weights": weights}


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a plan. ``id`` is a hash of all that decides its outcome."""

    id: str
    network: str
    norm: str
    method: str
    bits: int
    seed: int
    recipe: Recipe

    @property
    def label(self) -> str:
        """The network's name in tables."""
        return self.network + (" + BN" if self.norm == "batch" else "")

    @property
    def trained(self) -> bool:
        """False for a full-precision network, which is only scored."""
        return self.recipe.quantize is not None

    def __str__(self) -> str:
        return f"{self.label}, {self.method} {self.bits} bits, seed {self.seed} ({self.id})"


def load_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises
    ------
    RecipeError
        The file is missing, is not TOML, has an unknown key or a value outside its domain.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Plan.model_validate({**content, "folder": path.parent})
    except OSError as error:
        raise RecipeError(f"plan {path} cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"plan {path} is not TOML: {error}") from error
    except ValidationError as error:
        raise RecipeError(f"plan {path}: {fault_text(first_fault(error))}") from error


def _identity(recipe: Recipe, *, trained: bool) -> str:
    """Twelve hexadecimal digits of all that decides a run's outcome.

    Weights count by content, not by path. Keys left at their defaults do not count, so that a
    key added to recipes one day keeps the runs done before it; nor does bookkeeping.
    """
    content = recipe.model_dump(mode="json", exclude_defaults=True)
    network = content["network"]
    del network["weights"]
    settings: dict[str, Any] = {"network": network, "weights": _sha256(_key(recipe))}
    if trained:
        for key in ("checkpoint_every", "log_every"):
            content["run"].pop(key, None)
        settings |= content
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _key(recipe: Recipe) -> str:
    assert recipe.network is not None
    return recipe.network.model_dump_json()


@cache
def _sha256(network: str) -> str:
    part = json.loads(network)
    recipe = {"network": part, "data": {"folders": ["none"]}, "run": {"steps": 1}}
    return str(build_network(Recipe.model_validate(recipe)).weights_sha256)
