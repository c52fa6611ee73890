using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace DivCo.EndToEnd.Tests.Observability;

/// <summary>A span as it came over OTLP.</summary>
/// <param name="Process">service.instance.id of who sent it, or service.name where that has none.</param>
internal sealed record ReceivedSpan(string Process, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A log record as it came over OTLP.</summary>
internal sealed record ReceivedLog(string Process, string TraceId, string Body);

/// <summary>The receiving end of OTLP over HTTP: keeps spans and logs, and takes whatever else comes.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly List<ReceivedLog> _logs = [];
    private readonly Task _serving;

    public OtlpReceiver()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = Task.Run(Serve);
    }

    public Uri Address { get; }

    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_lock)
            {
                return [.. _spans];
            }
        }
    }

    public IReadOnlyList<ReceivedLog> Logs
    {
        get
        {
            lock (_lock)
            {
                return [.. _logs];
            }
        }
    }

    /// <summary>What makes processes export to it.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
    };

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task Serve()
    {
        while (_listener.IsListening)
        {
            var call = await _listener.GetContextAsync();
            using var body = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(body);
            Take(call.Request.Url!.AbsolutePath, body.ToArray());
            call.Response.ContentType = "application/x-protobuf";
            call.Response.Close();
        }
    }

    private void Take(string path, byte[] request)
    {
        lock (_lock)
        {
            foreach (var resource in Wire.Fields(request, 1))
            {
                var facts = Attributes(Wire.Fields(Wire.Fields(resource, 1).FirstOrDefault([]), 1));
                var process = facts.GetValueOrDefault("service.instance.id") ?? facts.GetValueOrDefault("service.name", "");
                foreach (var record in Wire.Fields(resource, 2).SelectMany(scope => Wire.Fields(scope, 2)))
                {
                    if (path == "/v1/traces")
                    {
                        _spans.Add(new ReceivedSpan(
                            process, Hex(record, 1), Hex(record, 2), Hex(record, 4), Wire.Text(record, 5), Attributes(Wire.Fields(record, 9))));
                    }
                    else if (path == "/v1/logs")
                    {
                        _logs.Add(new ReceivedLog(process, Hex(record, 9), Wire.Text(Wire.Fields(record, 5).FirstOrDefault([]), 1)));
                    }
                }
            }
        }
    }

    private static Dictionary<string, string> Attributes(IEnumerable<byte[]> pairs) => pairs.ToDictionary(
        pair => Wire.Text(pair, 1), pair => Wire.Text(Wire.Fields(pair, 2).FirstOrDefault([]), 1));

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Wire.Fields(message, field).FirstOrDefault([]));

    /// <summary>Protobuf without its classes: what a message has in a field of bytes, text or messages.</summary>
    private static class Wire
    {
        public static IEnumerable<byte[]> Fields(byte[] message, int field)
        {
            var input = new CodedInputStream(message);
            while (input.ReadTag() is var tag && tag != 0)
            {
                if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                {
                    yield return input.ReadBytes().ToByteArray();
                }
                else
                {
                    input.SkipLastField();
                }
            }
        }

        public static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault([]));
    }
}
