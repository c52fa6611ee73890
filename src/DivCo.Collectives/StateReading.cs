using System.IO.Pipelines;

namespace DivCo.Collectives;

/// <summary>
/// One transfer of an offered state: a thread of its own writes it into a bounded pipe, and waits there for whoever reads. The thread
/// leaves the state as soon as the transfer is cancelled or its reader goes away.
/// </summary>
#pragma warning disable CA1001 // Its sources and its event hold nothing: no timer and no wait handle is ever asked of them, and three threads may be the last.
internal sealed class StateReading
#pragma warning restore CA1001
{
    private const int PauseBytes = 4 << 20;
    private const int BlockBytes = 256 << 10;

    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, minimumSegmentSize: BlockBytes, useSynchronizationContext: false));

    private readonly CancellationTokenSource _cancel = new();
    private readonly ManualResetEventSlim _left = new();
    private readonly TimeSpan _stallTimeout;
    private readonly Action<StateReading> _closed;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _failed = new();
    private Exception? _reason;

    /// <param name="stallTimeout">How long the reader may take nothing.</param>
    /// <param name="closed">Called when the thread has left the state.</param>
    public StateReading(StateOffer offer, TimeSpan stallTimeout, Action<StateReading> closed)
    {
        (Offer, _stallTimeout, _closed) = (offer, stallTimeout, closed);
        _thread = new Thread(Write) { Name = $"state of {offer.Source}", IsBackground = true };
    }

    public StateOffer Offer { get; }

    /// <summary>The state's bytes. Reading throws the reason if the transfer was cancelled. Its completion ends the transfer.</summary>
    public PipeReader Content => _pipe.Reader;

    /// <summary>Why the state will not come whole.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Cancelled when the state will not come whole.</summary>
    public CancellationToken Failed => _failed.Token;

    public void Start() => _thread.Start();

    public void Cancel(Exception reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _cancel.Cancel();
    }

    /// <summary>Waits until the thread has left the state.</summary>
    public bool HasLeft(TimeSpan patience) => _left.Wait(patience);

    private void Write()
    {
        try
        {
            using var stream = new BlockingPipeStream(_pipe.Writer, _stallTimeout, _cancel.Token);
            Offer.Write(stream);
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the reader and must not end the process from this thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failure = _reason ?? exception;
        }

        _closed(this);
        _left.Set();
        _pipe.Writer.Complete(Failure);
        if (Failure is not null)
        {
            _failed.Cancel();
        }
    }
}
