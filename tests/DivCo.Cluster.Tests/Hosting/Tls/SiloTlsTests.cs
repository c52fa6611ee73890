using static DivCo.Cluster.Tests.Hosting.SiloCluster;

namespace DivCo.Cluster.Tests.Hosting.Tls;

/// <summary>Silos in processes of their own that speak TLS alone.</summary>
public sealed class SiloTlsTests
{
    [Fact]
    public async Task Silos_and_a_client_with_certificates_of_one_authority_are_a_cluster()
    {
        using var certificates = new TestCertificates();
        using var folder = new TemporaryFolder();
        await using var cluster = new SiloCluster(certificates: certificates.Write(folder));
        var silos = await cluster.Start("a", "b");
        await cluster.Connect();
        var names = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var counter = cluster.Grains.GetGrain<ICounterGrain>($"counter/{i}");
            Assert.Equal(1, await counter.Increment());
            return await counter.SiloName();
        }));
        Assert.Equal(["a", "b"], names.Distinct().Order());

        await silos[0].Kill();
        Assert.Equal(2, await Eventually(cluster.Grains.GetGrain<ICounterGrain>("counter/0").Increment, _ => true));
    }

    [Fact]
    public async Task A_client_without_certificate_or_with_a_foreign_one_is_refused_and_the_silo_says_why()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        using var folder = new TemporaryFolder();
        using var foreign = new TemporaryFolder();
        await using var cluster = new SiloCluster(certificates: certificates.Write(folder));
        var silos = await cluster.Start("a");

        foreach (var identity in (string?[])[null, strangers.Write(foreign)])
        {
            var said = silos[0].Errors.Length;
            using var patience = new CancellationTokenSource();
            var connecting = cluster.Connect(identity, patience.Token);
            await Eventually(() => Task.FromResult(silos[0].Errors[said..]), errors => errors.Contains("No TLS with", StringComparison.Ordinal));
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => connecting);
        }

        await cluster.Connect();
        Assert.Equal(1, await cluster.Grains.GetGrain<ICounterGrain>("counter").Increment());
    }

    [Fact]
    public async Task A_silo_of_a_foreign_authority_does_not_join()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        using var folder = new TemporaryFolder();
        using var foreign = new TemporaryFolder();
        await using var cluster = new SiloCluster(certificates: certificates.Write(folder));
        var silos = await cluster.Start("a");
        var ports = FreePorts.Take(2);
        using var stranger = new ChildProcess(
            SiloProcess.Role, cluster.DataFolder, "b", $"{ports[0]}", $"{ports[1]}", strangers.Write(foreign));

        Assert.NotEqual(0, await stranger.WaitForExit());
        Assert.Contains("No TLS with", silos[0].Errors, StringComparison.Ordinal);
    }
}
