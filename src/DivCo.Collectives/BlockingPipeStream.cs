using System.IO.Pipelines;

namespace DivCo.Collectives;

/// <summary>The writing end of a pipe for a thread that may block: in small blocks, so that the bound of the pipe holds for spans of any length.</summary>
/// <param name="stallTimeout">How long one block may wait for room.</param>
internal sealed class BlockingPipeStream(PipeWriter pipe, TimeSpan stallTimeout, CancellationToken cancel) : Stream
{
    private const int BlockBytes = 256 << 10;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="TimeoutException">The reader took nothing for too long.</exception>
    /// <exception cref="IOException">The reader has gone.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            cancel.ThrowIfCancellationRequested();
            var block = buffer[..Math.Min(BlockBytes, buffer.Length)];
            block.CopyTo(pipe.GetSpan(block.Length));
            pipe.Advance(block.Length);
            if (Wait(pipe.FlushAsync(cancel)).IsCompleted)
            {
                throw new IOException("the receiver has gone");
            }

            buffer = buffer[block.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private FlushResult Wait(ValueTask<FlushResult> pending)
    {
        var flush = pending.AsTask();
        return Task.WaitAny([flush], stallTimeout) == 0
            ? flush.GetAwaiter().GetResult()
            : throw new TimeoutException($"the receiver took nothing for {stallTimeout.TotalSeconds:0.#} s");
    }
}
