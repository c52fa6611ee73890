namespace DivCo.Cluster.Trials;

/// <summary>
/// The worker's side of the elastic quorum for one trial: what it promised, what it holds, and what its device's thread is to do.
/// Pure; the session calls it under its lock and carries out the deed. Lives as long as the process: a restarted one begins anew.
/// </summary>
internal sealed record QuorumParticipant(string DeviceId, string Incarnation)
{
    /// <summary>Nothing of an older epoch is committed after the answer that names this one.</summary>
    public uint Promised { get; init; }

    public QuorumMemberPhase Phase { get; init; }

    /// <summary>What the worker held when its thread last left; null: nothing.</summary>
    public QuorumCommit? Commit { get; init; }

    /// <summary>What it was last told to prepare for.</summary>
    public Prepare? Assignment { get; init; }

    /// <summary>The silo drains.</summary>
    public bool Leaving { get; init; }

    public string? LostPeer { get; init; }

    /// <summary>What an audit found in the epoch that it last trained.</summary>
    public QuorumVerdict? Verdict { get; init; }

    public string Reason { get; init; } = "idle";

    public QuorumReport Report => new(Incarnation, Promised, Phase, Commit, Leaving, LostPeer, Reason) { Verdict = Verdict };

    /// <summary>A thread works on the device: train or receive.</summary>
    public bool HasThread => Phase is QuorumMemberPhase.Running or QuorumMemberPhase.Halting or QuorumMemberPhase.Syncing;

    /// <summary>True while this worker may be read as the source of an epoch: it stands still from its answer until it is told to go.</summary>
    public bool MaySend(uint epoch) => Phase == QuorumMemberPhase.Ready && Promised == epoch && Assignment?.Source.Member?.Id == DeviceId;

    /// <summary>True where a state received into the second buffer is the one that was announced: only then the buffers are swapped.</summary>
    public bool Accepts(string sha256) =>
        Phase == QuorumMemberPhase.Syncing && (Assignment!.Source.Commit.Sha256 is "" || Assignment.Source.Commit.Sha256 == sha256);

    /// <summary>Takes a command. One that comes again, late, or from an older epoch changes nothing.</summary>
    public QuorumStep Take(QuorumCommand command)
    {
        if (command.Member.Id != DeviceId || command.Member.Incarnation != Incarnation)
        {
            return Refuse($"{command.GetType().Name} of epoch {command.Epoch} was meant for another process of {command.Member.Id}");
        }

        if (command.Epoch < Promised)
        {
            return Refuse($"{command.GetType().Name} of epoch {command.Epoch} is refused: promised to epoch {Promised}");
        }

        return command switch
        {
            Halt halt => TakeHalt(halt),
            _ when command.Epoch > Promised => Refuse($"{command.GetType().Name} of epoch {command.Epoch} came before its Halt"),
            Prepare prepare => TakePrepare(prepare),
            Go when Phase == QuorumMemberPhase.Ready && Assignment is { Rank: >= 0 } =>
                new(this with { Phase = QuorumMemberPhase.Running, Reason = $"trains from {Commit}" }, QuorumDeed.Train),
            RequestStop when Phase == QuorumMemberPhase.Running => new(this, QuorumDeed.Stop),
            _ => new(this, QuorumDeed.None),
        };
    }

    /// <summary>The device's thread has left, by itself or because it was cancelled.</summary>
    /// <param name="held">The commit that it holds now; passed over where it failed.</param>
    /// <exception cref="InvalidOperationException">No thread was at work.</exception>
    public QuorumParticipant Left(QuorumExit how, QuorumCommit? held, string reason, string? lostPeer = null, QuorumVerdict? verdict = null)
    {
        if (!HasThread)
        {
            throw new InvalidOperationException($"The thread of {DeviceId} left ({how}), but none was at work in phase {Phase}.");
        }

        var phase = (Phase, how) switch
        {
            (QuorumMemberPhase.Halting, _) => QuorumMemberPhase.Halted,
            (_, QuorumExit.Failed) => QuorumMemberPhase.Failed,
            (QuorumMemberPhase.Syncing, QuorumExit.Received) => QuorumMemberPhase.Ready,
            (QuorumMemberPhase.Running, QuorumExit.Completed) => QuorumMemberPhase.Completed,
            (QuorumMemberPhase.Running, QuorumExit.Stopped) => QuorumMemberPhase.Stopped,
            (QuorumMemberPhase.Running, QuorumExit.AuditFailed) => QuorumMemberPhase.AuditFailed,
            _ => QuorumMemberPhase.PeerLost,
        };
        return this with
        {
            Phase = phase,
            Commit = how == QuorumExit.Failed ? null : held,
            LostPeer = phase == QuorumMemberPhase.PeerLost ? lostPeer : null,
            Verdict = verdict,
            Reason = reason,
        };
    }

    private QuorumStep TakeHalt(Halt halt)
    {
        if (halt.Epoch == Promised)
        {
            return new(this, QuorumDeed.None);
        }

        // What a thread holds changes until it has left, so only the thread's own leaving is the answer.
        return HasThread
            ? new(this with { Promised = halt.Epoch, Phase = QuorumMemberPhase.Halting, Reason = $"halts for epoch {halt.Epoch}" }, QuorumDeed.Cancel)
            : new(this with { Promised = halt.Epoch, Phase = QuorumMemberPhase.Halted, LostPeer = null, Reason = $"halted for epoch {halt.Epoch}" }, QuorumDeed.None);
    }

    private QuorumStep TakePrepare(Prepare prepare)
    {
        if (Phase != QuorumMemberPhase.Halted)
        {
            return Phase == QuorumMemberPhase.Halting ? Refuse($"Prepare of epoch {prepare.Epoch} came before the thread left") : new(this, QuorumDeed.None);
        }

        var source = prepare.Source;
        if (source.Member?.Id == DeviceId && source.Commit != Commit)
        {
            return Refuse($"cannot be the source of {source.Commit}: it holds {Commit?.ToString() ?? "nothing"}");
        }

        // The same bits need no copy, whichever epoch they were committed in.
        var holds = Commit is not null && Commit.Sha256 == source.Commit.Sha256;
        var next = this with { Assignment = prepare, Commit = holds ? source.Commit : Commit, Verdict = null };
        return holds
            ? new(next with { Phase = QuorumMemberPhase.Ready, Reason = $"holds {source.Commit}" }, QuorumDeed.None)
            : new(next with { Phase = QuorumMemberPhase.Syncing, Reason = $"receives {source}" }, source.Member is null ? QuorumDeed.Load : QuorumDeed.Receive);
    }

    private QuorumStep Refuse(string reason) => new(this, QuorumDeed.None, reason);
}
