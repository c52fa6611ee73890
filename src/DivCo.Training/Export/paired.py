"""The generator of a paired DivCo.Cluster checkpoint (a U-Net with the latent at every level), for PyTorch. Needs nothing but torch."""
import json
import math
import struct

import torch
from torch import nn
from torch.nn.functional import instance_norm, leaky_relu


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


class Generator(nn.Module):
    """forward(inputs [rows, C, H, W] in [-1, 1], latents [rows, latent_dim]) -> images [rows, C, H, W] in [-1, 1]."""

    def __init__(self, state):
        super().__init__()
        self.depth = sum(name.startswith("down") and name.endswith("weight") for name in state)
        for i in range(1, self.depth + 1):
            outputs, inputs, _, _ = state[f"down{i}.weight"].shape
            self.add_module(f"down{i}", nn.Conv2d(inputs, outputs, 4, 2, 1))
            inputs, outputs, _, _ = state[f"up{i}.weight"].shape
            self.add_module(f"up{i}", nn.ConvTranspose2d(inputs, outputs, 4, 2, 1))
        self.load_state_dict(state)
        self.eval()

    def forward(self, inputs, latents):
        levels = [inputs]
        for i in range(1, self.depth + 1):
            x = levels[-1]
            x = torch.cat([x, latents[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
            x = getattr(self, f"down{i}")(x if i == 1 else leaky_relu(x, 0.2))
            levels.append(x if i in (1, self.depth) else instance_norm(x))
        x = levels[self.depth]
        for i in range(self.depth, 1, -1):
            x = torch.cat([instance_norm(getattr(self, f"up{i}")(torch.relu(x))), levels[i - 1]], 1)
        return torch.tanh(self.up1(torch.relu(x)))


def load(folder):
    return Generator(read_safetensors(f"{folder}/generator.safetensors"))
