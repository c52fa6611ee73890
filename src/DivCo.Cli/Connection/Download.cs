using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Connection;

internal sealed record DownloadedFile(string Path, long Bytes, string Sha256);

/// <summary>Receives files: each appears under its name only when size and SHA-256 are right. What exists is never overwritten.</summary>
internal static class Download
{
    private const int MaxFiles = 100;

    /// <summary>All files of the stream as a new folder, which appears when all are complete.</summary>
    public static async Task<IReadOnlyList<DownloadedFile>> FolderAsync(
        IAsyncStreamReader<FileChunk> chunks, string parent, string name, CancellationToken cancel)
    {
        var target = Path.Combine(Path.GetFullPath(parent), Checked(name));
        RefuseExisting(target);
        Directory.CreateDirectory(Path.GetFullPath(parent));
        var partial = $"{target}.partial-{Guid.NewGuid():N}";
        Directory.CreateDirectory(partial);
        try
        {
            var files = await ReceiveAsync(chunks, partial, cancel);
            Directory.Move(partial, target);
            return [.. files.Select(file => file with { Path = Path.Combine(target, Path.GetFileName(file.Path)) })];
        }
        finally
        {
            Remove(partial);
        }
    }

    /// <summary>All files of the stream into a folder that may exist.</summary>
    public static async Task<IReadOnlyList<DownloadedFile>> FilesAsync(IAsyncStreamReader<FileChunk> chunks, string folder, CancellationToken cancel)
    {
        var root = Directory.CreateDirectory(folder).FullName;
        var partial = Path.Combine(root, $".partial-{Guid.NewGuid():N}");
        Directory.CreateDirectory(partial);
        try
        {
            var files = await ReceiveAsync(chunks, partial, cancel);
            var placed = new List<DownloadedFile>();
            foreach (var file in files)
            {
                var target = Path.Combine(root, Path.GetFileName(file.Path));
                RefuseExisting(target);
                File.Move(file.Path, target, overwrite: false);
                placed.Add(file with { Path = target });
            }

            return placed;
        }
        finally
        {
            Remove(partial);
        }
    }

    public static ExitCode Show(IReadOnlyList<DownloadedFile> files, Terminal terminal)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject
            {
                ["files"] = new JsonArray([.. files.Select(file => new JsonObject
            {
                ["path"] = file.Path,
                ["bytes"] = file.Bytes,
                ["sha256"] = file.Sha256,
            })])
            });
            return ExitCode.Ok;
        }

        foreach (var file in files)
        {
            terminal.Out.WriteLine($"{file.Sha256}  {Words.Path(file.Path)}");
        }

        return ExitCode.Ok;
    }

    private static async Task<List<DownloadedFile>> ReceiveAsync(IAsyncStreamReader<FileChunk> chunks, string folder, CancellationToken cancel)
    {
        var files = new List<DownloadedFile>();
        var more = await chunks.MoveNext(cancel);
        while (more)
        {
            var first = chunks.Current;
            var path = Path.Combine(folder, Checked(first.File));
            if (files.Count == MaxFiles || File.Exists(path))
            {
                throw new CommandException(ExitCode.Failed, files.Count == MaxFiles ? $"the server sends more than {MaxFiles} files" : $"the server sends {first.File} twice");
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            var received = 0UL;
            do
            {
                received += (ulong)chunks.Current.Data.Length;
                if (received > first.Size)
                {
                    throw new CommandException(ExitCode.Failed, $"{first.File}: the server sends more than the {first.Size} bytes it announced");
                }

                hash.AppendData(chunks.Current.Data.Span);
                await stream.WriteAsync(chunks.Current.Data.Memory, cancel);
                more = await chunks.MoveNext(cancel);
            }
            while (more && chunks.Current.File == first.File);

            stream.Flush(flushToDisk: true);
            var sha256 = Convert.ToHexStringLower(hash.GetCurrentHash());
            if (received != first.Size || sha256 != first.Sha256)
            {
                throw new CommandException(ExitCode.Failed, $"{first.File}: damaged on the way: {received} of {first.Size} bytes, "
                    + $"SHA-256 {sha256} instead of {first.Sha256}; download it again");
            }

            files.Add(new(path, (long)received, sha256));
        }

        return files.Count > 0 ? files : throw new CommandException(ExitCode.Failed, "the server sent no file");
    }

    /// <summary>A name from the server must stay within the folder.</summary>
    private static string Checked(string name) =>
        name.Length is > 0 and <= 200 && name is not ("." or "..") && !name.Any(character => character is '/' or '\\' || char.IsControl(character))
            ? name
            : throw new CommandException(ExitCode.Failed, $"refusing a file name of the server that is no plain name: '{Spec.YamlTree.Shorten(name)}'");

    private static void RefuseExisting(string path)
    {
        if (Path.Exists(path))
        {
            throw new CommandException(ExitCode.Failed, $"{Words.Path(path)} exists already; remove it, or choose another folder with --to");
        }
    }

    private static void Remove(string partial)
    {
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }
    }
}
