using System.Security.Cryptography;
using System.Text.Json;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>One server, as its clients and its supervisor see it.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task It_answers_for_its_health_and_lists_its_services()
    {
        await using var scenario = new Scenario();
        var server = await scenario.Server("only");
        var cancellation = TestContext.Current.CancellationToken;

        var health = await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: cancellation);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        using var http = new HttpClient();
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(server.Admin, "health"), cancellation));

        using var reflection = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo(cancellationToken: cancellation);
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, cancellation);
        Assert.True(await reflection.ResponseStream.MoveNext(cancellation));
        Assert.Superset(
            new HashSet<string> { "divco.v1.SweepService", "divco.v1.CheckpointService", "divco.v1.ClusterService", "grpc.health.v1.Health" },
            reflection.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());
    }

    [Fact]
    public async Task Checkpoints_and_pictures_are_downloaded_byte_by_byte()
    {
        await using var scenario = new Scenario();
        await scenario.Server("only", devices: 2);
        var sweep = await scenario.Submit(Specs.Tiny(), "--id", "files");
        var trial = (await sweep.Succeeds()).Status.Trials.Single();
        var target = Path.Combine(scenario.Folder, "downloads");

        var checkpoint = await scenario.Run("checkpoints", "download", "files/0", "--to", target, "--output", "json");
        checkpoint.MustSucceed();
        MustBeCopies(Directory.GetFiles(trial.Checkpoint.Path), Path.Combine(target, trial.Checkpoint.Name), checkpoint.Json);
        CheckpointFiles.MustVerify(Path.Combine(target, trial.Checkpoint.Name));

        var sample = await scenario.Run("samples", "download", "files/0", "--to", target, "--output", "json");
        sample.MustSucceed();
        MustBeCopies([trial.Sample], target, sample.Json);
    }

    [Theory]
    [InlineData("only")]
    [InlineData("north", "south")]
    public async Task Asked_to_end_while_they_train_all_servers_end_in_good_order_and_the_sweep_goes_on_later(params string[] servers)
    {
        await using var scenario = new Scenario();
        foreach (var name in servers)
        {
            await scenario.Server(name, devices: 2 / servers.Length);
        }

        var sweep = await scenario.Submit(Specs.Tiny(steps: 100_000, every: 100_000), "--id", "later");
        await sweep.Reaches(step: 4);
        await Task.WhenAll(scenario.Servers.Select(server => server.Stop()));
        Assert.All(scenario.Servers, server => Assert.DoesNotContain("let go of this silo within", server.Process.Errors.Text));
        Assert.All(scenario.Servers, server => Assert.DoesNotContain("Polly", server.Process.Errors.Text));

        // No checkpoint was due: this one is of the step in which the last of them was asked to end.
        var left = Assert.Single(CheckpointFiles.Names(scenario, "later"));
        CheckpointFiles.MustVerify(Path.Combine(scenario.Results, "later", "trials", "0", "checkpoints", left));
        var step = int.Parse(left.Split('-')[1]);
        Assert.InRange(step, 4, 99_999);

        await Task.WhenAll(scenario.Servers.Select(server => server.Start()));
        await sweep.Reaches(step: step + 4);
        await sweep.Stop();
        Assert.Contains(scenario.Servers, server => server.Process.Errors.Text.Contains($"starts from the checkpoint {left}", StringComparison.Ordinal));
    }

    private static void MustBeCopies(string[] originals, string folder, JsonElement answer)
    {
        var told = answer.GetProperty("files").EnumerateArray().ToDictionary(
            file => file.GetProperty("path").GetString()!, file => file.GetProperty("sha256").GetString());
        Assert.Equal(originals.Length, told.Count);
        foreach (var original in originals)
        {
            var copy = Path.Combine(folder, Path.GetFileName(original));
            var bytes = File.ReadAllBytes(original);
            Assert.Equal(bytes, File.ReadAllBytes(copy));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), told[copy]);
        }
    }
}
