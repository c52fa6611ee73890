using System.Security.Cryptography;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DivCo.Cli.Tests;

/// <summary>A real gRPC server with canned answers: enough to see what divco writes and how it ends.</summary>
internal sealed class CannedCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private WebApplication? _app;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sweep _sweep = Demo();
    private int _breaks;

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>What becomes of the sweep after somebody saw it; null: nothing by itself.</summary>
    public Func<Sweep, Sweep?> Next { get; set; } = _ => null;

    /// <summary>Watch calls that break after their first answer.</summary>
    public int BreakWatches;

    /// <summary>Sweeps that a list shows; null: the one of this cluster.</summary>
    public List<Sweep>? Listed { get; set; }

    public List<string> Calls { get; } = [];

    /// <summary>Files that downloads send.</summary>
    public List<FileChunk> Chunks { get; } = [];

    public Sweep Sweep
    {
        get
        {
            lock (_lock)
            {
                return _sweep.Clone();
            }
        }
    }

    public static async Task<CannedCluster> StartAsync()
    {
        var cluster = new CannedCluster();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(cluster);
        cluster._app = builder.Build();
        cluster._app.MapGrpcService<Sweeps>();
        cluster._app.MapGrpcService<Checkpoints>();
        cluster._app.MapGrpcService<Cluster>();
        await cluster._app.StartAsync();
        cluster.Address = new Uri(cluster._app.Urls.Single());
        return cluster;
    }

    public void Change(Func<Sweep, Sweep?> change)
    {
        lock (_lock)
        {
            if (change(_sweep.Clone()) is not { } changed)
            {
                return;
            }

            changed.Status.Revision++;
            _sweep = changed;
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends all open watch calls, without an answer.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _breaks++;
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public static Sweep With(Sweep sweep, State state, int step)
    {
        sweep.Status.State = state;
        sweep.Status.Reason = $"the sweep {state}";
        foreach (var trial in sweep.Status.Trials)
        {
            trial.State = state;
            trial.Step = step;
        }

        return sweep;
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }

    private static Sweep Demo() => new()
    {
        Id = "demo",
        Spec = new SweepSpec { Name = "demo", Trial = new TrialSpec { BatchSize = 32 } },
        Status = new SweepStatus
        {
            State = State.Running,
            Reason = "1 of 1 trials running",
            Revision = 3,
            SubmittedAt = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)),
            Best = "demo/0",
            Results = "/results/demo",
            Trials =
            {
                new Trial
                {
                    Id = "demo/0",
                    State = State.Running,
                    Step = 100,
                    Steps = 200,
                    Parameters = { ["tau"] = Value.ForNumber(0.5) },
                    Metrics = { ["loss_d"] = 1.25, ["loss_g"] = double.NaN, ["samples_per_s"] = 64, ["diversity"] = 0.31 },
                    Devices = { "silo-0/cpu0" },
                    Sample = "/results/demo/trials/0/samples/step-000100.png",
                    Checkpoint = new Checkpoint
                    {
                        TrialId = "demo/0", Name = "step-000100-e1", Path = "/results/demo/trials/0/checkpoints/step-000100-e1", Step = 100, Epoch = 1,
                        WeightsSha256 = "aa", StateSha256 = "bb", Metrics = { ["diversity"] = 0.31 },
                    },
                },
            },
        },
    };

    public static FileChunk[] File(string name, byte[] content, string? sha256 = null) => [.. content.Chunk(1000).Select(part => new FileChunk
    {
        File = name,
        Size = (ulong)content.Length,
        Sha256 = sha256 ?? Convert.ToHexStringLower(SHA256.HashData(content)),
        Data = ByteString.CopyFrom(part),
    })];

    private Sweep Find(string id) => id.Split('/')[0] == Sweep.Id ? Sweep : throw new RpcException(new(StatusCode.NotFound, $"there is no sweep {id}"));

    private sealed class Sweeps(CannedCluster cluster) : SweepService.SweepServiceBase
    {
        public override Task<Sweep> Submit(SubmitRequest request, ServerCallContext context)
        {
            cluster.Calls.Add($"submit {request.Id}");
            if (request.Id == "taken")
            {
                throw new RpcException(new(StatusCode.AlreadyExists, "taken is another sweep; choose another id"));
            }

            if (request.Id == "refused")
            {
                throw new Google.Rpc.Status
                {
                    Code = (int)StatusCode.InvalidArgument,
                    Message = "bad",
                    Details = { Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "trial.tau", Description = "0 is not allowed" } } }) },
                }.ToRpcException();
            }

            cluster.Change(sweep =>
            {
                sweep.Id = request.Id.Length > 0 ? request.Id : "demo";
                sweep.Spec = request.Spec;
                return sweep;
            });
            return Task.FromResult(cluster.Sweep);
        }

        public override Task<Sweep> Get(GetSweepRequest request, ServerCallContext context) => Task.FromResult(cluster.Find(request.Id));

        public override Task<ListSweepsResponse> List(ListSweepsRequest request, ServerCallContext context) =>
            Task.FromResult(request.PageToken.Length == 0
                ? new ListSweepsResponse { NextPageToken = "more" }
                : new ListSweepsResponse { Sweeps = { cluster.Listed ?? [cluster.Sweep] } });

        public override async Task Logs(LogsRequest request, IServerStreamWriter<LogLine> answers, ServerCallContext context)
        {
            cluster.Find(request.TrialId);
            for (var line = 0; line < (request.Follow ? 2 : 1); line++)
            {
                await answers.WriteAsync(new LogLine
                {
                    At = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 12, 0, line, TimeSpan.Zero)),
                    Server = "silo-0",
                    Level = "information",
                    Text = $"line {line}",
                    TraceId = "4bf9",
                });
            }
        }

        public override async Task Watch(WatchSweepRequest request, IServerStreamWriter<Sweep> answers, ServerCallContext context)
        {
            cluster.Find(request.Id);
            cluster.Calls.Add($"watch after {request.AfterRevision}");
            int? breaks = null;
            for (var seen = request.AfterRevision; ;)
            {
                Task changed;
                Sweep sweep;
                lock (cluster._lock)
                {
                    (changed, sweep) = (cluster._changed.Task, cluster._sweep.Clone());
                    if (cluster._breaks != (breaks ??= cluster._breaks))
                    {
                        throw new RpcException(new(StatusCode.Unavailable, "the server goes away"));
                    }
                }

                if (sweep.Status.Revision > seen)
                {
                    await answers.WriteAsync(sweep);
                    seen = sweep.Status.Revision;
                    if (sweep.Status.State is State.Stopped or State.Succeeded or State.Failed)
                    {
                        return;
                    }

                    cluster.Change(cluster.Next);
                    if (Interlocked.Decrement(ref cluster.BreakWatches) >= 0)
                    {
                        throw new RpcException(new(StatusCode.Unavailable, "the server goes away"));
                    }

                    continue;
                }

                await changed.WaitAsync(context.CancellationToken);
            }
        }

        public override Task<Sweep> Stop(StopRequest request, ServerCallContext context)
        {
            cluster.Calls.Add($"stop {request.Id}");
            if (cluster.Listed?.Find(other => other.Id == request.Id) is { } other)
            {
                return Task.FromResult(With(other, State.Stopping, 120));
            }

            cluster.Find(request.Id);
            cluster.Change(sweep => With(sweep, State.Stopped, 120));
            return Task.FromResult(cluster.Sweep);
        }

        public override Task<Sweep> Resume(ResumeRequest request, ServerCallContext context)
        {
            cluster.Find(request.Id);
            cluster.Calls.Add($"resume {request.Id}");
            cluster.Change(sweep => With(sweep, State.Queued, 120));
            return Task.FromResult(cluster.Sweep);
        }
    }

    private sealed class Checkpoints(CannedCluster cluster) : CheckpointService.CheckpointServiceBase
    {
        public override Task<ListCheckpointsResponse> List(ListCheckpointsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListCheckpointsResponse { Checkpoints = { cluster.Find(request.TrialId).Status.Trials[0].Checkpoint } });

        public override Task<ListSamplesResponse> ListSamples(ListSamplesRequest request, ServerCallContext context)
        {
            cluster.Find(request.TrialId);
            return Task.FromResult(new ListSamplesResponse
            {
                Samples = { new Sample { TrialId = "demo/0", Name = "step-000100.png", Path = "/results/demo/trials/0/samples/step-000100.png" } },
            });
        }

        public override Task Download(DownloadCheckpointRequest request, IServerStreamWriter<FileChunk> answers, ServerCallContext context) => SendAsync(answers);

        public override Task DownloadSample(DownloadSampleRequest request, IServerStreamWriter<FileChunk> answers, ServerCallContext context) => SendAsync(answers);

        private async Task SendAsync(IServerStreamWriter<FileChunk> answers)
        {
            foreach (var chunk in cluster.Chunks)
            {
                await answers.WriteAsync(chunk);
            }
        }
    }

    private sealed class Cluster : ClusterService.ClusterServiceBase
    {
        public override Task<ListDevicesResponse> ListDevices(ListDevicesRequest request, ServerCallContext context) => Task.FromResult(new ListDevicesResponse
        {
            Devices = { new Device { Id = "silo-0/cpu0", Silo = "silo-0", HardwareClass = "cpu avx2", TrialId = "demo/0" }, new Device { Id = "silo-0/cpu1" }, Wrong },
        });

        public override Task<ClearDeviceResponse> ClearDevice(ClearDeviceRequest request, ServerCallContext context) => request.Id == Wrong.Id
            ? Task.FromResult(new ClearDeviceResponse())
            : throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, $"'{request.Id}' is not in quarantine"));

        private static Device Wrong => new()
        {
            Id = "silo-0/cpu2",
            Quarantine = new Quarantine
            {
                TrialId = "demo/0",
                Update = 7,
                Shard = 3,
                Evidence = "silo-0/cpu2 is outvoted, 2 to 1",
                At = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
            },
        };
    }
}
