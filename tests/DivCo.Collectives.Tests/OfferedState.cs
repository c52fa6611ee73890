using System.Security.Cryptography;

namespace DivCo.Collectives.Tests;

/// <summary>A state of any length that needs no memory: one odd-sized random block, over and over. Counts what it wrote.</summary>
internal sealed class OfferedState
{
    public const string Source = "silo/cpu000";
    public const string Trial = "sweep/0";

    private readonly byte[] _block = new byte[(1 << 20) + 13];
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;
    private int _writers;

    public OfferedState(long bytes)
    {
        Bytes = bytes;
        new Random(1).NextBytes(_block);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Each(hash.AppendData);
        Sha256 = Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public long Bytes { get; }

    public string Sha256 { get; }

    public StateOffer Offer => new(Source, Bytes, Updates: 7, Sha256, Write);

    /// <summary>Bytes written by all transfers.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Transfers that read the state right now.</summary>
    public int Writers => Volatile.Read(ref _writers);

    /// <summary>How the first transfer to end ended; null if it wrote all.</summary>
    public Task<Exception?> Ended => _ended.Task;

    private void Write(Stream stream)
    {
        Interlocked.Increment(ref _writers);
        try
        {
            Each(piece =>
            {
                stream.Write(piece);
                Interlocked.Add(ref _written, piece.Length);
            });
            _ended.TrySetResult(null);
        }
        catch (Exception exception)
        {
            _ended.TrySetResult(exception);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _writers);
        }
    }

    private void Each(Action<ReadOnlySpan<byte>> take)
    {
        for (long written = 0, length; written < Bytes; written += length)
        {
            length = Math.Min(_block.Length, Bytes - written);
            take(_block.AsSpan(0, (int)length));
        }
    }
}
