using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Tests;

public sealed class CommandTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("divco-").FullName;
    private CannedCluster _cluster = null!;

    private string Valid => Path.Combine(_folder, "valid.yaml");

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(Valid, SweepFileTests.Valid);
        _cluster = await CannedCluster.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(new[] { "get", "demo" }, "demo running: 1 of 1 trials running")]
    [InlineData(new[] { "get", "demo/0" }, "demo/0  picture     /results/demo/trials/0/samples/step-000100.png")]
    [InlineData(new[] { "list" }, "2026-11-23 12:00:00Z")]
    [InlineData(new[] { "stop", "demo" }, "demo stopped: the sweep Stopped")]
    [InlineData(new[] { "resume", "demo/0" }, "demo queued")]
    [InlineData(new[] { "devices" }, "silo-0/cpu1")]
    [InlineData(new[] { "devices" }, "silo-0/cpu2 quarantined since 1970-01-01 00:00:00Z by demo/0: silo-0/cpu2 is outvoted, 2 to 1")]
    [InlineData(new[] { "devices", "clear", "silo-0/cpu2" }, "silo-0/cpu2 may be leased again")]
    [InlineData(new[] { "top" }, "1 sweeps, 1 trials, 1 of 3 devices leased, 64 samples/s")]
    [InlineData(new[] { "top" }, "100/200   0:50")]
    [InlineData(new[] { "logs", "demo/0" }, "2026-11-23T12:00:00.000Z silo-0 information: line 0 trace=4bf9")]
    [InlineData(new[] { "logs", "demo/0", "-f" }, "2026-11-23T12:00:01.000Z silo-0 information: line 1 trace=4bf9")]
    [InlineData(new[] { "checkpoints", "list", "demo/0" }, "step-000100-e1")]
    [InlineData(new[] { "samples", "list", "demo/0" }, "step-000100.png")]
    public async Task Commands_answer_in_text(string[] args, string part)
    {
        var call = await CallAsync(args);
        Assert.Equal((0, ""), (call.Code, call.Error));
        Assert.Contains(part, call.Out);
    }

    [Theory]
    [InlineData("get", "demo")]
    [InlineData("get", "demo/0")]
    [InlineData("list")]
    [InlineData("stop", "demo")]
    [InlineData("resume", "demo")]
    [InlineData("devices")]
    [InlineData("top")]
    [InlineData("logs", "demo/0")]
    [InlineData("devices", "clear", "silo-0/cpu2")]
    [InlineData("checkpoints", "list", "demo/0")]
    [InlineData("samples", "list", "demo/0")]
    public async Task Commands_answer_with_one_line_of_json(params string[] args)
    {
        var call = await CallAsync([.. args, "--output", "json"]);
        Assert.Equal(0, call.Code);
        Assert.Equal(call.LastLine, call.Out.TrimEnd('\n'));
        using var json = JsonDocument.Parse(call.Out);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
    }

    [Theory]
    [InlineData(0, "submit", "VALID")]
    [InlineData(2, "submit", "VALID", "--id", "taken")]
    [InlineData(2, "submit", "VALID", "--id", "refused")]
    [InlineData(2, "submit", "VALID", "--id", "Not_an_id")]
    [InlineData(2, "submit", "nowhere.yaml")]
    [InlineData(2, "submit", "VALID", "--workers", "5")]
    [InlineData(2, "submit", "VALID", "--workers", "0")]
    [InlineData(2, "submit")]
    [InlineData(2, "sumbit", "VALID")]
    [InlineData(2)]
    [InlineData(2, "get", "Demo")]
    [InlineData(2, "get", "demo", "--frobnicate")]
    [InlineData(2, "checkpoints", "list", "demo")]
    [InlineData(2, "checkpoints")]
    [InlineData(2, "devices", "--server", "nonsense")]
    [InlineData(2, "devices", "--output", "xml")]
    [InlineData(2, "run", "VALID", "--devices", "tpu")]
    [InlineData(2, "run", "VALID", "--devices", "cuda")]
    [InlineData(2, "run", "VALID", "--devices", "cpu:1")]
    [InlineData(2, "run", "VALID", "--server-path", "/nowhere/divco-server")]
    [InlineData(2, "run", "VALID", "--processes", "many")]
    [InlineData(3, "get", "other")]
    [InlineData(3, "get", "demo/7")]
    [InlineData(3, "watch", "other")]
    [InlineData(3, "devices", "clear", "silo-0/cpu1")]
    [InlineData(3, "stop", "other")]
    [InlineData(3, "samples", "list", "other/0")]
    [InlineData(3, "checkpoints", "download", "demo/0", "step-000001-e1")]
    [InlineData(5, "devices", "--server", "http://127.0.0.1:9")]
    [InlineData(0, "validate", "VALID")]
    public async Task Exit_codes_say_how_it_ended(int code, params string[] args)
    {
        var call = await CallAsync([.. args.Select(arg => arg == "VALID" ? Valid : arg)]);
        Assert.Equal(code, call.Code);
        Assert.Equal(code == 0, call.Error.Length == 0);
    }

    [Fact]
    public async Task Violations_found_by_the_server_are_shown()
    {
        var call = await CallAsync(["submit", Valid, "--id", "refused"]);
        Assert.Equal("divco: trial.tau: 0 is not allowed\n", call.Error);
    }

    [Fact]
    public async Task A_sweep_has_its_id_before_it_is_submitted_so_that_a_call_without_an_answer_can_be_repeated()
    {
        Assert.Equal(0, (await CallAsync(["submit", Valid])).Code);
        Assert.Matches(@"\Asubmit fashion-tau-[a-z0-9]{6}\z", Assert.Single(_cluster.Calls));
        var away = await CallAsync(["submit", Valid, "--server", "http://127.0.0.1:9"]);
        Assert.Equal(5, away.Code);
        Assert.Matches(@"submit it again with --id fashion-tau-[a-z0-9]{6},", away.Error);
    }

    [Fact]
    public async Task Validate_shows_all_errors_with_line_and_column()
    {
        var bad = Path.Combine(_folder, "bad.yaml");
        File.WriteAllText(bad, SweepFileTests.Valid.Replace("seed: 42", "sed: 42").Replace("data: 4", "data: 3"));

        var text = await CallAsync(["validate", bad]);
        Assert.Equal(2, text.Code);
        Assert.Equal([$"{bad}:5:3: error: sed: unknown key; did you mean seed?", $"{bad}:22:20: error: trial.shards.data: 3 does not divide batch_size 64; for 64 use one of 1, 2, 4, 8, 16, 32, 64"],
            text.Error.TrimEnd('\n').Split('\n'));

        var json = await CallAsync(["validate", bad, "-o", "json"]);
        Assert.Equal(2, json.Code);
        var errors = JsonDocument.Parse(json.Out).RootElement.GetProperty("errors");
        Assert.Equal((2, 22, 20), (errors.GetArrayLength(), errors[1].GetProperty("line").GetInt32(), errors[1].GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task Watch_follows_to_the_end_through_a_broken_stream()
    {
        _cluster.BreakWatches = 2;
        _cluster.Next = sweep => sweep.Status.Trials[0].Step switch
        {
            100 => CannedCluster.With(sweep, State.Running, 150),
            150 => CannedCluster.With(sweep, State.Succeeded, 200),
            _ => null,
        };
        var call = await CallAsync(["watch", "demo"]);

        Assert.Equal(0, call.Code);
        Assert.Contains("demo/0 step 150/200 loss_d 1.25", call.Out);
        Assert.Contains("eta 0:25", call.Out);
        Assert.Contains("demo/0  checkpoint  /results/demo/trials/0/checkpoints/step-000100-e1", call.Out);
        Assert.EndsWith("demo succeeded: the sweep Succeeded\n", call.Out);
        Assert.Equal(["watch after 0", "watch after 0", "watch after 0"], _cluster.Calls);
    }

    [Fact]
    public async Task Watch_of_a_failed_sweep_ends_with_1_and_json_is_a_line_for_each_revision()
    {
        _cluster.Next = sweep => CannedCluster.With(sweep, State.Failed, 150);
        var call = await CallAsync(["watch", "demo", "--output", "json"]);

        Assert.Equal(1, call.Code);
        Assert.Equal(["running", "failed"], call.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Ctrl_C_in_watch_only_detaches()
    {
        using var cancel = new CancellationTokenSource();
        _cluster.Next = sweep =>
        {
            _ = cancel.CancelAsync(); // never on the server's own thread
            return null;
        };
        var call = await Divco.RunAsync(cancel.Token, "watch", "demo", "--server", $"{_cluster.Address}");

        Assert.Equal(130, call.Code);
        Assert.DoesNotContain("stop demo", _cluster.Calls);
    }

    [Fact]
    public async Task A_checkpoint_is_downloaded_whole_and_verified()
    {
        byte[] weights = [.. Enumerable.Range(0, 2500).Select(i => (byte)i)];
        _cluster.Chunks.AddRange([.. CannedCluster.File("weights.safetensors", weights), .. CannedCluster.File("manifest.json", [1, 2, 3])]);
        var call = await CallAsync(["checkpoints", "download", "demo/0", "--to", _folder]);

        Assert.Equal((0, ""), (call.Code, call.Error));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(_folder, "step-000100-e1", "weights.safetensors")));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(_folder, "step-000100-e1", "manifest.json")));
        Assert.Equal(1, (await CallAsync(["checkpoints", "download", "demo/0", "--to", _folder])).Code); // exists already
    }

    [Theory]
    [InlineData("../evil", null, "no plain name")]
    [InlineData("a/b", null, "no plain name")]
    [InlineData("..", null, "no plain name")]
    [InlineData("weights.safetensors", "00", "damaged on the way")]
    public async Task A_bad_download_leaves_nothing(string name, string? sha256, string message)
    {
        _cluster.Chunks.AddRange(CannedCluster.File(name, [1, 2, 3], sha256));
        var target = Path.Combine(_folder, "downloads");
        foreach (var command in (string[])["checkpoints", "samples"])
        {
            var call = await CallAsync([command, "download", "demo/0", "--to", target]);

            Assert.Equal(1, call.Code);
            Assert.Contains(message, call.Error);
            Assert.Empty(Directory.GetFileSystemEntries(target));
        }
    }

    private Task<Divco> CallAsync(string[] args) =>
        Divco.RunAsync(args.Contains("--server") || args is [] or ["validate", ..] ? args : [.. args, "--server", $"{_cluster.Address}"]);
}
