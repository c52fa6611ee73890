using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Tests.Verification;

/// <summary>divco verify with real processes: a script stands for divco-server, whose API the canned cluster answers.</summary>
[SupportedOSPlatform("linux")]
public sealed class VerifyTests : IAsyncLifetime
{
    private const string Steady = """{"hardware_class":"cpu test","kernels":[{"name":"sum","deterministic":true,"differs":[]},{"name":"exp","deterministic":true,"differs":["misaligned"]}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("divco-").FullName;
    private CannedCluster _cluster = null!;

    /// <summary>What the weights of a run are, by the arguments of its first server.</summary>
    private Func<string, byte[]> _weights = _ => [1, 2, 3];

    /// <summary>Whether servers that are told to die do.</summary>
    private bool _kills = true;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(Path.Combine(_folder, "sweep.yaml"), SweepFileTests.Valid);
        Probe(Steady);
        _cluster = await CannedCluster.StartAsync();
        _cluster.Listed = [];
        _cluster.Next = Train;
        Script();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Runs_that_come_to_one_result_are_one_line_of_json_and_leave_nothing()
    {
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1,2", "--kill", "--steps", "8", "--output", "json");

        Assert.Equal((0, ""), (call.Code, call.Code == 0 ? "" : call.Error));
        Assert.Equal(call.LastLine, call.Out.TrimEnd('\n'));
        var json = JsonDocument.Parse(call.LastLine).RootElement;
        Assert.True(json.GetProperty("identical").GetBoolean());
        Assert.Equal("cpu test", json.GetProperty("hardware_class").GetString());
        Assert.Empty(json.GetProperty("kernels").GetProperty("non_deterministic").EnumerateArray());
        Assert.Equal("exp", json.GetProperty("kernels").GetProperty("alignment_dependent")[0].GetString());
        var runs = json.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal(["1", "2", "2-killed", "1-to-2"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Equal([1, 2, 2, 2], runs.Select(run => run.GetProperty("workers").GetInt32()));
        Assert.Equal([1, 2, 2, 2], runs.Select(run => run.GetProperty("processes").GetInt32()));
        Assert.Equal([false, false, true, false], runs.Select(run => run.GetProperty("killed").GetBoolean()));
        Assert.Equal([false, false, false, true], runs.Select(run => run.GetProperty("resumed").GetBoolean()));
        Assert.All(runs, run => Assert.Equal(8, run.GetProperty("step").GetInt32()));
        Assert.All(runs, run => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), run.GetProperty("weights_sha256").GetString()));
        Assert.All(runs, run => Assert.Equal("bb", run.GetProperty("state_sha256").GetString()));
        Assert.All(runs, run => Assert.True(run.GetProperty("seconds").GetDouble() > 0));

        // The server that died was started again, without the order to die.
        Assert.Equal(
            "device=silo-0/cpu0,update=6,phase=after_first_chunk",
            Assert.Single(Lines("arguments").Select(arguments => After(arguments, "--kill")).OfType<string>()));
        Assert.Equal(["8", "8", "8", "8", "8", "8", "4", "8", "8"], Lines("arguments").Select(arguments => After(arguments, "--stop-after-step")));
        NothingIsLeft();
    }

    [Fact]
    public async Task Without_counts_those_are_run_that_have_shards()
    {
        var call = await RunAsync(TestContext.Current.CancellationToken, "--output", "json");
        Assert.Equal(0, call.Code);
        var names = JsonDocument.Parse(call.LastLine).RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString());
        Assert.Equal(["1", "2", "3", "1-to-3"], names);
    }

    [Fact]
    public async Task Runs_that_differ_are_named()
    {
        _weights = arguments => [(byte)(arguments.Contains("2-killed", StringComparison.Ordinal) ? 7 : 1)];
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1,2", "--kill");

        Assert.Equal(1, call.Code);
        Assert.Contains("NOT identical: 2 workers in 2 processes, one process killed in update 4", call.Out);
        NothingIsLeft();
    }

    [Fact]
    public async Task Kernels_that_are_not_deterministic_are_named()
    {
        Probe("""{"hardware_class":"gpu test","kernels":[{"name":"scatter 9","deterministic":false,"differs":["repeated","concurrent"]}]}""");
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1");

        Assert.Equal(0, call.Code);
        Assert.Contains("hardware class: gpu test", call.Out);
        Assert.Contains("not deterministic here: scatter 9 (repeated, concurrent)", call.Out);
    }

    [Fact]
    public async Task A_probe_that_fails_ends_it()
    {
        Probe("no result");
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1");
        Assert.Equal(1, call.Code);
        Assert.Contains("the probe of the kernels answered with what is no result of one", call.Error);
        Assert.Empty(_cluster.Calls);
    }

    [Fact]
    public async Task A_run_in_which_nobody_died_proves_nothing()
    {
        _kills = false;
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "2", "--kill");
        Assert.Equal(1, call.Code);
        Assert.Contains("no process was killed in update 4", call.Error);
        NothingIsLeft();
    }

    [Fact]
    public async Task A_trial_that_fails_is_quoted()
    {
        _cluster.Next = sweep =>
        {
            sweep = CannedCluster.With(sweep, State.Failed, 1);
            sweep.Status.Trials[0].Reason = "out of memory";
            return sweep;
        };
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "2");
        Assert.Equal(1, call.Code);
        Assert.Contains("2 workers in 2 processes failed: failed: out of memory", call.Error);
        NothingIsLeft();
    }

    [Fact]
    public async Task Weights_that_are_not_those_of_the_checkpoint_end_it()
    {
        _cluster.Next = sweep =>
        {
            sweep = Train(sweep)!;
            sweep.Status.Trials[0].Checkpoint.WeightsSha256 = "00";
            return sweep;
        };
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1");
        Assert.Equal(1, call.Code);
        Assert.Contains("but the checkpoint says 00", call.Error);
    }

    [Fact]
    public async Task What_cannot_be_run_is_told_before_anything_starts()
    {
        var call = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1,200,201", "--processes", "1", "--kill");
        Assert.Equal(2, call.Code);
        Assert.Contains("--workers 200: resources.workers: 200 workers share only", call.Error);
        Assert.Contains("--workers 201: resources.workers: 201 workers share only", call.Error);
        Assert.Contains("--kill: needs survivors", call.Error);
        Assert.Empty(_cluster.Calls);
    }

    [Theory]
    [InlineData("--workers", "0")]
    [InlineData("--workers", "1,1")]
    [InlineData("--workers", "1,two")]
    [InlineData("--workers", "257")]
    [InlineData("--steps", "2")]
    [InlineData("--steps", "1001")]
    public async Task Counts_are_checked(string option, string value)
    {
        var call = await RunAsync(TestContext.Current.CancellationToken, option, value);
        Assert.Equal(2, call.Code);
        Assert.Contains($"{option} {value}: must be", call.Error);
    }

    [Fact]
    public async Task A_folder_in_which_a_proof_lies_already_is_refused_and_one_that_is_named_is_kept()
    {
        var results = Path.Combine(_folder, "proof");
        var first = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1", "--results", results);
        Assert.Equal(0, first.Code);
        Assert.True(Directory.Exists(Path.Combine(results, "1-to-1", ".divco", "logs")));

        var second = await RunAsync(TestContext.Current.CancellationToken, "--workers", "1", "--results", results);
        Assert.Equal(2, second.Code);
        Assert.Contains("is not empty", second.Error);
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        _cluster.Next = sweep =>
        {
            _ = cancel.CancelAsync(); // never on the server's own thread
            return null;
        };
        var call = await RunAsync(cancel.Token, "--workers", "2");
        Assert.Equal(130, call.Code);
        NothingIsLeft();
    }

    /// <summary>The trial comes to the step at which its servers stop it, once the one that is to die has died.</summary>
    private Sweep? Train(Sweep sweep)
    {
        var servers = Lines("arguments");
        if (_kills && servers.LastOrDefault(arguments => After(arguments, "--kill") is not null) is { } doomed
            && servers.Count(arguments => After(arguments, "--ready-file") == After(doomed, "--ready-file")) == 1)
        {
            Kill(doomed);
            return CannedCluster.With(sweep, State.Running, sweep.Status.Trials[0].Step + 1);
        }

        var stopped = CannedCluster.With(sweep, State.Stopped, int.Parse(After(servers[^1], "--stop-after-step")!));
        var checkpoint = stopped.Status.Trials[0].Checkpoint;
        var weights = _weights(servers[^1]);
        checkpoint.Path = _folder;
        File.WriteAllBytes(Path.Combine(_folder, "weights.safetensors"), weights);
        (checkpoint.Step, checkpoint.WeightsSha256) = (stopped.Status.Trials[0].Step, Convert.ToHexStringLower(SHA256.HashData(weights)));
        return stopped;
    }

    private static void Kill(string arguments)
    {
        try
        {
            using var server = System.Diagnostics.Process.GetProcessById(int.Parse(arguments.Split(' ')[0]));
            server.Kill();
        }
        catch (ArgumentException)
        {
            // It has died already, and is not up again yet.
        }
    }

    private void NothingIsLeft()
    {
        Assert.All(Lines("arguments"), arguments => Assert.False(Lives(arguments.Split(' ')[0]), arguments));
        Assert.All(Lines("arguments"), arguments => Assert.False(Directory.Exists(After(arguments, "--results")), arguments));
    }

    private Task<Divco> RunAsync(CancellationToken cancel, params string[] more) =>
        Divco.RunAsync(cancel, ["verify", Path.Combine(_folder, "sweep.yaml"), "--server-path", Path.Combine(_folder, "server"), .. more]);

    private void Probe(string answer) => File.WriteAllText(Path.Combine(_folder, "probe.json"), answer);

    private void Script()
    {
        var path = Path.Combine(_folder, "server");
        File.WriteAllText(path, $$"""
            #!/bin/sh
            [ "$1" = probe ] && exec cat {{_folder}}/probe.json
            echo "$$ ${DIVCO_FAULT_KILL:+--kill $DIVCO_FAULT_KILL} $*" >> {{_folder}}/arguments
            while [ $# -gt 0 ]; do
              case $1 in --ready-file) ready=$2;; --parent-pid) parent=$2;; esac
              shift
            done
            printf '{"pid":%d,"api":"{{_cluster.Address}}"}' $$ > "$ready.new"; mv "$ready.new" "$ready"
            trap 'exit 0' TERM
            while kill -0 "$parent" 2>/dev/null; do sleep 0.05; done

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string[] Lines(string file) => File.ReadAllLines(Path.Combine(_folder, file));

    private static string? After(string arguments, string option) =>
        arguments.Split(' ').SkipWhile(word => word != option).Skip(1).FirstOrDefault();

    private static bool Lives(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ");
}
