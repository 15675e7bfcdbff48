# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Quantize a network and train it
#
# The first notebook rounded the activations of a trained network and measured the damage. Here the
# quantized network is trained: PAMS (symmetric grid, one trained bound alpha per place) at 3 bits
# for activations and weights, on EDSR without and with batch normalization (BN).
#
# It trains on three of the four bundled photographs and scores the fourth, which it never sees.
# That is little data, and a few hundred steps are a short training: the point is to see what
# training does to the grids, not to get the last tenth of a dB. The end of the notebook shows the
# same on real training data and benchmarks.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import pandas as pd
import srviz as sv

steps = 300
photographs = sv.load_images("samples")
training, held_out = photographs[1:], photographs[:1]
temporary = TemporaryDirectory(prefix="srviz-")  # removed when the notebook is closed
folder = Path(temporary.name)
print("train on", [image.name for image in training], "score", [image.name for image in held_out])

# %% [markdown]
# ## A recipe
#
# A recipe is a TOML file: network, quantizer, losses, data and optimizer. `adapted` changes keys of
# it. The bounds have a learning rate of their own (0.3, in units of activation, against 0.0003 for
# the weights): they have far to go.

# %%
recipe = sv.load_recipe("../recipes/laptop-pams.toml").adapted(
    quantize={"bits": 3},
    run={"steps": steps, "log_every": max(steps // 30, 1), "checkpoint_every": steps},
)
for part in (recipe.quantize, recipe.loss, recipe.optim):
    print(part)

# %% [markdown]
# ## Before training
#
# `calibrate` sets each alpha to the largest activation of the training photographs; `quantize`
# inserts the quantizers and quantizes the weights. `placement` says where they sit.

# %%
networks = {}
for label, norm in (("EDSR", None), ("EDSR + BN", "batch")):
    networks[label] = sv.load_network("edsr", norm=norm, weights="bundled")
full = sv.evaluate(networks, held_out, progress=False).assign(state="full precision")

profiles, before = {}, {}
for label, net in networks.items():
    profiles[label] = sv.capture(net, training, label=label, progress=False)
    grids = sv.calibrate(profiles[label], "pams", bits=3)
    before[label] = sv.quantize(net, "pams", bits=3, grids=grids, weights=True)
rounded = sv.evaluate(before, held_out, progress=False).assign(state="3 bits, calibrated")
before["EDSR"].placement.head()

# %% [markdown]
# ## Training
#
# `train_recipe` builds the student from the full-precision weights, calibrates it, and trains it
# with the full-precision network as its teacher. Ctrl-C is safe: the same call goes on.

# %%
logs = {}
for label, norm in (("EDSR", None), ("EDSR + BN", "batch")):
    out = folder / label.replace(" + ", "_")
    own = recipe.adapted(norm=norm)
    logs[label] = sv.train_recipe(own, data=training, out=out, progress=False)

ax = plt.figure(figsize=(4.5, 2.6)).gca()
for label, log in logs.items():
    ax.plot(log["step"], log["l1"], label=label)
ax.set(xlabel="training step", ylabel="L1 (grey levels)")
ax.legend();

# %% [markdown]
# Early in training the quantized network is far off; the loss then falls and flattens.
#
# ## After training

# %%
trained = {
    label: sv.load_quantized(folder / label.replace(" + ", "_") / "model.safetensors")
    for label in networks
}
done = sv.evaluate(trained, held_out, progress=False).assign(state="3 bits, trained")
bicubic = sv.evaluate({"bicubic": sv.Bicubic(4)}, held_out, progress=False)
table = pd.concat([full, rounded, done, bicubic.assign(state="bicubic")])
table.pivot_table(index="state", columns="network", values="psnr", sort=False).round(2)

# %% [markdown]
# PSNR in dB on the held-out photograph. Calibrated, the network without BN loses most, which is the
# study's argument for BN. Training the bounds and the weights brings most of it back, in both
# networks: compare the two columns row by row before you credit BN with anything.
#
# ## What training does to a bound
#
# Green: the activations of the full-precision network (bands of quantiles, the outermost from the
# smallest to the largest value). Red: alpha over training, and -alpha. Dashed: the bounds of least
# error for this distribution. Calibration puts alpha at the extremes; training pulls it in.

# %%
site = "blocks.4.slot_out:out"
figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
for ax, (label, prof) in zip(axes, profiles.items(), strict=True):
    bounds = pd.read_parquet(folder / label.replace(" + ", "_") / "bounds.parquet")
    best = sv.calibrate(prof, "pams", bits=3, criterion="mse")[site]
    sv.plot_bounds(bounds, site, prof=prof, best=(best.lo, best.hi), ax=ax)
    ax.set_title(f"{label}, {site}")

# %% [markdown]
# ## How well the grids fit, before and after
#
# Each quantizer is measured on what it really gets: `sites="slots"` of a quantized network are the
# inputs of its quantizers, and `read_grids(..., at="inputs")` names its grids alike. The mean over
# all 24 quantizers of each network:

# %%
rows = []
for state, nets in (("calibrated", before), ("trained", trained)):
    for label, net in nets.items():
        prof = sv.capture(net, held_out, sites="slots", progress=False)
        fit = sv.unfitness(prof, sv.read_grids(net, at="inputs"), per="layer")
        means = fit[["sqnr_db", "effective_bits", "clipped_high", "unfit_mse"]].mean()
        rows.append({"state": state, "network": label, **means})
pd.DataFrame(rows).round(3)

# %% [markdown]
# SQNR rises, and more of the seven levels are used (`effective_bits` of at most 2.81), at the price
# of some clipping. `unfit_mse` says how much of the error the best grid of the same kind would save.
#
# ## The whole study
#
# The same for EDSR and IDN, PAMS and DDTB, 8 to 2 bits, on real training images and five
# benchmarks, is one command, which can be stopped and goes on where it was:
#
# ```sh
# srviz sweep recipes/paper-laptop.toml --data TRAIN_FOLDER --out runs/paper-laptop
# ```
#
# Its results are kept in `docs/results`; [results.md](../docs/results.md) says what they mean.

# %%
results = sv.load_results("../docs/results/paper-laptop")
scores = sv.scores_table(results.scores)
urban = scores[scores["dataset"] == "Urban100"]
sv.paper_table(urban, "PAMS").round(2)

# %%
sv.plot_bn_gain(urban);

# %% [markdown]
# Below 0 BN costs PSNR. Dotted are the published gains, of larger networks and far longer
# trainings.
