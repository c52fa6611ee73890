using System.Diagnostics;
using System.Globalization;

namespace DivCo.Collectives;

/// <summary>Where in an update a process is ended.</summary>
public enum KillPhase
{
    /// <summary>The rank computed its gradients, and has sent nothing of them.</summary>
    BeforeSend,

    /// <summary>It took the first chunk of a peer's gradients, or of their sum: some ranks may finish the update, others not.</summary>
    AfterFirstChunk,

    /// <summary>It committed the update, and has told nobody.</summary>
    AfterCommit,
}

/// <summary>
/// A kill -9 of this process at one point of one update, where a signal from outside would arrive by chance. No spec can ask for it: it comes
/// from a test, or from the environment of a process.
/// </summary>
public sealed class ScriptedKill
{
    /// <summary>The environment variable, for example <c>device=silo/cpu1,update=7,phase=after_commit</c>.</summary>
    public const string Variable = "DIVCO_FAULT_KILL";

    /// <summary>The gradients' first all-reduce: the ones before it are of statistics and rows.</summary>
    private const int FirstGradientBucket = 2;

    private static readonly Dictionary<string, KillPhase> _phases = new()
    {
        ["before_send"] = KillPhase.BeforeSend,
        ["after_first_chunk"] = KillPhase.AfterFirstChunk,
        ["after_commit"] = KillPhase.AfterCommit,
    };

    private readonly string _text;

    private ScriptedKill(string text) => _text = text;

    public required string Device { get; init; }

    /// <summary>Updates count from 0 through all steps; the task says how many each has.</summary>
    public required long Update { get; init; }

    public required KillPhase Phase { get; init; }

    /// <summary>What ends the process: SIGKILL, except in a test of this class.</summary>
    internal Action End { get; set; } = Process.GetCurrentProcess().Kill;

    /// <exception cref="FormatException">The text is not of the form that <see cref="Variable"/> has.</exception>
    public static ScriptedKill Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = FaultFields.Split(text) ?? [];
        return fields.Count == 3 && fields.TryGetValue("device", out var device)
            && long.TryParse(fields.GetValueOrDefault("update"), NumberStyles.None, CultureInfo.InvariantCulture, out var update)
            && _phases.TryGetValue(fields.GetValueOrDefault("phase", ""), out var phase)
            ? new ScriptedKill(text) { Device = device, Update = update, Phase = phase }
            : throw new FormatException(
                $"{Variable}: '{text}' is not understood; allowed: device=<id>,update=<n>,phase=<{string.Join('|', _phases.Keys)}>.");
    }

    /// <returns>Null where <see cref="Variable"/> is not set.</returns>
    /// <exception cref="FormatException">It is set to something else.</exception>
    public static ScriptedKill? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    /// <summary>Does not return where this is the point.</summary>
    public void Reach(Communicator communicator, long update, KillPhase phase)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        if (phase == Phase && update == Update && communicator.Quorum.Members[communicator.Rank] == Device)
        {
            End();
        }
    }

    public override string ToString() => _text;

    internal void Reach(Communicator communicator, Operation operation, KillPhase phase)
    {
        if (operation.Bucket == FirstGradientBucket)
        {
            Reach(communicator, operation.Update, phase);
        }
    }
}
