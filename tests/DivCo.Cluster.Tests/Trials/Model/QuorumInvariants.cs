namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>What must hold in every state that can be reached.</summary>
internal static class QuorumInvariants
{
    /// <summary>A worker that promised to a newer epoch commits nothing of an older one.</summary>
    public static void CheckCommit(ModelState state, ModelWorker worker, ModelThread thread)
    {
        if (thread.Epoch < worker.Answered)
        {
            state.Violation ??= $"{worker.Device.Id} commits update {thread.Updates} of epoch {thread.Epoch} after it answered for epoch {worker.Answered}";
        }
    }

    public static void CheckStart(ModelState state, ModelWorker worker, uint epoch, int members, ModelOptions options)
    {
        var who = $"{worker.Device.Id} starts epoch {epoch}";
        var holds = worker.Holds!.Value;
        var commit = worker.Participant.Commit!;

        // 0. No device has a part in it that was outvoted, as the record says or a member had heard.
        var outvoted = state.Workers.Where(member => (members & (1 << member.Index)) != 0).Aggregate(state.Convicted, (all, member) => all | member.Heard);
        if ((members & outvoted) != 0)
        {
            state.Violation ??= $"{who} on {members:b}, of which {members & outvoted:b} were outvoted";
        }

        // 1. No sample is lost or used twice, nothing is torn, and what it holds is what it says.
        if (!History.IsWhole(holds, commit.Updates))
        {
            state.Violation ??= $"{who} at {commit} with the history {History.Sha256(holds)}, which is not every update once";
            return;
        }

        // 2. All members start from the same state, and agree on who they are.
        var started = epoch < state.Started.Length ? state.Started[epoch] : null;
        if (started is { } first)
        {
            if (first != (holds, (int)commit.Updates, members))
            {
                state.Violation ??= $"{who} at update {commit.Updates} with {History.Sha256(holds)} on {members:b}, another member started it at "
                    + $"update {first.Updates} with {History.Sha256(first.Holds)} on {first.Members:b}";
            }

            return;
        }

        // 3. Nothing is behind what a member answered: no update that a survivor committed is lost.
        foreach (var member in state.Workers)
        {
            if ((members & (1 << member.Index)) != 0 && member.Answered == epoch && member.AnsweredCommit is { } answered && answered.IsAheadOf(commit))
            {
                state.Violation ??= $"{who} at {commit}, but {member.Device.Id} had answered that it holds {answered}";
            }
        }

        // 4. What is durable stays part of the one history.
        if (!History.IsBeginningOf(state.Durable, holds))
        {
            state.Violation ??= $"{who} with {History.Sha256(holds)}, which does not continue the durable checkpoint {History.Sha256(state.Durable)}";
        }

        // 5. Of two epochs only one makes progress that survives: the commits of each epoch follow what that epoch started from.
        if (options.BitsDependOnEpoch && !IsOneLine(state, holds))
        {
            state.Violation ??= $"{who} with {History.Sha256(holds)}, in which the commits of an epoch do not follow what it started from";
        }

        var next = new (ulong, int, int)?[Math.Max(state.Started.Length, (int)epoch + 1)];
        state.Started.CopyTo(next, 0);
        next[epoch] = (holds, (int)commit.Updates, members);
        state.Started = next;
    }

    private static bool IsOneLine(ModelState state, ulong history)
    {
        while (history != 0)
        {
            var epoch = history & 15;
            while (history != 0 && (history & 15) == epoch)
            {
                history >>= 8;
            }

            // Epoch 1 began before the search.
            if (epoch > 1 && state.Started[epoch]?.Holds != history)
            {
                return false;
            }
        }

        return true;
    }
}
