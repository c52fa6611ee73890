using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DivCo.Cluster.Hosting.Tls;
using Microsoft.Extensions.Time.Testing;

namespace DivCo.Cluster.Tests.Hosting.Tls;

/// <summary>Certificate files that are replaced on disk, seen by whoever connects.</summary>
public sealed class CertificateReloadTests : IDisposable
{
    private readonly TestCertificates _ours = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose()
    {
        _ours.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task New_connections_take_the_new_files_and_old_ones_stay()
    {
        using var certificates = ServerCertificates.Load(TlsFiles.In(_ours.Write(_folder)), _time);
        var before = await SerialShown(certificates);
        var next = _ours.Silo();
        var after = next.SerialNumber;
        _ours.Write(_folder, next);
        Assert.Equal(before, await SerialShown(certificates));

        _time.Advance(ServerCertificates.Freshness);
        Assert.Equal(after, await SerialShown(certificates));
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task Files_that_cannot_serve_leave_the_old_ones_in_use()
    {
        using var certificates = ServerCertificates.Load(TlsFiles.In(_ours.Write(_folder)), _time);
        var before = await SerialShown(certificates);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "silo.crt"), "half a fi", TestContext.Current.CancellationToken);
        _time.Advance(ServerCertificates.Freshness);
        Assert.Equal(before, await SerialShown(certificates));
    }

    /// <summary>What a peer with the cluster's certificates is shown on a real connection.</summary>
    private static async Task<string> SerialShown(ServerCertificates certificates)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var far = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var server = new SslStream(far.GetStream());
        await using var client = new SslStream(near.GetStream());
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(certificates.ForInbound(Assert.Fail)), client.AuthenticateAsClientAsync(certificates.ForOutbound(Assert.Fail)));
        return ((X509Certificate2)client.RemoteCertificate!).SerialNumber;
    }
}
