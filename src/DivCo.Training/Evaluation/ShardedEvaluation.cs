using DivCo.Collectives;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Evaluations of a trial on its own workers, during one quorum epoch. At a checkpoint every rank copies the weights; after that step and each one that
/// follows, all ranks together make a bounded part of the calls, each its share, and give each other the results, until all are made. The checkpoint is
/// written then, with its figures.
/// </summary>
/// <remarks>
/// A call has the same bits whoever makes it, so figures are the same for any number of workers. Where the quorum breaks on the way, the checkpoint is
/// written without figures.
/// </remarks>
/// <param name="recorder">Rank 0's; null on the others.</param>
internal sealed class ShardedEvaluation(ReplicaEvaluation evaluation, TrainingState state, Communicator communicator, CheckpointRecorder? recorder) : IDisposable
{
    private const int FirstBucket = 1 << 30; // behind all collectives of an update

    private readonly Queue<IReadOnlyList<EvaluationCall>> _parts = [];
    private readonly List<byte[]> _results = [];
    private CheckpointRecorder.Taken? _checkpoint;
    private int _collectives;

    /// <summary>Whether the checkpoint of a step is one that is evaluated.</summary>
    public bool IsDue(int step, bool isLast) => isLast || step % evaluation.Evaluation.Every == 0;

    /// <summary>Begins with the state as it is, which must lie between two steps, when none is under way.</summary>
    public void Begin(IReadOnlyDictionary<string, double> metrics)
    {
        CopyState();
        _checkpoint = recorder?.Take(metrics);
        foreach (var part in EvaluationCall.Parts(evaluation.Calls, evaluation.Evaluation.ImagesPerStep))
        {
            _parts.Enqueue(part);
        }
    }

    /// <summary>Makes the next part, if there is one; at the same step on all ranks.</summary>
    /// <exception cref="PeerLostException">A peer is gone.</exception>
    public void Advance(CancellationToken abort)
    {
        if (_parts.TryDequeue(out var part))
        {
            Compute(part, abort);
        }
    }

    /// <summary>Makes all that is left, at the same step on all ranks.</summary>
    /// <exception cref="PeerLostException">A peer is gone.</exception>
    public void Finish(CancellationToken abort)
    {
        while (_parts.Count > 0)
        {
            Advance(abort);
        }
    }

    /// <summary>Records the state as it is on rank 0, which makes all calls itself, beside the training's thread.</summary>
    /// <exception cref="Checkpoints.CheckpointException">An earlier checkpoint could not be written.</exception>
    public void RecordAlone(IReadOnlyDictionary<string, double> metrics, CancellationToken abort)
    {
        if (recorder is not null)
        {
            CopyState();
            recorder.Record(recorder.Take(metrics), leaving => evaluation.Figures(evaluation.Compute(leaving), leaving), abort);
        }
    }

    /// <summary>Writes the checkpoint of an evaluation that is not at its end, without figures.</summary>
    public void Dispose()
    {
        if (_checkpoint is { } checkpoint)
        {
            _checkpoint = null;
            recorder!.Leave(checkpoint);
        }
    }

    private void CopyState()
    {
        foreach (var (from, to) in state.Task.State.Zip(evaluation.Task.State))
        {
            from.Values.CopyTo(to.Values);
        }
    }

    private void Compute(IReadOnlyList<EvaluationCall> calls, CancellationToken abort)
    {
        using var own = new MemoryStream();
        for (var call = communicator.Rank; call < calls.Count; call += communicator.Size)
        {
            abort.ThrowIfCancellationRequested();
            own.Write(calls[call].Compute(evaluation.Images));
        }

        Take(calls, own.ToArray());
        if (_parts.Count == 0 && _checkpoint is { } checkpoint)
        {
            var results = _results.ToArray();
            _results.Clear();
            _checkpoint = null;
            recorder!.Record(checkpoint, leaving => evaluation.Figures(results, leaving), abort);
        }
    }

    /// <summary>Puts together what all ranks computed; call i is of rank i modulo their number.</summary>
    private void Take(IReadOnlyList<EvaluationCall> calls, byte[] own)
    {
        var operation = new Operation(state.Updates - 1, FirstBucket + _collectives++);
        var records = communicator.GatherRecords(operation, own, rank => OfRank(rank).Sum(call => calls[call].Bytes(evaluation.Shape)));
        var offsets = new int[records.Count];
        for (var call = 0; call < calls.Count && recorder is not null; call++)
        {
            var (rank, bytes) = (call % records.Count, calls[call].Bytes(evaluation.Shape));
            _results.Add(records[rank].AsSpan(offsets[rank], bytes).ToArray());
            offsets[rank] += bytes;
        }

        IEnumerable<int> OfRank(int rank) => Enumerable.Range(0, calls.Count).Where(call => call % communicator.Size == rank);
    }
}
