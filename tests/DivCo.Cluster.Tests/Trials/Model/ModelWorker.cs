using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>One device: the real participant, what its memory really holds, and the thread at work on it. Immutable.</summary>
internal sealed record ModelWorker(int Index, int Incarnation, QuorumParticipant Participant)
{
    private static readonly Device[,] _devices = Devices();

    /// <summary>Null: nothing.</summary>
    public ulong? Holds { get; init; }

    public ModelThread? Thread { get; init; }

    /// <summary>The newest epoch in an answer that anybody may have seen, and the commit in it.</summary>
    public uint Answered { get; init; }

    public QuorumCommit? AnsweredCommit { get; init; }

    /// <summary>Devices that this process heard to be outvoted, one bit each.</summary>
    public int Heard { get; init; }

    public Device Device => DeviceOf(Index, Incarnation);

    public static ModelWorker Fresh(int index, int incarnation)
    {
        var device = DeviceOf(index, incarnation);
        return new ModelWorker(index, incarnation, new QuorumParticipant(device.Id, device.Incarnation));
    }

    public static Device DeviceOf(int index, int incarnation) => _devices[index, incarnation];

    public static int IndexOf(Device device) => device.Id[0] - 'a';

    /// <summary>An answer is out as soon as it can be asked for.</summary>
    public ModelWorker Noted() => Participant.Phase == QuorumMemberPhase.Halted && Participant.Promised > Answered
        ? this with { Answered = Participant.Promised, AnsweredCommit = Participant.Commit }
        : this;

    private static Device[,] Devices()
    {
        var devices = new Device[4, 8];
        for (var index = 0; index < 4; index++)
        {
            for (var incarnation = 0; incarnation < 8; incarnation++)
            {
                devices[index, incarnation] = new Device(
                    $"{(char)('a' + index)}/cpu0", $"{(char)('a' + index)}", "cpu", new Uri("http://127.0.0.1:1"), $"{incarnation}");
            }
        }

        return devices;
    }
}

/// <summary>A device's thread: trains one epoch, or receives a state.</summary>
/// <param name="Members">Of the epoch, one bit each.</param>
/// <param name="CommitEpoch">Of the last commit, with <paramref name="Updates"/>; what follows is the update of that number.</param>
/// <param name="FirstHalf">Of the state that it receives, once it has arrived.</param>
internal sealed record ModelThread(bool Trains, uint Epoch, int Members, uint CommitEpoch, int Updates, ulong? FirstHalf, bool Cancelled);
