using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DivCo.Collectives.Links;

/// <summary>
/// Blocks that one rank fills and peers in other processes of its host read, in memory that belongs to no file: it goes with the last process that maps
/// it. Each block counts its holders, in the shared memory itself; the rank fills those that nobody holds. What a block holds is
/// said by messages, never by the memory: those have the fences of the exchange. It is of one rank and one quorum epoch.
/// </summary>
internal sealed unsafe partial class MappedMemory : SafeHandle
{
    /// <summary>All that an all-reduce of 64 MiB has under way at once, and some.</summary>
    public const int Blocks = 288;

    private const string Name = "divco-exchange";
    private const int Stride = 64, HeaderBytes = ((Blocks + 1) * Stride / 4096 * 4096) + 4096;
    private const nint Bytes64 = HeaderBytes + ((nint)Blocks * Payload.MaxBytes);
    private const int CloseOnExec = 1, AllowSealing = 2, AddSeals = 1033, GetSeals = 1034, SealShrink = 2, ReadWrite = 2, OpenCloseOnExec = 0x80000, ReadAndWrite = 3, Shared = 1;

    private int _file;

    private MappedMemory(int file, nint address)
        : base(0, ownsHandle: true)
    {
        _file = file;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is 0 or -1;

    /// <summary>What a peer opens: this process, the file's number in it, and a number that only the right memory begins with.</summary>
    public (int Process, int File, ulong Nonce) Key => (Environment.ProcessId, _file, *(ulong*)(handle + (Blocks * Stride)));

    /// <returns>Null where the system has no such memory.</returns>
    public static MappedMemory? Create()
    {
        var file = OperatingSystem.IsLinux() ? CreateFile(Name, CloseOnExec | AllowSealing) : -1;
        if (file < 0)
        {
            return null;
        }

        // Sealed, it cannot be cut under those who read it.
        if (Truncate(file, Bytes64) == 0 && Control(file, AddSeals, SealShrink) == 0 && Map(0, Bytes64, ReadAndWrite, Shared, file, 0) is var address && address != -1)
        {
            *(ulong*)(address + (Blocks * Stride)) = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            return new MappedMemory(file, address);
        }

        _ = Close(file);
        return null;
    }

    /// <returns>Null: there is no such memory here. The processes do not see each other, or run as different users.</returns>
    public static MappedMemory? Open(int process, int file, ulong nonce)
    {
        var path = $"/proc/{process}/fd/{file}";
        try
        {
            if (File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName.Contains($"memfd:{Name}", StringComparison.Ordinal) != true)
            {
                return null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var opened = OpenFile(path, ReadWrite | OpenCloseOnExec);
        if (opened < 0)
        {
            return null;
        }

        // The mapping keeps the memory; the file is not needed any more.
        var address = (Control(opened, GetSeals, 0) & SealShrink) != 0 && Seek(opened, 0, 2) == Bytes64 ? Map(0, Bytes64, ReadAndWrite, Shared, opened, 0) : -1;
        _ = Close(opened);
        if (address == -1)
        {
            return null;
        }

        var memory = new MappedMemory(-1, address);
        if (*(ulong*)(address + (Blocks * Stride)) == nonce)
        {
            return memory;
        }

        memory.Dispose();
        return null;
    }

    /// <summary>A payload of the block that nobody holds and that was used last, most likely; null: all are held.</summary>
    public Payload? Rent(int length)
    {
        for (var block = 0; block < Blocks; block++)
        {
            if (Volatile.Read(ref Holders(block)) == 0)
            {
                Volatile.Write(ref Holders(block), 1);
                return Payload.In(this, block, length, isOwn: true);
            }
        }

        return null;
    }

    /// <summary>Counts a peer in, before it is told of the block.</summary>
    public void Hold(int block) => Interlocked.Increment(ref Holders(block));

    public void Release(int block) => Interlocked.Decrement(ref Holders(block));

    /// <summary>Valid as long as the caller holds the memory.</summary>
    public Span<byte> Bytes(int block, int length) => new((void*)(handle + HeaderBytes + ((nint)block * Payload.MaxBytes)), length);

    /// <summary>No more peers open it. Those that did keep it, and so does what is still in use here: it is unmapped when nothing refers to it.</summary>
    public void CloseFile()
    {
        if (Interlocked.Exchange(ref _file, -1) is >= 0 and var file)
        {
            _ = Close(file);
        }
    }

    protected override bool ReleaseHandle()
    {
        CloseFile();
        return Unmap(handle, Bytes64) == 0;
    }

    private ref int Holders(int block) => ref *(int*)(handle + ((nint)block * Stride));

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int file, nint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial nint Seek(int file, nint offset, int whence);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);
}
