# One rank of the reference: PyTorch's gloo all-reduce of the same size, on one thread, each result checked.
#   python3 gloo.py RANK RANKS PORT BYTES; then a line "N" makes N operations and prints {"seconds": [...]}.
import json
import sys
import time

import torch
import torch.distributed as dist

rank, ranks, port, size = (int(word) for word in sys.argv[1:5])
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=ranks)
leaf = torch.arange(size // 4, dtype=torch.float32).remainder_(1000)
expected = leaf * (ranks * (ranks + 1) // 2)
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    seconds = []
    for i in range(int(line)):
        buffer = leaf * (rank + 1)
        dist.barrier()
        began = time.perf_counter()
        dist.all_reduce(buffer)
        seconds.append(time.perf_counter() - began)
        assert torch.equal(buffer, expected), f"the sum of operation {i} is wrong"
    print(json.dumps({"seconds": seconds}), flush=True)
