"""Training recipes: TOML read into a checked, frozen model that refuses unknown keys."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from srviz.errors import RecipeError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkPart(_Strict):
    """Which network to build when none is passed: its name and hyper-parameters."""

    name: str
    scale: int = 4
    norm: Literal["batch"] | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class DataPart(_Strict):
    """Where the patches come from; ``patch`` is the LR side in pixels.

    An image smaller than a patch is an error, unless ``skip_small`` says to leave it out.
    """

    folders: list[str] = Field(min_length=1)
    reduce: dict[str, int] = Field(default_factory=dict)
    skip_small: bool = False
    patch: int = Field(default=32, ge=8)
    batch: int = Field(default=16, ge=1)


class OptimPart(_Strict):
    """Adam with one warm-up and cosine cycle."""

    lr: float = Field(default=1e-3, gt=0)
    betas: tuple[float, float] = (0.9, 0.99)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    final: float = Field(default=1e-3, gt=0, le=1, description="last learning rate / lr")


class RunPart(_Strict):
    """Length, seed, precision and bookkeeping of a run."""

    steps: int = Field(ge=1)
    seed: int = 0
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    channels_last: bool = True
    checkpoint_every: int = Field(default=500, ge=1)
    log_every: int = Field(default=50, ge=1)


class Recipe(_Strict):
    """Everything that determines a training run, apart from the images themselves."""

    network: NetworkPart | None = None
    data: DataPart
    optim: OptimPart = OptimPart()
    run: RunPart

    def to_json(self) -> str:
        """The recipe with every default filled in, for provenance."""
        return self.model_dump_json(indent=2)


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
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecipeError(
            f"recipe {path}: {where}: {first['msg']}", fix=_known_keys(first["loc"])
        ) from error


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
