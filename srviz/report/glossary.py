"""One line for every word and column of the page."""

from __future__ import annotations

WORDS = {
    "activation": "The numbers a layer passes on; here at the places where a quantizer would sit.",
    "BN": "Batch normalization: each channel is shifted and scaled to a learned mean and spread.",
    "quantizer": "Rounds every activation to one of a few levels, so that it fits in few bits.",
    "bits": "Width b of the code of one activation: 2^b levels at most. W4A4: weights and "
    "activations at 4 bits. 32 stands for full precision.",
    "level": "A value the quantizer can output (red line).",
    "edge": "The threshold at which the output changes from one level to the next "
    "(blue dotted line).",
    "interval": "The distance between neighbouring levels. For PAMS alpha / (2^(b-1) - 1).",
    "alpha": "The clipping bound of a symmetric quantizer: levels lie in [-alpha, alpha].",
    "criterion": "How alpha is set: max = the largest value, min = the magnitude of the "
    "smallest, absmax = the larger of the two, percentile and mse as they say.",
    "clipping": "Values outside the outer levels are moved to them.",
    "granular distortion": "Mean squared error of the values inside the bounds: rounding.",
    "overload distortion": "Mean squared error of the values outside the bounds: clipping.",
    "SQNR": "Signal to quantization noise: 10 log10(mean of x² / mean squared error), in dB. "
    "Does not depend on the scale of x.",
    "unfitness": "How badly a quantizer fits what a layer really sends through it.",
    "PSNR": "Peak signal to noise ratio of the output image against the original, in dB. "
    "Comparable under one protocol only.",
    "SSIM": "Structural similarity to the original, 1 = equal.",
    "protocol": "Which colour channel, border and rounding the PSNR is computed with.",
    "site": "Where a tensor lives: module path, colon, in or out.",
    "slot": "A site that a network marks as a place for a quantizer.",
    "depth": "Position of a site in execution order, from 0.",
}
"""Terms, in the order a reader meets them."""

TRAINING = {
    "training": "The quantized network goes on learning, with its rounding in place: weights and "
    "bounds move to where they harm least.",
    "training step": "One update of weights and bounds, from one batch of image patches.",
    "PAMS": "A quantizer with one trained bound: levels lie in [-alpha, alpha] (Li et al., 2020).",
    "DDTB": "A quantizer with two trained bounds, lower and upper; some layers widen or narrow "
    "them image by image (Zhong et al., 2022).",
    "seed": "Where the random numbers of a training run start. Runs that differ in the seed "
    "alone tell how far chance moves a score.",
    "least error (MSE)": "The bounds that leave the smallest mean squared error on the "
    "activations, found by an exact search.",
}
"""More terms, where there are trained networks."""

COLUMNS = {
    "range_intervals": "(max - min) of the channel, in intervals.",
    "levels_in_range": "Levels between the channel's smallest and largest value. Few: coarse.",
    "is_dead": "All values of the channel round to one level: nothing is left of it.",
    "utilisation": "Share of the levels that more than 0.01 % of the values use.",
    "effective_bits": "Entropy of the levels used. 4 bits of which 1.2 are effective do the "
    "work of 1.2.",
    "wasted_range": "Share of the quantizer's range in which no value lies.",
    "clipped_low": "Share of the values under the lowest level.",
    "clipped_high": "Share of the values over the highest level.",
    "mse": "Mean squared error, mse_granular + mse_overload.",
    "mse_granular": "The part of mse from rounding.",
    "mse_overload": "The part of mse from clipping.",
    "sqnr_db": "SQNR of the channel or layer, in dB.",
    "alpha_log2_ratio": "log2 of the bound used over the best bound: 0 = best, 1 = twice as wide.",
    "unfit_mse": "1 - best error / error, best over all quantizers of this family: 0 = fits, "
    "1 = unfit.",
    "unfit_db": "Error over the error that the best bounds for this channel alone would leave, in "
    "dB: at 10 dB the error is ten times what it could be. Empty: no signal to fit.",
    "unfit_levels": "1 - 2^effective_bits / levels: 0 = all levels work alike, near 1 = one does.",
    "gap_bounds_db": "SQNR lost as the bounds are not the best ones of this family.",
    "gap_symmetry_db": "Lost as the grid is symmetric and the values are not.",
    "gap_channel_db": "Lost as all channels share one grid.",
    "gap_input_db": "Lost as all images share one grid.",
    "gap_grid_db": "Lost as the levels are evenly spaced (against Lloyd-Max).",
    "psnr_only": "PSNR with only this site quantized.",
    "psnr_without": "PSNR with every site but this one quantized.",
    "psnr_fp": "PSNR at full precision.",
    "psnr_all": "PSNR with every site quantized.",
    "min": "Smallest value of the channel.",
    "max": "Largest value of the channel.",
    "q01": "1st percentile: 1 % of the values lie below.",
    "q99": "99th percentile.",
}
"""Columns of the tables, by their name."""

SHORTFALL = (
    "Distance of the quantizer used to the best one possible for these values, in dB of SQNR: "
    "the sum of the reasons below."
)
COST = "PSNR lost when this layer alone is quantized, in dB."

METRICS = {
    "unfit_db": "distance to the channel's best bounds (dB)",
    "effective_bits": "effective bits",
    "sqnr_db": "SQNR (dB)",
    "levels_in_range": "levels in the channel's range",
    "range_intervals": "range in intervals",
    "unfit_mse": "unfitness (distance to the best error)",
    "unfit_levels": "unfitness (unused levels)",
    "utilisation": "utilisation of the levels",
    "wasted_range": "wasted range",
    "clipped_low": "clipped below",
    "clipped_high": "clipped above",
    "alpha_log2_ratio": "log2(bound / best bound)",
}
"""What the heat map can show, in the order of its menu."""

GAPS = {
    "gap_bounds_db": "bounds set badly",
    "gap_symmetry_db": "a symmetric grid on one-sided values",
    "gap_channel_db": "one grid for all channels",
    "gap_input_db": "one grid for all images",
    "gap_grid_db": "evenly spaced levels",
}
"""Columns of the waterfall table, in its order, and what each of them says."""
