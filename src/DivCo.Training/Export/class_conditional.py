"""The generator of a class-conditional DivCo.Cluster checkpoint, for PyTorch. Needs nothing but torch."""
import json
import math
import struct

import torch
from torch import nn


def read_safetensors(path):
    """{name: tensor}; `safetensors.torch.load_file` does the same."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    return {
        name: torch.frombuffer(data, dtype=torch.float32, offset=entry["data_offsets"][0], count=math.prod(entry["shape"])).reshape(entry["shape"]).clone()
        for name, entry in header.items()
        if name != "__metadata__"
    }


class Layer(nn.Module):
    def __init__(self, inputs, outputs, first, norm):
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 4, *((1, 0) if first else (2, 1)))
        self.norm = {"batch": nn.BatchNorm2d(outputs), "instance": nn.InstanceNorm2d(outputs, affine=True)}.get(norm, nn.Identity())

    def forward(self, x):
        return self.norm(self.conv(x))


class Generator(nn.Module):
    """forward(latents [rows, latent_dim], labels [rows] of int64) -> images [rows, C, H, W] in [-1, 1]."""

    def __init__(self, state, norm, classes):
        super().__init__()
        self.classes = classes
        shapes = [state[f"layer{i}.conv.weight"].shape for i in range(1, 1 + sum(name.endswith("conv.weight") for name in state))]
        self.layers = len(shapes)
        for i, (inputs, outputs, _, _) in enumerate(shapes, 1):
            self.add_module(f"layer{i}", Layer(inputs, outputs, i == 1, norm if i < len(shapes) else "none"))
        self.load_state_dict(state)
        self.eval()

    def forward(self, latents, labels):
        x = torch.cat([latents, nn.functional.one_hot(labels, self.classes).float()], 1)[:, :, None, None]
        for i in range(1, self.layers):
            x = torch.relu(getattr(self, f"layer{i}")(x))
        return torch.tanh(getattr(self, f"layer{self.layers}")(x))


def load(folder):
    with open(f"{folder}/model.json") as file:
        model = json.load(file)
    return Generator(read_safetensors(f"{folder}/generator.safetensors"), model["norm"], model["classes"])
