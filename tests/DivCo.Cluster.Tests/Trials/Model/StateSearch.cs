namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>What a search found.</summary>
/// <param name="States">Different states that were visited.</param>
/// <param name="Exhausted">Every state within the bounds was visited.</param>
/// <param name="Happenings">What took place on the way.</param>
/// <param name="CounterExample">The moves that lead to a state where an invariant does not hold, and which; null: none was found.</param>
internal sealed record SearchResult(int States, bool Exhausted, IReadOnlySet<Happening> Happenings, string? CounterExample);

/// <summary>Visits the states of a model, each once.</summary>
internal static class StateSearch
{
    /// <summary>All states, nearest first: a counter-example is as short as it can be.</summary>
    /// <param name="visit">Sees every <paramref name="every"/>th state.</param>
    public static SearchResult Breadth(QuorumModel model, int most, int every = 0, Action<ModelState>? visit = null)
    {
        var seen = new HashSet<UInt128>();
        var found = new List<(int Parent, string Move)>();
        var happenings = new HashSet<Happening>();
        var queue = new Queue<(ModelState State, int Index)>();
        var initial = model.Initial();
        seen.Add(ModelHash.Of(initial));
        found.Add((-1, ""));
        queue.Enqueue((initial, 0));
        while (queue.TryDequeue(out var entry))
        {
            if (every > 0 && entry.Index % every == 0)
            {
                visit!(entry.State);
            }

            foreach (var move in model.Moves(entry.State))
            {
                if (model.Apply(entry.State, move) is not { } next || !seen.Add(ModelHash.Of(next)))
                {
                    continue;
                }

                happenings.Add(move.Happening);
                if (next.Violation is not null)
                {
                    return new SearchResult(seen.Count, false, happenings, Trace(found, entry.Index) + Line(entry.State, move) + next.Violation);
                }

                if (seen.Count >= most)
                {
                    return new SearchResult(seen.Count, false, happenings, null);
                }

                found.Add((entry.Index, Line(entry.State, move)));
                queue.Enqueue((next, found.Count - 1));
            }
        }

        return new SearchResult(seen.Count, true, happenings, null);
    }

    /// <summary>
    /// Walks at random, far from the beginning. Every walk has its own taste (some happenings are rare in it, others frequent), or no walk
    /// would ever come through many epochs or many commits. The same seed walks the same way.
    /// </summary>
    /// <param name="end">Sees where each walk ended.</param>
    public static SearchResult Walks(QuorumModel model, int seed, int walks, int length, Action<ModelState>? end = null)
    {
        var random = new Random(seed);
        var seen = new HashSet<UInt128>();
        var happenings = new HashSet<Happening>();
        for (var walk = 0; walk < walks; walk++)
        {
            var taste = Enum.GetValues<Happening>().Select(_ => Math.Exp(4 * random.NextDouble())).ToArray();
            var state = model.Initial();
            var here = ModelHash.Of(state);
            var trace = new List<(ModelState State, Move Move)>();
            for (var tries = 0; tries < 4 * length && trace.Count < length; tries++)
            {
                // Most messages are old; moves that change nothing are no steps.
                var move = Draw(model.Moves(state), taste, random);
                if (model.Apply(state, move) is not { } next || ModelHash.Of(next) is var there && there == here)
                {
                    continue;
                }

                here = there;
                trace.Add((state, move));
                happenings.Add(move.Happening);
                seen.Add(here);
                if (next.Violation is not null)
                {
                    return new SearchResult(seen.Count, false, happenings, string.Concat(trace.Select(step => Line(step.State, step.Move))) + next.Violation);
                }

                state = next;
            }

            end?.Invoke(state);
        }

        return new SearchResult(seen.Count, false, happenings, null);
    }

    private static Move Draw(List<Move> moves, double[] taste, Random random)
    {
        Span<int> counts = stackalloc int[taste.Length];
        foreach (var move in moves)
        {
            counts[(int)move.Happening]++;
        }

        var sum = 0.0;
        for (var happening = 0; happening < taste.Length; happening++)
        {
            sum += counts[happening] > 0 ? taste[happening] : 0;
        }

        var draw = random.NextDouble() * sum;
        var drawn = -1;
        for (var happening = 0; happening < taste.Length && draw >= 0; happening++)
        {
            if (counts[happening] > 0)
            {
                drawn = happening;
                draw -= taste[happening];
            }
        }

        var nth = random.Next(counts[drawn]);
        foreach (var move in moves)
        {
            if ((int)move.Happening == drawn && nth-- == 0)
            {
                return move;
            }
        }

        throw new InvalidOperationException("There is always a move: somebody can look.");
    }

    private static string Line(ModelState state, Move move) => QuorumModel.Describe(state, move) + "\n";

    private static string Trace(List<(int Parent, string Move)> found, int index) =>
        index < 0 ? "" : Trace(found, found[index].Parent) + found[index].Move;
}
