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
# # Why does a low-bit quantizer fit this layer badly?
#
# Super-resolution networks dropped batch normalization (BN) because PSNR rises without it. Then
# somebody quantizes them to four bits. This notebook asks what happens, in fifteen lines: two
# EDSR networks, trained by the same recipe and seed, one without and one with BN.

# %%
import pandas as pd
import srviz as sv

images = sv.load_images("samples")
plain = sv.load_network("edsr", weights="bundled")
normed = sv.load_network("edsr", norm="batch", weights="bundled")
prof = sv.capture(plain, images, per_image=True, label="EDSR", progress=False)
prof_bn = sv.capture(normed, images, per_image=True, label="EDSR + BN", progress=False)

rows = []
for bits in (8, 4, 3):
    for net, p in ((plain, prof), (normed, prof_bn)):
        q = sv.quantize(net, "pams", bits=bits, grids=sv.calibrate(p, "pams", bits=bits))
        rows.append(sv.evaluate({p.label: q}, [images], progress=False))
pd.concat(rows).pivot_table(index="bits", columns="network", values="psnr", sort=False).round(2)

# %% [markdown]
# The networks are not retrained: alpha is set to the largest absolute activation of each layer
# (PAMS's symmetric grid) and the activations are rounded to it. At 8 bits BN costs a little; with
# few bits the network without BN loses far more. The rest of this notebook shows why.
#
# ## The channels of a layer differ, and move with the image (F1)
#
# One ridge per channel; red and blue are two images. In a classification network (a) the channels
# look alike and are centred on zero. In a super-resolution network (b) some are ten times as wide
# as others, some lie off zero, and they move with the image: no single range fits them all. BN
# (c) brings them closer together; note its axis.

# %%
digits = sv.load_images("digits")
resnet = sv.capture(
    sv.load_network("resnet20", weights="bundled"),
    digits,
    sites="blocks.2.norm2:out",
    per_image=True,
    label="ResNet-20",
    progress=False,
)
last = prof.site_names[-1]
sv.figure_distributions([resnet, prof, prof_bn], [resnet.site_names[0], last, last]);

# %% [markdown]
# ## One grid for all channels: quantization unfitness (F2)
#
# Green bars are each channel's min..max, red lines the quantizer's levels, blue dotted lines its
# decision edges. The axis counts intervals, so a bar says how many of the 15 levels its channel
# can use. A channel that lies within one cell is *dead*: every value becomes the same level.

# %%
grids = sv.calibrate(prof, "pams", bits=4)
grids_bn = sv.calibrate(prof_bn, "pams", bits=4)
layers = ["blocks.0.slot_out:out", last]
sv.figure_levels([prof, prof_bn], [grids, grids_bn], layers, zoom=True, unit="interval");

# %% [markdown]
# ## The range of the quantizer (F3)
#
# The same on the scale of the activations: BN shrinks what has to be covered.

# %%
sv.figure_levels([prof, prof_bn], [grids, grids_bn], last);

# %% [markdown]
# ## The interval per layer, for alpha from Max and from Min (T1)

# %%
table = sv.interval_table([prof, prof_bn], bits=4, criteria=("max", "min"))
outs = table[table["site"].str.contains("slot_out")]
outs.pivot_table(
    index="site", columns=["label", "criterion"], values="interval", sort=False, observed=True
).round(2)

# %%
sv.plot_intervals(outs);

# %% [markdown]
# ## Where the decibels go
#
# Each step of the waterfall is what a better grid of a wider family would gain: bounds set
# better, an affine grid, one grid per channel, one per image, and levels placed freely
# (Lloyd-Max). The steps add up exactly.

# %%
falls = pd.concat([sv.waterfall(prof, grids), sv.waterfall(prof_bn, grids_bn)])
sv.plot_waterfall(falls[falls["site"] == last]);

# %% [markdown]
# ## Which unfit layers really cost PSNR?
#
# Unfitness alone does not say what a layer costs. `sensitivity` quantizes one site at a time:
# the skip paths (`slot_in`) cost most, for whatever they lose is never made good.

# %%
cost = sv.sensitivity(plain, grids, images[:1], "pams", 4, progress=False)
unfit = sv.unfitness(prof, grids, per="layer")
cost.assign(loss_db=cost["psnr_fp"] - cost["psnr_only"]).merge(
    unfit[["site", "sqnr_db", "unfit_mse", "unfit_levels"]], on="site"
).sort_values("loss_db", ascending=False)[
    ["site", "loss_db", "sqnr_db", "unfit_mse", "unfit_levels"]
].head(8).round(3)

# %% [markdown]
# ## Is it BN, or how alpha is set?
#
# Both networks again, with the alpha of least error in each layer instead of the largest value.
# What BN gains has to be read beside what a better bound gains.

# %%
rows = []
for criterion in ("absmax", "mse"):
    for net, p in ((plain, prof), (normed, prof_bn)):
        found = sv.calibrate(p, "pams", bits=3, criterion=criterion)
        q = sv.quantize(net, "pams", bits=3, grids=found)
        rows.append(sv.evaluate({p.label: q}, [images], progress=False).assign(alpha=criterion))
pd.concat(rows).pivot_table(index="alpha", columns="network", values="psnr", sort=False).round(2)
