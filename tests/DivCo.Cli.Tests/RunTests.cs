using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Tests;

/// <summary>divco run with real processes: a script stands for divco-server, whose API the canned cluster answers.</summary>
[SupportedOSPlatform("linux")]
public sealed class RunTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("divco-").FullName;
    private CannedCluster _cluster = null!;

    private string Results => Path.Combine(_folder, "results");

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(Path.Combine(_folder, "sweep.yaml"), SweepFileTests.Valid);
        _cluster = await CannedCluster.StartAsync();
        _cluster.Listed = [];
        Script("""
            echo "started $name with $devices"
            echo $$ >> "$folder/pids"
            printf '{"pid":%d,"api":"%s"}' $$ "$api" > "$ready.new"; mv "$ready.new" "$ready"
            trap 'echo "$name" >> "$folder/terminated"; exit 0' TERM
            while kill -0 "$parent" 2>/dev/null; do sleep 0.05; done
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_last_line_of_json_has_every_trial_and_no_process_is_left()
    {
        _cluster.Next = sweep => CannedCluster.With(sweep, State.Succeeded, 200);
        var call = await RunAsync(TestContext.Current.CancellationToken, "--processes", "2", "--output", "json");

        Assert.Equal(0, call.Code);
        var json = JsonDocument.Parse(call.LastLine).RootElement;
        Assert.Equal("demo/0", json.GetProperty("best").GetString());
        var trial = json.GetProperty("trials")[0];
        Assert.Equal("succeeded", trial.GetProperty("state").GetString());
        Assert.Equal(0.5, trial.GetProperty("parameters").GetProperty("tau").GetDouble());
        Assert.Equal(JsonValueKind.Null, trial.GetProperty("metrics").GetProperty("loss_g").ValueKind); // NaN
        Assert.Equal("aa", trial.GetProperty("weights_sha256").GetString());
        Assert.All((string[])["id", "steps", "checkpoint", "state_sha256", "sample"], name => Assert.True(trial.TryGetProperty(name, out _), name));
        Assert.Equal(["silo-0", "silo-1"], Lines("terminated").Order());
        Assert.All(Lines("pids"), pid => Assert.False(Lives(pid)));
        Assert.Contains("started silo-1 with cpu:1", File.ReadAllText(Path.Combine(Results, ".divco", "logs", "silo-1.log")));
    }

    [Fact]
    public async Task A_stopped_sweep_of_the_same_id_goes_on()
    {
        _cluster.Change(sweep => CannedCluster.With(sweep, State.Stopped, 100));
        _cluster.Next = sweep => CannedCluster.With(sweep, State.Succeeded, 200);
        var call = await RunAsync(TestContext.Current.CancellationToken, "--id", "again");

        Assert.Equal(0, call.Code);
        Assert.Equal(["submit again", "resume again"], _cluster.Calls.Take(2));
        Assert.Contains("again was stopped; going on from its last checkpoints", call.Out);
    }

    [Fact]
    public async Task Sweeps_that_earlier_runs_left_unfinished_are_stopped_first()
    {
        _cluster.Listed = [Other("older", State.Running), Other("done", State.Succeeded), Other("mine", State.Queued), Other("waiting", State.Queued)];
        _cluster.Next = sweep => CannedCluster.With(sweep, State.Succeeded, 200);
        var call = await RunAsync(TestContext.Current.CancellationToken, "--id", "mine");

        Assert.Equal(0, call.Code);
        Assert.Equal(["stop older", "stop waiting", "submit mine"], _cluster.Calls.Take(3));
        Assert.Contains("stopping older, which an earlier run left running; its checkpoints stay: go on with it by --id older", call.Out);
    }

    [Fact]
    public async Task A_sweep_that_is_still_stopping_is_awaited_and_goes_on()
    {
        _cluster.Change(sweep => CannedCluster.With(sweep, State.Stopping, 100));
        _cluster.Next = sweep => sweep.Status.State == State.Stopping ? CannedCluster.With(sweep, State.Stopped, 100) : CannedCluster.With(sweep, State.Succeeded, 200);
        var call = await RunAsync(TestContext.Current.CancellationToken, "--id", "again");

        Assert.Equal(0, call.Code);
        Assert.Equal(["submit again", "watch after 0", "resume again", "watch after 0"], _cluster.Calls);
        Assert.Contains("again was stopped; going on from its last checkpoints", call.Out);
    }

    [Fact]
    public async Task Servers_of_a_killed_run_are_awaited()
    {
        var data = Path.Combine(Results, ".divco", "data");
        using var left = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec 3<&0; read line <&3", "sh", "--data", data]) { RedirectStandardInput = true })!;
        var told = new List<string>();
        await LocalCluster.LeftoverServers.GoneAsync(
            data,
            line =>
            {
                told.Add(line);
                left.StandardInput.Close();
            },
            TestContext.Current.CancellationToken);
        Assert.Equal($"waiting for the servers of an earlier run to end (process {left.Id})", Assert.Single(told));
        Assert.True(left.WaitForExit(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Ctrl_C_stops_with_a_checkpoint_and_ends_with_130()
    {
        using var cancel = new CancellationTokenSource();
        _cluster.Next = sweep =>
        {
            _ = cancel.CancelAsync(); // never on the server's own thread
            return null;
        };
        var call = await RunAsync(cancel.Token, "--id", "mine");

        Assert.Equal(130, call.Code);
        Assert.Contains("stop mine", _cluster.Calls);
        Assert.Contains("mine stopped", call.Out);
        Assert.All(Lines("pids"), pid => Assert.False(Lives(pid)));
    }

    [Fact]
    public async Task A_killed_server_is_started_again()
    {
        var killed = false;
        _cluster.Next = sweep =>
        {
            if (!killed)
            {
                killed = true;
                using var server = Process.GetProcessById(int.Parse(Lines("pids")[0]));
                server.Kill();
            }

            return Lines("pids").Length == 1 ? CannedCluster.With(sweep, State.Running, sweep.Status.Trials[0].Step + 1) : CannedCluster.With(sweep, State.Succeeded, 200);
        };
        var call = await RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, call.Code);
        Assert.Contains("server silo-0 ended with 137", call.Out);
        Assert.Equal(2, Lines("pids").Length);
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_quoted_and_its_code_kept()
    {
        Script("""echo "fatal: the data set fashion-mnist is damaged" >&2; exit 2""");
        var call = await RunAsync(TestContext.Current.CancellationToken, "--processes", "2");

        Assert.Equal(2, call.Code);
        Assert.Contains("ended with 2 while starting; log: ", call.Error);
        Assert.Contains("fatal: the data set fashion-mnist is damaged", call.Error);
        Assert.Empty(_cluster.Calls);
    }

    [Fact]
    public async Task A_server_that_is_ready_nowhere_ends_the_run_and_the_others()
    {
        Script("""
            echo $$ >> "$folder/pids"
            [ "$name" = silo-0 ] && api=
            printf '{"pid":%d%s}' $$ "${api:+,\"api\":\"$api\"}" > "$ready.new"; mv "$ready.new" "$ready"
            while kill -0 "$parent" 2>/dev/null; do sleep 0.05; done
            """);
        var call = await RunAsync(TestContext.Current.CancellationToken, "--processes", "2");

        Assert.Equal(1, call.Code);
        Assert.Contains("server silo-0: ", call.Error);
        Assert.All(Lines("pids"), pid => Assert.False(Lives(pid)));
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_again_ends_the_run_and_the_others()
    {
        var killed = false;
        _cluster.Next = sweep =>
        {
            if (!killed)
            {
                killed = true;
                Directory.Delete(Path.Combine(Results, ".divco", "run"), recursive: true);
                using var server = Process.GetProcessById(int.Parse(Lines("pids")[0]));
                server.Kill();
            }

            return null;
        };
        var call = await RunAsync(TestContext.Current.CancellationToken, "--processes", "2");

        Assert.Equal(1, call.Code);
        Assert.Contains(Path.Combine(".divco", "run"), call.Error);
        Assert.Equal(2, Lines("pids").Length);
        Assert.All(Lines("pids"), pid => Assert.False(Lives(pid)));
    }

    [Fact]
    public async Task A_server_that_keeps_dying_ends_the_run()
    {
        _cluster.Next = _ => null;
        Script("""
            printf '{"pid":%d,"api":"%s"}' $$ "$api" > "$ready.new"; mv "$ready.new" "$ready"
            sleep 0.2; echo "fatal: out of memory"; exit 1
            """);
        var call = await RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, call.Code);
        Assert.Contains("fatal: out of memory", call.Error);
    }

    [Fact]
    public async Task Two_runs_never_share_a_results_folder()
    {
        using var first = new LocalCluster.ResultsFolder(Results);
        var call = await RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, call.Code);
        Assert.Contains("another divco run uses this folder", call.Error);
    }

    [Fact]
    public async Task A_results_folder_that_cannot_be_written_is_refused()
    {
        File.WriteAllText(Results, "a file");
        var call = await RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, call.Code);
        Assert.Contains("cannot be written", call.Error);
    }

    /// <summary>A real divco process is killed without a chance to clean up; its servers notice and end.</summary>
    [Fact]
    public async Task Servers_are_told_whom_they_serve()
    {
        var divco = Path.Combine(RecipeTests.Repository(), "artifacts", "divco", "divco");
        Assert.SkipUnless(File.Exists(divco), $"{divco} is not built");
        using var run = Process.Start(new ProcessStartInfo(divco, ["run", Path.Combine(_folder, "sweep.yaml"), "--results", Results, "--server-path", Path.Combine(_folder, "server")])
        {
            RedirectStandardOutput = true,
        })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await Eventually(() => File.Exists(Path.Combine(_folder, "pids")) && _cluster.Calls.Count > 0, patience.Token);
        run.Kill();
        await run.WaitForExitAsync(patience.Token);
        await Eventually(() => Lines("pids").All(pid => !Lives(pid)), patience.Token);
    }

    private Task<Divco> RunAsync(CancellationToken cancel, params string[] more) => Divco.RunAsync(
        cancel, ["run", Path.Combine(_folder, "sweep.yaml"), "--results", Results, "--server-path", Path.Combine(_folder, "server"), .. more]);

    private void Script(string body)
    {
        var path = Path.Combine(_folder, "server");
        File.WriteAllText(path, $"""
            #!/bin/sh
            folder={_folder}; api={_cluster.Address}
            while [ $# -gt 0 ]; do
              case $1 in --name) name=$2;; --devices) devices=$2;; --ready-file) ready=$2;; --parent-pid) parent=$2;; esac
              shift 2
            done
            {body}

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Sweep Other(string id, State state) => CannedCluster.With(new Sweep(_cluster.Sweep) { Id = id }, state, 100);

    private string[] Lines(string file) => File.ReadAllLines(Path.Combine(_folder, file));

    private static bool Lives(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ");

    private static async Task Eventually(Func<bool> condition, CancellationToken deadline)
    {
        while (!condition())
        {
            await Task.Delay(20, deadline);
        }
    }
}
