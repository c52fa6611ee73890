using DivCo.Protocol.Exchange.V1;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Grpc.Health.V1;

namespace DivCo.EndToEnd.Tests.Fuzz;

/// <summary>A method, and messages that would be right for it.</summary>
internal sealed record Target(string Method, IReadOnlyList<byte[]> Messages)
{
    private const string Trial = "nobody/0";

    /// <summary>Every method of the public API. The spec is complete but for its steps, so that what is nearly right is not trained.</summary>
    public static readonly IReadOnlyList<Target> Api =
    [
        Of("divco.v1.SweepService/Submit", new SubmitRequest { Id = "fuzz", Spec = Spec() }),
        Of("divco.v1.SweepService/Get", new GetSweepRequest { Id = "nobody" }),
        Of("divco.v1.SweepService/List", new ListSweepsRequest { PageSize = 10, PageToken = "a" }),
        Of("divco.v1.SweepService/Watch", new WatchSweepRequest { Id = "nobody", AfterRevision = 7 }),
        Of("divco.v1.SweepService/Stop", new StopRequest { Id = Trial }),
        Of("divco.v1.SweepService/Resume", new ResumeRequest { Id = Trial }),
        Of("divco.v1.CheckpointService/List", new ListCheckpointsRequest { TrialId = Trial }),
        Of("divco.v1.CheckpointService/Download", new DownloadCheckpointRequest { TrialId = Trial, Name = "step-000200-e1" }),
        Of("divco.v1.CheckpointService/ListSamples", new ListSamplesRequest { TrialId = Trial }),
        Of("divco.v1.CheckpointService/DownloadSample", new DownloadSampleRequest { TrialId = Trial, Name = "../../spec.yaml" }),
        Of("divco.v1.ClusterService/ListDevices", new ListDevicesRequest()),
        Of("divco.v1.ClusterService/ClearDevice", new ClearDeviceRequest { Id = "north/cpu0" }),
        Of("grpc.health.v1.Health/Check", new HealthCheckRequest { Service = "ready" }),
        Of("divco.v1.SweepService/Erase", new GetSweepRequest { Id = "nobody" }),
    ];

    public static readonly IReadOnlyList<Target> Exchange =
    [
        Of("divco.exchange.v1.GradientExchange/Exchange", Hello(1), Contribution()),
        Of("divco.exchange.v1.GradientExchange/Exchange", Contribution(), Hello(0)),
        Of("divco.exchange.v1.StateExchange/Fetch", new FetchStateRequest { TrialId = Trial, Epoch = 3, Source = "north/cpu0" }),
    ];

    private static Target Of(string method, params IMessage[] messages) => new("/" + method, [.. messages.Select(message => message.ToByteArray())]);

    private static ExchangeMessage Hello(int from) => new() { Kind = MessageKind.Hello, TrialId = Trial, Epoch = 1, QuorumHash = 0xfeed, FromRank = from, ToRank = 1 - from };

    private static ExchangeMessage Contribution() => new()
    {
        Kind = MessageKind.Contribution,
        Epoch = 1,
        QuorumHash = 0xfeed,
        NodeSize = 1,
        ElementType = ElementType.Float32,
        Payload = ByteString.CopyFrom(new byte[256]),
    };

    private static SweepSpec Spec() => new()
    {
        Name = "fuzz",
        Seed = 42,
        Method = "random",
        Metric = new Metric { Name = "diversity", Goal = "maximize" },
        Parameters =
        {
            ["tau"] = new ParameterSpec { Values = { Google.Protobuf.WellKnownTypes.Value.ForNumber(0.5) } },
            ["lambda_contra"] = new ParameterSpec { Distribution = "log_uniform", Min = 0.1, Max = 10 },
        },
        Limits = new Limits { MaxTrials = 2, MaxConcurrent = 1 },
        Resources = new Resources { Workers = 2 },
        Trial = new TrialSpec
        {
            Task = "class_conditional",
            Objective = "divco",
            Dataset = new DatasetSpec { Name = "modes" },
            Model = new ModelSpec { Width = 4, ImageSize = 32 },
            BatchSize = 8,
            Negatives = 4,
            Steps = 0,
            Shards = new ShardsSpec { Data = 4 },
        },
    };
}
