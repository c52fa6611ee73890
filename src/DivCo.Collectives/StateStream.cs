using System.Buffers;
using System.IO.Pipelines;

namespace DivCo.Collectives;

/// <summary>
/// The state of another worker on its way here; reading blocks until more of it has come. For one thread. It ends after exactly
/// <see cref="Bytes"/> bytes; none of them is checked here.
/// </summary>
/// <remarks>Reading throws <see cref="PeerLostException"/> where the source is gone or silent, and <see cref="OperationCanceledException"/> where the abort was asked for.</remarks>
public sealed class StateStream : Stream
{
    private readonly PipeReader _content;
    private readonly Func<Exception, Exception> _describe;
    private readonly TimeSpan _patience;
    private readonly CancellationToken _abort;
    private readonly Action _close;
    private long _read;

    /// <param name="patience">How long one piece may take to come.</param>
    /// <param name="describe">From what ended the transfer to what the reader is told.</param>
    /// <param name="close">Called once, when it is disposed of.</param>
    internal StateStream(
        long bytes, long updates, string sha256, PipeReader content, TimeSpan patience, Func<Exception, Exception> describe, Action close, CancellationToken abort)
    {
        (Bytes, Updates, Sha256) = (bytes, updates, sha256);
        (_content, _patience, _describe, _close, _abort) = (content, patience, describe, close, abort);
    }

    /// <summary>Of the whole state, as announced by the source.</summary>
    public long Bytes { get; }

    /// <summary>Updates committed in the state, as announced by the source.</summary>
    public long Updates { get; }

    /// <summary>Of the state, as announced by the source.</summary>
    public string Sha256 { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => Bytes;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            var result = Next();
            var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
            if (_read + result.Buffer.Length > Bytes || (count == 0 && _read < Bytes))
            {
                throw new InvalidDataException($"it sent {_read + result.Buffer.Length} bytes of a state of {Bytes}");
            }

            result.Buffer.Slice(0, count).CopyTo(buffer);
            _content.AdvanceTo(result.Buffer.GetPosition(count));
            _read += count;
            return count;
        }
        catch (Exception exception)
        {
            throw _abort.IsCancellationRequested ? new OperationCanceledException(_abort) : _describe(exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Complete();
            _close();
        }

        base.Dispose(disposing);
    }

    private ReadResult Next()
    {
        var next = _content.ReadAsync(_abort).AsTask();
        return Task.WaitAny([next], _patience) == 0
            ? next.GetAwaiter().GetResult()
            : throw new TimeoutException($"it sent nothing for {_patience.TotalSeconds:0.###} s");
    }
}
