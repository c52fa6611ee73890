using System.Security.Cryptography;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A client in another language, of which only the protos are ours.</summary>
public sealed class PythonClientTests
{
    private const string Python = "/usr/bin/python3", Protoc = "/usr/bin/protoc", Plugin = "/usr/bin/grpc_python_plugin";

    [Fact]
    public async Task It_submits_watches_and_downloads_a_checkpoint_over_TLS_with_a_token()
    {
        await using var scenario = new Scenario();
        await MustHaveTools(scenario);
        var generated = Directory.CreateDirectory(Path.Combine(scenario.Folder, "generated")).FullName;
        var protos = Path.Combine(Installation.Repository, "protos");
        var protoc = scenario.Start("protoc", Protoc,
        [
            $"-I{protos}", $"--python_out={generated}", $"--grpc_python_out={generated}", $"--plugin=protoc-gen-grpc_python={Plugin}",
            .. Directory.GetFiles(Path.Combine(protos, "divco", "v1"), "*.proto"),
        ]);
        Assert.True(await protoc.Exit() == 0, $"{protoc}");

        var tls = await scenario.Secure("submitter");
        var server = await scenario.Server("only", devices: 2, options: ["--tls", tls, "--tokens", scenario.TokenFile()]);
        var target = Path.Combine(scenario.Folder, "downloaded");
        var client = Run(scenario, generated, scenario.Identity!.Token, scenario.Write("spec.json", Spec), target, server);
        Assert.True(await client.Exit(Deadline.Training) == 0, $"{client}");
        Assert.Contains("STATE_RUNNING", client.Output.Text, StringComparison.Ordinal);
        Assert.Contains("STATE_SUCCEEDED", client.Output.Text, StringComparison.Ordinal);
        CheckpointFiles.MustVerify(target);
        var id = client.Output.Lines[0].Split(' ')[1];
        Assert.Equal(
            Hashes.Of((await scenario.Sweep(id).Look())!).Weights,
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(target, "weights.safetensors"), TestContext.Current.CancellationToken))));

        var stranger = Run(scenario, generated, "divco_guessed", Path.Combine(scenario.Folder, "spec.json"), target, server);
        Assert.NotEqual(0, await stranger.Exit());
        Assert.Contains("UNAUTHENTICATED", stranger.Errors.Text, StringComparison.Ordinal);
    }

    private const string Spec = """
        {"name": "python", "parameters": {"tau": {"values": [0.5]}}, "limits": {"max_trials": 1}, "resources": {"workers": 2}, "method": "grid",
         "metric": {"name": "diversity", "goal": "maximize"},
         "trial": {"task": "class_conditional", "objective": "divco", "dataset": {"name": "modes"},
          "model": {"width": 4, "image_size": 32, "latent_dim": 16, "feature_dim": 16}, "batch_size": 8, "negatives": 4, "steps": 12,
          "shards": {"data": 4}, "checkpoint": {"every": 4}, "report_every": 2}}
        """;

    private static DivcoProcess Run(Scenario scenario, string generated, string token, string spec, string target, Server server) => scenario.Start(
        "client.py", Python, [Path.Combine(Installation.Repository, "deploy", "python", "client.py"), spec, target], null,
        new("PYTHONPATH", generated), new("DIVCO_SERVER", server.Address.Authority), new("DIVCO_CA", scenario.Identity!.Authority), new("DIVCO_TOKEN", token));

    private static async Task MustHaveTools(Scenario scenario)
    {
        string? missing = null;
        foreach (var tool in (string[])[Python, Protoc, Plugin])
        {
            missing ??= File.Exists(tool) ? null : $"{tool} is missing";
        }

        if (missing is null)
        {
            var import = scenario.Start("python3", Python, ["-c", "import grpc, google.protobuf"]);
            missing = await import.Exit() == 0 ? null : import.Errors.Lines[^1];
        }

        Assert.SkipWhen(
            missing is not null && Environment.GetEnvironmentVariable("CI") != "true",
            $"{missing} (Debian: protobuf-compiler protobuf-compiler-grpc python3-grpcio python3-protobuf)");
    }
}
