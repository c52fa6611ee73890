using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>
/// The one sequence of bytes that a training state is: the count of updates (8 bytes, little-endian), then a safetensors file of all weights,
/// running statistics and moments in ordinal order of their names. It holds nothing of who trained it, where, or when. Pieces of it go from
/// and into the tensors' own memory, so no second copy is made to send or to hash it.
/// </summary>
internal sealed class CanonicalState
{
    private const int PieceLength = (1 << 20) / sizeof(float);

    private readonly (string Name, FlatTensors Tensors, int Index)[] _entries;

    /// <summary>The safetensors header and its length before it: names and shapes, which are the same for all states of a trial.</summary>
    private readonly byte[] _header;

    /// <param name="tensors">All tensors of the state, with what is added to the names of each group.</param>
    public CanonicalState(IEnumerable<(FlatTensors Tensors, string Suffix)> tensors)
    {
        _entries =
        [
            .. tensors
                .SelectMany(group => group.Tensors.Layout.Tensors.Select((tensor, index) => (Name: tensor.Name + group.Suffix, group.Tensors, index)))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal),
        ];
        var json = SafetensorsHeader.Encode(_entries.Select(entry => new SafetensorsHeader.Entry(entry.Name, ShapeOf(entry), LengthOf(entry))));
        var prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)json.Length);
        _header = [.. prefix, .. json];
        Bytes = sizeof(long) + _header.Length + _entries.Sum(entry => (long)LengthOf(entry) * sizeof(float));
    }

    /// <summary>Length of the sequence; the same for all states of a trial.</summary>
    public long Bytes { get; }

    /// <summary>Hands the sequence over in pieces of at most 1 MiB. Nobody may change the state meanwhile.</summary>
    public void Write(long updates, Action<ReadOnlySpan<byte>> take)
    {
        var count = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(count, updates);
        take(count);
        take(_header);
        foreach (var entry in _entries)
        {
            for (ReadOnlySpan<float> rest = entry.Tensors.ValuesOf(entry.Index); !rest.IsEmpty; rest = rest[Math.Min(PieceLength, rest.Length)..])
            {
                take(MemoryMarshal.AsBytes(rest[..Math.Min(PieceLength, rest.Length)]));
            }
        }
    }

    /// <summary>SHA-256 of the sequence, in lower-case hexadecimal digits.</summary>
    public string Sha256(long updates)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Write(updates, hash.AppendData);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Takes the sequence in pieces and checks every byte of it; the state itself stays as it is.</summary>
    /// <param name="fill">Fills a span of at most 1 MiB with what comes next, or throws.</param>
    /// <returns>The values of each tensor, for <see cref="Assign"/>.</returns>
    /// <exception cref="InvalidDataException">It is the state of other networks, of another update, or has another SHA-256.</exception>
    public float[][] Read(FillSpan fill, long updates, string sha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var start = new byte[sizeof(long) + _header.Length];
        Fill(start);
        if (BinaryPrimitives.ReadInt64LittleEndian(start) is var found && found != updates)
        {
            throw new InvalidDataException($"The state is of update {found}, not of update {updates} as was announced.");
        }

        CheckHeader(start.AsSpan(sizeof(long)));
        var values = Array.ConvertAll(_entries, entry => GC.AllocateUninitializedArray<float>(LengthOf(entry)));
        foreach (var tensor in values)
        {
            Fill(MemoryMarshal.AsBytes(tensor.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash()) is var actual && actual == sha256
            ? values
            : throw new InvalidDataException($"The state has SHA-256 {actual}, not {sha256} as was announced: it was damaged on its way, or changed while it was sent.");

        void Fill(Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                var piece = destination[..Math.Min(PieceLength * sizeof(float), destination.Length)];
                fill(piece);
                hash.AppendData(piece);
                destination = destination[piece.Length..];
            }
        }
    }

    /// <summary>The values of each tensor from records, for <see cref="Assign"/>.</summary>
    /// <exception cref="InvalidDataException">A record is missing, has another shape, or belongs to no tensor.</exception>
    public ReadOnlyMemory<float>[] Match(IEnumerable<TensorRecord> records)
    {
        var byName = records.ToDictionary(record => record.Name);
        var values = Array.ConvertAll(_entries, entry =>
        {
            var record = byName.GetValueOrDefault(entry.Name);
            if (record is null || !record.Shape.SequenceEqual(ShapeOf(entry)) || record.Values.Length != LengthOf(entry))
            {
                var found = record is null ? "no such tensor" : $"shape [{string.Join(", ", record.Shape)}]";
                throw new InvalidDataException($"{entry.Name}: the checkpoint has {found}; the trial needs shape [{string.Join(", ", ShapeOf(entry))}].");
            }

            return record.Values;
        });
        return byName.Count == values.Length
            ? values
            : throw new InvalidDataException($"{byName.Keys.Except(_entries.Select(entry => entry.Name)).First()}: the checkpoint has this tensor, but the trial does not.");
    }

    /// <summary>Copies the values of each tensor into the state. All were checked before; nothing in here can fail half-way.</summary>
    public void Assign(ReadOnlySpan<ReadOnlyMemory<float>> values)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            values[i].Span.CopyTo(_entries[i].Tensors.ValuesOf(_entries[i].Index));
        }
    }

    private static long[] ShapeOf((string Name, FlatTensors Tensors, int Index) entry) => entry.Tensors.Layout.Tensors[entry.Index].Shape;

    private static int LengthOf((string Name, FlatTensors Tensors, int Index) entry) => entry.Tensors.Layout.Tensors[entry.Index].Length;

    private void CheckHeader(ReadOnlySpan<byte> found)
    {
        var same = found.CommonPrefixLength(_header);
        if (same < _header.Length)
        {
            throw new InvalidDataException($"The state is of other networks: its header has \"{Excerpt(found)}\" where this trial's has \"{Excerpt(_header)}\".");
        }

        string Excerpt(ReadOnlySpan<byte> header)
        {
            var begin = Math.Max(0, Math.Max(sizeof(ulong), same) - 60);
            var text = Encoding.ASCII.GetString(header.Slice(begin, Math.Min(120, header.Length - begin)));
            return new string([.. text.Select(c => char.IsControl(c) ? '?' : c)]);
        }
    }

    /// <summary>Fills all of a span.</summary>
    public delegate void FillSpan(Span<byte> destination);
}
