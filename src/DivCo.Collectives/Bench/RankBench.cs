using System.Diagnostics;

namespace DivCo.Collectives.Bench;

/// <summary>
/// All-reduces of the ranks that one process holds of a quorum, timed one by one and each checked against an independent computation, bit by bit.
/// </summary>
public sealed class RankBench : IDisposable
{
    private readonly BenchLeaves _leaves;
    private readonly Held[] _ranks;
    private int _operations;

    /// <param name="first">The first rank held here.</param>
    /// <param name="count">How many, in order.</param>
    /// <param name="length">Elements of a buffer, float32.</param>
    public RankBench(ExchangeHub hub, Quorum quorum, int first, int count, int length)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(quorum);
        _leaves = new BenchLeaves(quorum.Size, length);
        _ranks = [.. Enumerable.Range(first, count).Select(rank => new Held(hub.Join(quorum, rank, ExchangeTimeouts.Default, default), length))];
    }

    /// <summary>Makes some all-reduces, each after a meeting of all ranks that is not timed; all processes of the quorum ask for as many.</summary>
    /// <returns>Of each operation the seconds of the slowest rank here.</returns>
    /// <exception cref="InvalidOperationException">A result is wrong; says where.</exception>
    /// <exception cref="PeerLostException">Another process is gone.</exception>
    public RankRound AllReduce(int operations)
    {
        var seconds = new double[_ranks.Length, operations];
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        RunAll((held, index) =>
        {
            for (var i = 0; i < operations; i++)
            {
                seconds[index, i] = held.AllReduce(_leaves, _operations + i);
            }
        });
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        _operations += operations;
        return new RankRound([.. Enumerable.Range(0, operations).Select(i => Enumerable.Range(0, _ranks.Length).Max(rank => seconds[rank, i]))], allocated);
    }

    public void Dispose() => RunAll((held, _) => held.Communicator.Dispose());

    /// <summary>A thread for each rank, as devices have; the first failure is told.</summary>
    private void RunAll(Action<Held, int> body)
    {
        var failures = new Exception?[_ranks.Length];
        var threads = _ranks.Select((held, index) => new Thread(() =>
        {
            try
            {
                body(held, index);
            }
            catch (Exception failure)
            {
                failures[index] = failure;
                held.Communicator.Dispose();
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failures.FirstOrDefault(failure => failure is not null) is { } first)
        {
            throw new InvalidOperationException(first.Message, first);
        }
    }

    private sealed class Held(Communicator communicator, int length)
    {
        private readonly float[] _leaf = BenchLeaves.Of(communicator.Rank, length);
        private readonly float[] _result = GC.AllocateUninitializedArray<float>(length, pinned: true);
        private readonly ShardStack<float> _stack = new(length);
        private readonly ShardStack<double> _meeting = new(1);
        private readonly double[] _met = new double[1];

        public Communicator Communicator => communicator;

        public double AllReduce(BenchLeaves leaves, int operation)
        {
            _stack.Clear();
            var buffer = _stack.Rent();
            BenchLeaves.Turn(_leaf, operation, buffer);
            _stack.Push(communicator.Rank, buffer);
            Meet(operation);
            var began = Stopwatch.GetTimestamp();
            communicator.AllReduce<float>(new Operation(operation, 1), _stack, communicator.Size, _result);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            return leaves.IsSum(_result, operation)
                ? seconds
                : throw new InvalidOperationException($"the sum of operation {operation} is wrong on rank {communicator.Rank} of {communicator.Size}");
        }

        private void Meet(int operation)
        {
            _meeting.Clear();
            var one = _meeting.Rent();
            one[0] = 1;
            _meeting.Push(communicator.Rank, one);
            communicator.AllReduce<double>(new Operation(operation, 0), _meeting, communicator.Size, _met);
        }
    }
}
