using System.Net;
using DivCo.Cluster.Api.Access;
using DivCo.Cluster.Hosting.Redis;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Protocol;

namespace DivCo.Cluster.Hosting;

/// <summary>Options of one server process, resolved: every port is chosen, every path is absolute.</summary>
internal sealed record ServerOptions
{
    public required ServerRole Role { get; init; }

    /// <summary>Name of the server, the same after a restart; the first part of its devices' ids.</summary>
    public required string Name { get; init; }

    /// <summary>Servers of the same cluster in the same storage belong together.</summary>
    public required string Cluster { get; init; }

    /// <summary>Folder of membership, reminders and grain state, shared by all silos of one machine; not used where <see cref="Redis"/> is.</summary>
    public required string Data { get; init; }

    /// <summary>Membership, reminders and grain state in a Redis; null: in <see cref="Data"/>.</summary>
    public RedisSettings? Redis { get; init; }

    /// <summary>Specs, metrics, checkpoints and pictures: one root for all servers.</summary>
    public required string Results { get; init; }

    public required DeviceSpec Devices { get; init; }

    /// <summary>The address that the API, the exchange and the silo listen on.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>The address at which other servers reach this one.</summary>
    public required IPAddress Advertise { get; init; }

    /// <summary>The address of the admin port.</summary>
    public required IPAddress AdminListen { get; init; }

    public required int ApiPort { get; init; }

    public required int ExchangePort { get; init; }

    public required int AdminPort { get; init; }

    public required int SiloPort { get; init; }

    public required int GatewayPort { get; init; }

    /// <summary>Certificates of everything but the admin port; null: plaintext.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Who is let in to the API; null: everybody who reaches it.</summary>
    public TokenFile? Tokens { get; init; }

    /// <summary>Whether the admin port serves Prometheus' metrics.</summary>
    public bool Metrics { get; init; }

    /// <summary>Written when the server has joined and serves; null: not wanted.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>The process to end with; null: none.</summary>
    public int? ParentPid { get; init; }

    /// <summary>Trials stop after this step, with a checkpoint; null: they do not.</summary>
    public int? StopAfterStep { get; init; }

    /// <summary>Folder of the data sets; null: where the system's packages put them.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Classifiers that were trained to judge images.</summary>
    public string FeatureNets => Path.Combine(Data, "feature-nets");

    public Uri ApiAddress => At(ApiPort);

    public Uri ExchangeAddress => At(ExchangePort);

    public Uri AdminAddress => new($"http://{new IPEndPoint(AdminListen.Equals(IPAddress.Any) ? Advertise : AdminListen, AdminPort)}");

    /// <summary>Others than this machine can reach it, and either what is said is plain or nobody is asked for a token.</summary>
    public bool IsInsecure => !IPAddress.IsLoopback(Listen) && (Tls is null || (Tokens is null && Role != ServerRole.Silo));

    public string FolderOf(string sweep) => Path.Combine(Results, sweep);

    public TrialFolders FoldersOf(TrialId trial) => new(Path.Combine(FolderOf(trial.Sweep), "trials", trial.Index.ToString()));

    private Uri At(int port) => new($"{(Tls is null ? "http" : "https")}://{new IPEndPoint(Advertise, port)}");
}

/// <summary>What a server process is for.</summary>
internal enum ServerRole
{
    /// <summary>A silo that answers the API as well.</summary>
    All,

    /// <summary>Grains, and devices where it has some.</summary>
    Silo,

    /// <summary>The API alone: a client of the silos, that can be ended and multiplied at will.</summary>
    Gateway,
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
