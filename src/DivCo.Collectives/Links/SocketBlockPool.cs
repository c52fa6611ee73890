using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace DivCo.Collectives.Links;

/// <summary>
/// Kestrel's sockets read into blocks of 4 KiB by default; with blocks of 256 KiB the same gRPC upload is twice as fast. Kestrel makes
/// a pool per I/O queue and disposes it; they all draw on one bounded stock.
/// </summary>
internal sealed class SocketBlockPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    public const int BlockBytes = 256 * 1024;

    private const int MaxKeptBlocks = 256;
    private readonly ConcurrentQueue<byte[]> _free = new();

    public override int MaxBufferSize => BlockBytes;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        return new Block(this, _free.TryDequeue(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true));
    }

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Block(SocketBlockPool pool, byte[] block) : IMemoryOwner<byte>
    {
        private byte[]? _block = block;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(
            _block ?? throw new ObjectDisposedException(nameof(Block)), 0, BlockBytes);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _block, null) is { } block && pool._free.Count < MaxKeptBlocks)
            {
                pool._free.Enqueue(block);
            }
        }
    }
}
