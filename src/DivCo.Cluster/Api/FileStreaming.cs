using System.Security.Cryptography;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace DivCo.Cluster.Api;

/// <summary>Sends a file in chunks that a client can verify.</summary>
internal static class FileStreaming
{
    private const int ChunkBytes = 1 << 20;

    public static async Task Send(string path, IServerStreamWriter<FileChunk> stream, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        file.Position = 0;
        var buffer = new byte[ChunkBytes];
        do
        {
            var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            await stream.WriteAsync(
                new FileChunk { File = Path.GetFileName(path), Size = (ulong)file.Length, Sha256 = sha256, Data = ByteString.CopyFrom(buffer, 0, read) },
                cancellation);
        }
        while (file.Position < file.Length);
    }
}
