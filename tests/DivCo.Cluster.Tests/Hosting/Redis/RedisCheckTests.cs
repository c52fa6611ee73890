using DivCo.Cluster.Hosting.Redis;
using DivCo.Cluster.Tests.Hosting.Tls;

namespace DivCo.Cluster.Tests.Hosting.Redis;

/// <summary>What is found out about a real Redis before anything rests on it.</summary>
public sealed class RedisCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_keeps_what_it_is_told_has_no_warnings()
    {
        using var redis = await RedisProcess.Start();
        Assert.Empty(await RedisCheck.Run(new RedisSettings(redis.Endpoints, null, null, null), Cancellation));
    }

    [Fact]
    public async Task One_without_its_append_only_file_is_warned_of()
    {
        using var redis = await RedisProcess.Start("--appendonly", "no");
        var warning = Assert.Single(await RedisCheck.Run(new RedisSettings(redis.Endpoints, null, null, null), Cancellation));
        Assert.Contains("appendonly yes", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_or_refuses_the_user_is_named_with_the_reason()
    {
        var nowhere = $"127.0.0.1:{FreePorts.Take(1)[0]}";
        var unreachable = await Assert.ThrowsAsync<RedisException>(() => RedisCheck.Run(new RedisSettings(nowhere, null, null, null), Cancellation));
        Assert.Contains(nowhere, unreachable.Message, StringComparison.Ordinal);

        using var redis = await RedisProcess.Start("--requirepass", "correct");
        await Assert.ThrowsAsync<RedisException>(() => RedisCheck.Run(new RedisSettings(redis.Endpoints, null, null, null), Cancellation));
    }

    [Fact]
    public async Task TLS_and_a_user_of_an_access_control_list_are_enough()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        using var folder = new TemporaryFolder();
        using var foreign = new TemporaryFolder();
        certificates.Write(folder);
        strangers.Write(foreign);
        var password = Path.Combine(folder.Path, "password");
        await File.WriteAllTextAsync(password, "secret\n", Cancellation);
        using var redis = await RedisProcess.Start(
            "--tls-port", "{port}", "--tls-cert-file", Path.Combine(folder.Path, "api.crt"), "--tls-key-file", Path.Combine(folder.Path, "api.key"),
            "--tls-ca-cert-file", Path.Combine(folder.Path, "ca.crt"), "--tls-auth-clients", "no",
            "--user", "divco", "on", ">secret", "~*", "&*", "+@all", "--user", "default", "off");

        Assert.Empty(await RedisCheck.Run(new RedisSettings(redis.Endpoints, "divco", password, Path.Combine(folder.Path, "ca.crt")), Cancellation));
        await Assert.ThrowsAsync<RedisException>(() =>
            RedisCheck.Run(new RedisSettings(redis.Endpoints, "divco", password, Path.Combine(foreign.Path, "ca.crt")), Cancellation));
    }
}
