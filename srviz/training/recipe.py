"""Training recipes: TOML read into a checked, frozen model that refuses unknown keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from srviz.errors import RecipeError, UnknownNameError
from srviz.unfitness.optimum import METHOD_FAMILY


class Strict(BaseModel):
    """A table of a TOML file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkPart(Strict):
    """Which network to build when none is passed: its name and hyper-parameters.

    ``weights`` is what training starts from: "bundled", a file, or nothing (from scratch).
    """

    name: str
    scale: int = 4
    norm: Literal["batch"] | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    weights: str | None = None


class GatesPart(Strict):
    """DDTB's gates, on the share ``fraction`` of the sites whose range varies most.

    They are trained towards 1 for ``warmup`` steps before they scale the bounds. ``release`` as
    in :func:`srviz.quantizers.select_gates`.
    """

    fraction: float = Field(default=0.3, gt=0, le=1)
    warmup: int = Field(ge=0)
    release: bool = False


class QuantizePart(Strict):
    """How the network is quantized before it is trained.

    ``weights``, ``graph`` and ``options`` as in :func:`srviz.quantize`. The bounds are calibrated
    on the first ``calibration`` batches of training patches: without ``criterion`` as the method
    does (:func:`srviz.quantizers.calibrate_on`), with it and ``percentile`` as
    :func:`srviz.calibrate` does.
    """

    method: str
    bits: int = Field(ge=2, le=8)
    weights: bool | int = True
    graph: Literal["paper", "release"] = "paper"
    criterion: str | None = None
    percentile: float = Field(default=1.0, ge=0, lt=50)
    calibration: int = Field(default=8, ge=2)
    gates: GatesPart | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("method")
    @classmethod
    def _known(cls, method: str) -> str:
        if method not in METHOD_FAMILY:
            raise ValueError(UnknownNameError.of("quantizer", method, METHOD_FAMILY))
        return method

    @field_validator("weights")
    @classmethod
    def _whole(cls, weights: bool | int) -> bool | int:
        if weights is not True and weights is not False and not 2 <= weights <= 8:
            raise ValueError(f"{weights}; allowed: true, false or a number from 2 to 8")
        return weights

    @model_validator(mode="after")
    def _gated(self) -> QuantizePart:
        if self.gates is not None and self.method != "ddtb":
            raise ValueError(f"gates belong to ddtb, not to {self.method}")
        return self


class LossPart(Strict):
    """Weights of the losses, and the teacher of ``skt`` (structured knowledge transfer).

    ``teacher`` is "bundled" or a file; without it the teacher is the full-precision network the
    run starts from.
    """

    l1: float = Field(default=1.0, ge=0)
    skt: float = Field(default=0.0, ge=0)
    teacher: str | None = None


class NormPart(Strict):
    """What BN does in training: normalize by the batch and update, or use what it has."""

    statistics: Literal["update", "freeze"] = "update"


class DataPart(Strict):
    """Where the patches come from; ``patch`` is the LR side in pixels.

    ``batch`` is over all processes together. An image smaller than a patch is an error, unless
    ``skip_small`` says to leave it out.
    """

    folders: list[str] = Field(min_length=1)
    reduce: dict[str, int] = Field(default_factory=dict)
    skip_small: bool = False
    patch: int = Field(default=32, ge=8)
    batch: int = Field(default=16, ge=1)


class OptimPart(Strict):
    """Adam, with a learning rate of its own for the bounds of quantizers.

    ``schedule`` "cycle" is a linear warm-up (a share of the steps) and a cosine down to ``final``
    times the rate; "step" multiplies it by ``gamma`` every ``step_every`` steps. It acts on both
    rates alike.
    """

    lr: float = Field(default=1e-3, gt=0)
    bounds_lr: float | None = Field(default=None, gt=0)
    betas: tuple[float, float] = (0.9, 0.99)
    schedule: Literal["cycle", "step"] = "cycle"
    warmup: float = Field(default=0.05, ge=0, lt=1)
    final: float = Field(default=1e-3, gt=0, le=1)
    step_every: int | None = Field(default=None, ge=1)
    gamma: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _belongs(self) -> OptimPart:
        if (self.schedule == "step") != (self.step_every is not None):
            raise ValueError("step_every belongs to schedule = 'step', which needs it")
        return self


class RunPart(Strict):
    """Length, seed, precision and bookkeeping of a run."""

    steps: int = Field(ge=1)
    seed: int = 0
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    channels_last: bool = True
    checkpoint_every: int = Field(default=500, ge=1)
    log_every: int = Field(default=50, ge=1)


class Recipe(Strict):
    """Everything that determines a training run, apart from the images themselves."""

    network: NetworkPart | None = None
    quantize: QuantizePart | None = None
    loss: LossPart = LossPart()
    norm: NormPart = NormPart()
    data: DataPart
    optim: OptimPart = OptimPart()
    run: RunPart

    def to_json(self) -> str:
        """The recipe with every default filled in, for provenance."""
        return self.model_dump_json(indent=2)

    def adapted(
        self,
        *,
        norm: str | None = None,
        weights: str | None = None,
        teacher: str | None = None,
        **tables: Mapping[str, Any],
    ) -> Recipe:
        """The recipe with what a caller overrides; None leaves a key as it is.

        Parameters
        ----------
        norm, weights, teacher : str, optional
            ``network.norm``, ``network.weights`` and ``loss.teacher``.
        **tables : mapping
            Keys to change, by table: ``recipe.adapted(quantize={"bits": 3}, run={"steps": 300})``.

        Raises
        ------
        RecipeError
            There is no [network] to change, an unknown key, or a value outside its domain.
        """
        content = self.model_dump()
        for name, values in tables.items():
            is_table = isinstance(values, Mapping)  # if not, the check below names the key
            content[name] = {**(content.get(name) or {}), **values} if is_table else values
        network = {k: v for k, v in {"norm": norm, "weights": weights}.items() if v is not None}
        if network and self.network is None:
            raise RecipeError("the recipe has no [network]", fix="add it")
        if network:
            content["network"] |= network
        if teacher is not None:
            content["loss"]["teacher"] = teacher
        return parse_recipe(content, "as changed")


def load_recipe(source: str | Path | Recipe) -> Recipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    RecipeError
        The file is missing, is not TOML, has an unknown key or a value outside its domain;
        the message names the key.
    """
    if isinstance(source, Recipe):
        return source
    path = Path(source)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"recipe {path} cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"recipe {path} is not TOML: {error}") from error
    return parse_recipe(content, str(path))


def parse_recipe(content: dict[str, Any], name: str) -> Recipe:
    """A recipe from its tables; ``name`` is what messages call it.

    Raises
    ------
    RecipeError
        An unknown key or a value outside its domain; the message names the key.
    """
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        first = first_fault(error)
        raise RecipeError(
            f"recipe {name}: {fault_text(first)}",
            fix=_known_keys(first["loc"]) if first["type"] == "extra_forbidden" else None,
        ) from error


def first_fault(error: ValidationError) -> ErrorDetails:
    """The fault to tell of: a misspelt key before the key that it leaves missing."""
    return min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")


def fault_text(fault: ErrorDetails) -> str:
    """The key, and what is wrong with it."""
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"


def _known_keys(location: tuple[str | int, ...]) -> str | None:
    model: Any = Recipe
    for part in location[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return None
        model = field.annotation
        model = next(
            (m for m in getattr(model, "__args__", ()) if hasattr(m, "model_fields")), model
        )
    fields = getattr(model, "model_fields", None)
    return f"the keys here are {', '.join(fields)}" if fields else None
