#!/usr/bin/env python3
"""The published encoder of MNIST's class labels, written for PyTorch as its reference is: autograd, torch.optim.Adamax, the
term with S_ll by n x n activations. Prints the processor time of one step in milliseconds; simec_bench compares.

    simec_reference.py CASE TARGETS STEPS     CASE: model, model-s-ll (a batch of 32), s-ll (that term alone)
"""
import sys
import time

import torch

POINTS, FEATURES, DIM, BATCH = 8000, 784, 9, 32


def similarities(labels, targets):
    s = (labels[:, None] == labels[None, :targets]).float()
    return s - s.mean(0)


def class_model(targets, s_ll_weight):
    x, labels = torch.rand(POINTS, FEATURES), torch.randint(10, (POINTS,))
    s = similarities(labels, targets)
    s_ll = (s[:targets] + s[:targets].t()) / 2
    layers, size = [], FEATURES
    for hidden in [25] * 5:
        layers += [torch.nn.Linear(size, hidden), torch.nn.Tanh()]
        size = hidden
    embed, last = torch.nn.Sequential(*layers, torch.nn.Linear(size, DIM)), torch.nn.Linear(DIM, targets, bias=False)
    optimizer = torch.optim.Adamax(list(embed.parameters()) + list(last.parameters()), lr=0.005)
    off_diagonal = 1 - torch.eye(DIM)
    order = torch.randperm(POINTS)

    def step(i):
        rows = order[torch.arange(i * BATCH, (i + 1) * BATCH) % POINTS]
        w = last.weight  # targets x DIM
        loss = ((last(embed(x[rows])) - s[rows]) ** 2).mean()
        if s_ll_weight:
            loss = loss + s_ll_weight * ((s_ll - w.mm(w.t())) ** 2).mean()
        loss = loss + 0.01 * ((w.t().mm(w) * off_diagonal) ** 2).mean()
        loss = loss + 1e-5 * (embed[-1].weight ** 2).sum() + 1e-7 * (w ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def s_ll_term(targets):
    s_ll = similarities(torch.randint(10, (targets,)), targets)
    s_ll = (s_ll + s_ll.t()) / 2
    w = torch.rand(DIM, targets, requires_grad=True)

    def step(_):
        w.grad = None
        ((s_ll - w.t().mm(w)) ** 2).mean().backward()

    return step


def main():
    case, targets, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    step = s_ll_term(targets) if case == "s-ll" else class_model(targets, 0.5 if case == "model-s-ll" else 0)
    step(0)
    begin = time.process_time()
    for i in range(steps):
        step(1 + i)
    print(1e3 * (time.process_time() - begin) / steps)


main()
