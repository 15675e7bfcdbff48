"""Train the bundled classification network: a ResNet-20 on scikit-learn's 8 x 8 digits.

usage: python recipes/digits.py OUT

Exhibit F1 (a) shows that the channels of a classification network look alike; this network
makes it without any download. Writes model.safetensors, log.csv and scores.csv (accuracy on the
fifth of the digits that was held out), in about two minutes on two cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

from srviz.networks import load_network, save_weights

SEED, EPOCHS, BATCH, RATE = 0, 20, 64, 2e-3


def images() -> tuple[torch.Tensor, torch.Tensor]:
    """The 1797 digits as (N, 3, 8, 8) float32 in [0, 255], and their labels."""
    pixels, labels = load_digits(return_X_y=True)
    grey = torch.tensor(np.round(pixels * 255 / 16), dtype=torch.float32).reshape(-1, 1, 8, 8)
    return grey.expand(-1, 3, -1, -1).contiguous(), torch.tensor(labels)


def main(out: Path) -> None:
    torch.manual_seed(SEED)
    x, y = images()
    order = torch.randperm(len(x))
    test, train = order[: len(x) // 5], order[len(x) // 5 :]
    net = load_network("resnet20", num_classes=10)
    steps = EPOCHS * (len(train) // BATCH)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    log = []
    for epoch in range(EPOCHS):
        net.train()
        for batch in train[torch.randperm(len(train))].split(BATCH)[: len(train) // BATCH]:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
        net.eval()
        with torch.inference_mode():
            accuracy = (net(x[test]).argmax(1) == y[test]).double().mean().item()
        log.append({"epoch": epoch, "loss": loss.item(), "test_accuracy": accuracy})
        print(log[-1])
    out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(log).to_csv(out / "log.csv", index=False, float_format="%.4f")
    save_weights(net, out / "model.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
