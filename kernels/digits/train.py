# SPDX-License-Identifier: Apache-2.0
"""Trains the network and writes weights.bin, digits.bin and labels.bin. Needs numpy.

    python3 train.py digits.csv.gz

The network has 64 inputs, 32 hidden neurons with a rectifier and 10 outputs. It is trained in floating point on
1,197 of the digits; the other 600, drawn by a fixed seed, are held out and written to digits.bin. Then each
layer's weights are scaled to signed bytes and its biases to what the sums have as their unit. The hidden neurons'
sums are brought back to a byte by a multiplier and a shift, which are the parameters of layer1.wgsl.
"""

import sys

import numpy as np

SHIFT = 16


def forward(x, w1, b1, w2, b2):
    hidden = np.maximum(x @ w1.T + b1, 0)
    return hidden, hidden @ w2.T + b2


def train(x, labels, rng):
    w1, b1 = rng.normal(0, 0.18, (32, 64)), np.zeros(32)
    w2, b2 = rng.normal(0, 0.25, (10, 32)), np.zeros(10)
    parameters = [w1, b1, w2, b2]
    first, second = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    step = 0
    for epoch in range(300):
        order = rng.permutation(len(x))
        for batch in np.array_split(order, len(x) // 50):
            hidden, logits = forward(x[batch], *parameters)
            error = np.exp(logits - logits.max(axis=1, keepdims=True))
            error /= error.sum(axis=1, keepdims=True)
            error[np.arange(len(batch)), labels[batch]] -= 1
            error /= len(batch)
            back = (error @ w2) * (hidden > 0)
            gradients = [back.T @ x[batch], back.sum(axis=0), error.T @ hidden, error.sum(axis=0)]
            # Adam (Kingma and Ba, 2014), weights decaying.
            step += 1
            for p, g, m, v in zip(parameters, gradients, first, second):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= 0.002 * (m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8) + 0.01 * p)
    return parameters


def quantise(x, w1, b1, w2, b2):
    """The network in integers: what a pixel, a weight and a hidden neuron count as 1 is their scale."""
    scale1 = 127 / np.abs(w1).max()
    scale2 = 127 / np.abs(w2).max()
    hidden, _ = forward(x, w1, b1, w2, b2)
    scale_hidden = 127 / np.quantile(hidden, 0.999)
    multiplier = round(scale_hidden / (16 * scale1) * 2**SHIFT)
    return (
        np.rint(w1 * scale1).astype(np.int32),
        np.rint(b1 * 16 * scale1).astype(np.int32),
        np.rint(w2 * scale2).astype(np.int32),
        np.rint(b2 * scale_hidden * scale2).astype(np.int32),
        multiplier,
    )


def infer(pixels, w1, b1, w2, b2, multiplier):
    """What the two kernels compute."""
    sums = np.maximum(pixels @ w1.T + b1, 0).astype(np.int64)
    # Products of sums and multiplier have to fit a signed word.
    assert sums.max() * multiplier < 2**31
    hidden = np.minimum((sums * multiplier) >> SHIFT, 127)
    return (hidden @ w2.T + b2).argmax(axis=1)


def main():
    rng = np.random.default_rng(10)
    table = rng.permutation(np.loadtxt(sys.argv[1], delimiter=",", dtype=np.int32))
    pixels, labels = table[:, :64], table[:, 64]
    held_out, taught = slice(0, 600), slice(600, None)

    x = pixels / 16
    parameters = train(x[taught], labels[taught], rng)
    network = quantise(x[taught], *parameters)
    for name, part in (("held out", held_out), ("trained on", taught)):
        exact = forward(x[part], *parameters)[1].argmax(axis=1)
        found = infer(pixels[part], *network)
        print(name, "float:", (exact == labels[part]).mean(), "int8:", (found == labels[part]).mean())
    print("multiplier:", network[4], "shift:", SHIFT)

    w1, b1, w2, b2, _ = network
    with open("weights.bin", "wb") as file:
        for array, kind in ((w1, "i1"), (b1, "<i4"), (w2, "i1"), (b2, "<i4")):
            file.write(array.astype(kind).tobytes())
    pixels[held_out].astype("u1").tofile("digits.bin")
    labels[held_out].astype("u1").tofile("labels.bin")


main()
