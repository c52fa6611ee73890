using System.Net;
using DivCo.Protocol;

namespace DivCo.Cluster.Hosting;

/// <summary>Options of one server process, resolved: every port is chosen, every path is absolute.</summary>
internal sealed record ServerOptions
{
    /// <summary>Name of the silo, the same after a restart; the first part of its devices' ids.</summary>
    public required string Name { get; init; }

    /// <summary>Membership, reminders and grain state: shared by all silos of the cluster.</summary>
    public required string Data { get; init; }

    /// <summary>Specs, metrics, checkpoints and pictures: one root for all silos.</summary>
    public required string Results { get; init; }

    public required DeviceSpec Devices { get; init; }

    /// <summary>The one address of this machine at which all ports are.</summary>
    public required IPAddress Listen { get; init; }

    public required int ApiPort { get; init; }

    public required int ExchangePort { get; init; }

    public required int AdminPort { get; init; }

    public required int SiloPort { get; init; }

    public required int GatewayPort { get; init; }

    /// <summary>Written when the server has joined and serves; null: not wanted.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>The process to end with; null: none.</summary>
    public int? ParentPid { get; init; }

    /// <summary>Folder of the data sets; null: where the system's packages put them.</summary>
    public string? DataRoot { get; init; }

    public Uri ApiAddress => At(ApiPort);

    public Uri ExchangeAddress => At(ExchangePort);

    public Uri AdminAddress => At(AdminPort);

    /// <summary>Others than this machine can reach it, and what they say and hear is plain.</summary>
    public bool IsInsecure => !IPAddress.IsLoopback(Listen);

    public string FolderOf(string sweep) => Path.Combine(Results, sweep);

    public TrialFolders FoldersOf(TrialId trial) => new(Path.Combine(FolderOf(trial.Sweep), "trials", trial.Index.ToString()));

    private Uri At(int port) => new($"http://{new IPEndPoint(Listen, port)}");
}

/// <summary>Devices of a silo, such as cpu:2.</summary>
internal readonly record struct DeviceSpec(string Kind, int Count);

/// <summary>Where a trial's files are.</summary>
internal readonly record struct TrialFolders(string Root)
{
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    public string Samples => Path.Combine(Root, "samples");

    /// <summary>Which data the trial trains on.</summary>
    public string Dataset => Path.Combine(Root, "dataset.json");

    public string Metrics => Path.Combine(Root, "metrics.jsonl");
}
