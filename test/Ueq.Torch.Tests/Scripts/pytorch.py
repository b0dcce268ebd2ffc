"""Writes the files of folder pytorch: what PyTorch itself saves, and what it answers in evaluation.

    python3 pytorch.py        (made with PyTorch 1.13)
"""
import json
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)


def body(columns, *last):
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, columns), *last)


class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = body(2)

    def forward(self, x):
        h = self.net(x)
        return torch.cat([h[:, :1], F.softplus(h[:, 1:])], 1)


class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        self.norm.running_mean.add_(0.5)
        self.norm.running_var.mul_(2)

    def forward(self, x):
        return self.net(self.norm(x)).squeeze()


os.makedirs('pytorch', exist_ok=True)
rows = torch.tensor([[1.0, 2, 3], [0, 0, 0], [-1, 0.5, 2], [3, -2, 0.25]])
answers = {'rows': rows.flatten().tolist()}


def save(name, module, how=torch.jit.script):
    how(module).save(f'pytorch/{name}.pt')
    answers[name] = module.eval()(rows).flatten().tolist()


save('gaussian', Gaussian())
save('logits', body(3))
save('softmax', body(3, nn.Softmax(dim=1)))
save('squeezed', Squeezed())
save('sigmoid_traced', body(1, nn.Sigmoid()).eval(), lambda module: torch.jit.trace(module, torch.zeros(2, 3)))
save('frozen', body(1).eval(), lambda module: torch.jit.freeze(torch.jit.script(module)))
torch.save(body(1).state_dict(), 'pytorch/state_dict.pt')
torch.save(body(1).state_dict(), 'pytorch/legacy.pt', _use_new_zipfile_serialization=False)

# A fitted one: y = 2a - b + noise of one half.
x = torch.randn(400, 3)
y = x[:, :1] * 2 - x[:, 1:2] + 0.5 * torch.randn(400, 1)
module = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
steps = torch.optim.Adam(module.parameters(), 0.01)
for _ in range(300):
    steps.zero_grad()
    F.mse_loss(module(x), y).backward()
    steps.step()
save('fitted', module)

with open('pytorch/answers.json', 'w') as file:
    json.dump(answers, file, indent=1)
    file.write('\n')
