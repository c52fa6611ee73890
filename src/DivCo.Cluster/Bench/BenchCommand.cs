using System.CommandLine;

namespace DivCo.Cluster.Bench;

/// <summary><c>divco-server bench</c>: figures of this machine, each with its reference from the same run.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure this machine; each command prints one JSON object.")
    {
        AllReduceCommand.Create(), RankCommand.Create(), BareCommand.Create(), CheckpointCommand.Create(),
    };
}
