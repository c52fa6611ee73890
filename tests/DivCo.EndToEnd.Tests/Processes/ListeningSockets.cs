using System.Globalization;
using System.Net;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>What a process listens on, from the kernel's own tables.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";
    private const int Address = 1, State = 3, Inode = 9;

    public static IReadOnlyList<IPEndPoint> Of(int process)
    {
        var sockets = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
            .Select(descriptor => new FileInfo(descriptor).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target["socket:[".Length..^1]).ToHashSet();
        return [.. ((string[])["tcp", "tcp6"]).SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words[State] == Listening && sockets.Contains(words[Inode])).Select(words => Parse(words[Address]))];
    }

    /// <summary>Such as 0100007F:1CE8: the address in words of the machine's own byte order, the port in digits.</summary>
    private static IPEndPoint Parse(string text)
    {
        var (address, port) = (Convert.FromHexString(text[..text.IndexOf(':')]), text[(text.IndexOf(':') + 1)..]);
        for (var word = 0; word < address.Length; word += 4)
        {
            Array.Reverse(address, word, 4);
        }

        return new IPEndPoint(new IPAddress(address), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
