using System.Numerics;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>128 bits that tell states apart. Words for people and times are not part of a state; versions only as far as they matter.</summary>
internal struct ModelHash
{
    private ulong _high;
    private ulong _low;

    public static UInt128 Of(ModelState state)
    {
        var hash = new ModelHash { _high = 0x9E3779B97F4A7C15, _low = 0xC2B2AE3D27D4EB4F };
        hash.Add(state.Record);
        hash.Add(state.Durable, (ulong)state.Leased, (ulong)(state.Crashes | (state.Failures << 8) | (state.Drains << 16) | (state.ActivationFaults << 24)));
        foreach (var activation in state.Activations)
        {
            hash.Add(activation is null ? 0UL : activation.Version == state.Version ? 1UL : 2UL);
            if (activation is not null)
            {
                hash.Add(activation.State);
                for (var i = 0; i < state.Workers.Length; i++)
                {
                    hash.Add((ulong)activation.Incarnations[i]);
                    hash.Add(activation.Reports[i]);
                    hash.Add(activation.Older[i]);
                }
            }
        }

        foreach (var worker in state.Workers)
        {
            hash.Add(worker);
        }

        // A set: the order of sending is of no account.
        ulong messages = 0;
        foreach (var message in state.Messages)
        {
            messages += message.Key;
        }

        hash.Add(messages);
        foreach (var count in state.Contributed)
        {
            hash.Add(count);
        }

        hash.Add((ulong)state.Disputes, (ulong)state.Convicted);
        foreach (var verdict in state.Verdicts)
        {
            hash.Add(verdict is { } found ? (((ulong)(uint)found.Update + 1) << 8) | (uint)found.Outvoted : 0);
        }

        foreach (var started in state.Started)
        {
            hash.Add(started is { } start ? start.Holds + 1 : 0, (ulong)(started?.Updates ?? 0));
        }

        return new UInt128(hash._high, hash._low);
    }

    public static ulong KeyOf(QuorumCommand command)
    {
        var hash = new ModelHash { _high = 1, _low = (ulong)(command switch { Halt => 1, Prepare => 2, Go => 3, _ => 4 }) };
        hash.Add(command.Member);
        hash.Add(command.Epoch);
        hash.Add(command as Prepare);
        return hash._high ^ hash._low;
    }

    private void Add(ulong value)
    {
        _high = BitOperations.RotateLeft((_high ^ value) * 0x9FB21C651E98DF25, 29) + _low;
        _low = BitOperations.RotateLeft((_low + value) * 0xD6E8FEB86659FD93, 31) ^ _high;
    }

    private void Add(ulong first, ulong second)
    {
        Add(first);
        Add(second);
    }

    private void Add(ulong first, ulong second, ulong third)
    {
        Add(first, second);
        Add(third);
    }

    private static ulong Of(QuorumVerdict? verdict) => verdict is null ? 0 : ((ulong)verdict.Epoch << 16) | ((ulong)verdict.Update << 8) | verdict.Outvoted![0];

    private void Add(Device? device) => Add(device is null ? 0UL : ((ulong)device.Id[0] << 8) | device.Incarnation[0]);

    private void Add(IReadOnlyList<Device> devices)
    {
        Add((ulong)devices.Count);
        for (var i = 0; i < devices.Count; i++)
        {
            Add(devices[i]);
        }
    }

    private void Add(QuorumCommit? commit)
    {
        Add(commit is null ? 0 : 1 + commit.Epoch);
        if (commit is not null)
        {
            Add((ulong)commit.Updates, History.OfSha256(commit.Sha256));
        }
    }

    private void Add(QuorumSource? source)
    {
        Add(source?.Member);
        Add(source?.Commit);
    }

    private void Add(Prepare? prepare)
    {
        Add(prepare is null ? 0UL : 1 + (ulong)prepare.Epoch);
        if (prepare is not null)
        {
            Add(prepare.Members);
            Add(prepare.Source);
        }
    }

    private void Add(QuorumState state)
    {
        Add(state.Epoch, (ulong)state.Phase, (ulong)(uint)state.Failures | ((ulong)(state.LeftOut?[0] ?? '-') << 8));
        Add(state.Judged, Of(state.Verdict));
        Add(state.Candidates);
        Add(state.Members);
        Add(state.Source);
    }

    private void Add(QuorumReport? report)
    {
        Add(report is null ? 0UL : 1UL);
        if (report is not null)
        {
            Add(((ulong)report.Promised << 16) | ((ulong)report.Phase << 8) | report.Incarnation[0], ((ulong)(report.LostPeer?[0] ?? '-') << 1) | (report.Leaving ? 1UL : 0));
            Add(report.Commit);
            Add(Of(report.Verdict));
        }
    }

    private void Add(ModelWorker worker)
    {
        Add(worker.Participant.Report);
        Add(worker.Participant.Assignment);
        Add(worker.Holds is { } holds ? holds + 2 : 1, worker.Answered);
        Add(worker.AnsweredCommit);
        Add((ulong)worker.Heard);
        if (worker.Thread is { } thread)
        {
            Add(((ulong)thread.Epoch << 16) | ((ulong)(uint)thread.Members << 8) | (thread.Trains ? 2UL : 0) | (thread.Cancelled ? 1UL : 0));
            Add(((ulong)thread.CommitEpoch << 8) | (uint)thread.Updates, thread.FirstHalf is { } half ? half + 2 : 1);
        }
        else
        {
            Add(0UL);
        }
    }
}
