using System.Net;
using System.Net.Http.Headers;

namespace DivCo.EndToEnd.Tests.Fuzz;

/// <summary>gRPC by hand, so that nothing keeps a request from being wrong: any bytes as its body, any token, whole or never ending.</summary>
internal sealed class RawGrpc(Uri address) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        BaseAddress = address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <returns>The gRPC status, such as <c>grpc 5</c>, or what happened instead.</returns>
    public async Task<string> Send(string method, string token, byte[] body, string timeout = "200m")
    {
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            using var request = Request(method, token, new ByteArrayContent(body));
            request.Headers.Add("grpc-timeout", timeout);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, patience.Token);
            return StatusOf(response);
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {_patience}";
        }
        catch (HttpRequestException e)
        {
            return $"{e.HttpRequestError}";
        }
    }

    /// <summary>Opens a stream whose request never ends.</summary>
    /// <returns>Null: it is refused, with the status in <paramref name="outcomes"/>; else dispose of it to end it.</returns>
    public async Task<IDisposable?> Open(string method, string token, byte[] beginning, Outcomes outcomes)
    {
        var content = new EndlessContent(beginning);
        var request = Request(method, token, content);
        var response = _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var opened = await Task.WhenAny(response, content.Begun);
        if (opened == response)
        {
            outcomes.Add(response.IsCompletedSuccessfully ? StatusOf(await response) : "ended");
            content.Dispose();
            request.Dispose();
            return null;
        }

        return new Stream(content, request, response, outcomes);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(string method, string token, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, method) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token != "")
        {
            request.Headers.TryAddWithoutValidation("authorization", $"Bearer {token}");
        }

        return request;
    }

    private static string StatusOf(HttpResponseMessage response) =>
        response.TrailingHeaders.TryGetValues("grpc-status", out var trailers) ? $"grpc {trailers.First()}"
        : response.Headers.TryGetValues("grpc-status", out var headers) ? $"grpc {headers.First()}"
        : $"http {(int)response.StatusCode}";

    private sealed class Stream(EndlessContent content, HttpRequestMessage request, Task<HttpResponseMessage> response, Outcomes outcomes) : IDisposable
    {
        public void Dispose()
        {
            outcomes.Add(!response.IsCompleted ? "open" : response.IsCompletedSuccessfully ? StatusOf(response.GetAwaiter().GetResult()) : "broken");
            content.Dispose();
            request.Dispose();
        }
    }

    /// <summary>A body that begins, and then stands until it is disposed of.</summary>
    private sealed class EndlessContent(byte[] beginning) : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(), _end = new();

        public Task Begun => _begun.Task;

        protected override async Task SerializeToStreamAsync(System.IO.Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(beginning);
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _end.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
