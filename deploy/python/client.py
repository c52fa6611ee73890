#!/usr/bin/env python3
"""Submits a sweep, watches it and downloads the last checkpoint of its first trial, with nothing but the code that protoc makes of protos/.

    client.py SPEC.json FOLDER       DIVCO_SERVER=host:7400 DIVCO_CA=ca.crt DIVCO_TOKEN=divco_...

SPEC.json is a SweepSpec in protobuf's JSON. Without DIVCO_CA it speaks plaintext, which servers allow on loopback alone.
"""
import hashlib
import os
import pathlib
import sys

import grpc
from google.protobuf import json_format

from divco.v1 import checkpoint_service_pb2 as checkpoints, checkpoint_service_pb2_grpc, sweep_pb2, sweep_service_pb2 as sweeps, sweep_service_pb2_grpc

ENDED = (sweep_pb2.STATE_STOPPED, sweep_pb2.STATE_SUCCEEDED, sweep_pb2.STATE_FAILED)


def connect():
    server, authority = os.environ["DIVCO_SERVER"], os.environ.get("DIVCO_CA")
    if not authority:
        return grpc.insecure_channel(server)
    tls = grpc.ssl_channel_credentials(pathlib.Path(authority).read_bytes())
    token = grpc.access_token_call_credentials(os.environ["DIVCO_TOKEN"])
    return grpc.secure_channel(server, grpc.composite_channel_credentials(tls, token))


def watch(service, sweep):
    """Prints each change until the end; goes on from the last revision seen where a server goes away."""
    revision = 0
    while True:
        try:
            for seen in service.Watch(sweeps.WatchSweepRequest(id=sweep, after_revision=revision)):
                revision = seen.status.revision
                print(sweep_pb2.State.Name(seen.status.state), *(f"{trial.id} step {trial.step}" for trial in seen.status.trials), flush=True)
                if seen.status.state in ENDED:
                    return seen
        except grpc.RpcError as lost:
            if lost.code() != grpc.StatusCode.UNAVAILABLE:
                raise


def download(service, trial, folder):
    """Writes the files of the trial's last checkpoint; each is verified by its SHA-256."""
    files, expected = {}, {}
    for chunk in service.Download(checkpoints.DownloadCheckpointRequest(trial_id=trial)):
        files.setdefault(chunk.file, hashlib.sha256()).update(chunk.data)
        with open(folder / pathlib.PurePosixPath(chunk.file).name, "ab" if chunk.file in expected else "wb") as file:
            file.write(chunk.data)
        expected[chunk.file] = chunk.sha256
    for name, digest in files.items():
        if digest.hexdigest() != expected[name]:
            sys.exit(f"{name} was damaged on the way")
        print(digest.hexdigest(), folder / name)


def main(spec, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with connect() as channel:
        service = sweep_service_pb2_grpc.SweepServiceStub(channel)
        sweep = service.Submit(sweeps.SubmitRequest(spec=json_format.Parse(pathlib.Path(spec).read_text(), sweep_pb2.SweepSpec())))
        print("submitted", sweep.id, flush=True)
        ended = watch(service, sweep.id)
        if ended.status.state != sweep_pb2.STATE_SUCCEEDED:
            sys.exit(f"{sweep.id}: {ended.status.reason}")
        download(checkpoint_service_pb2_grpc.CheckpointServiceStub(channel), f"{sweep.id}/0", folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
