using System.CommandLine;
using System.CommandLine.Invocation;
using DivCo.Cli.Bench;
using DivCo.Cli.Commands;
using DivCo.Cli.Output;
using DivCo.Cli.Verification;

namespace DivCo.Cli;

/// <summary>All of divco on one screen.</summary>
internal static class CommandTree
{
    public static RootCommand Build(Invocation invoke) => new("Trains diverse conditional GANs on a cluster and searches their hyperparameters.")
    {
        Arguments.Server,
        Arguments.Authority,
        Arguments.Output,
        new Command("run", "Train a sweep on this machine: a cluster for the life of the command.")
        {
            Arguments.File, Arguments.Processes, Arguments.Devices, Arguments.Workers, Arguments.Results, Arguments.Id, Arguments.ServerPath,
        }.Does(invoke, RunCommand.RunAsync),
        new Command("serve", "Start one server process in the foreground; further options go to divco-server.")
        {
            Arguments.ServerPath,
        }.PassingOptionsOn().Does(invoke, ServeCommand.RunAsync),
        new Command("submit", "Hand a sweep to a cluster.") { Arguments.File, Arguments.Workers, Arguments.Id }.Does(invoke, SweepCommands.SubmitAsync),
        new Command("watch", "Follow a sweep until it ends; Ctrl-C only detaches.") { Arguments.Sweep }.Does(invoke, SweepCommands.WatchAsync),
        new Command("get", "Show a sweep or a trial.") { Arguments.SweepOrTrial }.Does(invoke, SweepCommands.GetAsync),
        new Command("list", "List the sweeps of a cluster.").Does(invoke, SweepCommands.ListAsync),
        new Command("stop", "Stop a sweep or a trial, with a checkpoint.") { Arguments.SweepOrTrial }.Does(invoke, SweepCommands.StopAsync),
        new Command("resume", "Queue a stopped or failed sweep or trial again, from its last checkpoint.") { Arguments.SweepOrTrial }
            .Does(invoke, SweepCommands.ResumeAsync),
        new Command("top", "Show running sweeps, trials and devices; for a person again and again, until Ctrl-C.").Does(invoke, TopCommand.RunAsync),
        new Command("logs", "Show what servers wrote about a trial.") { Arguments.Trial, Arguments.Follow }.Does(invoke, LogsCommand.RunAsync),
        new Command("checkpoints", "List or download the checkpoints of a trial.")
        {
            new Command("list", "List the checkpoints of a trial, oldest first.") { Arguments.Trial }.Does(invoke, CheckpointCommands.ListAsync),
            new Command("download", "Download a checkpoint; every file is verified.") { Arguments.Trial, Arguments.CheckpointName, Arguments.To }
                .Does(invoke, CheckpointCommands.DownloadAsync),
        },
        new Command("samples", "List or download the sample pictures of a trial.")
        {
            new Command("list", "List the sample pictures of a trial, oldest first.") { Arguments.Trial }.Does(invoke, SampleCommands.ListAsync),
            new Command("download", "Download a sample picture; it is verified.") { Arguments.Trial, Arguments.SampleName, Arguments.To }
                .Does(invoke, SampleCommands.DownloadAsync),
        },
        new Command("generate", "Generate images from a checkpoint, as PNG files and one picture of all.")
        {
            Arguments.Checkpoint, CheckpointOptions.Condition, CheckpointOptions.Count, CheckpointOptions.Latent, CheckpointOptions.Seed, CheckpointOptions.Split,
            CheckpointOptions.Directory, Arguments.ServerPath,
        }.Does(invoke, CheckpointUse.GenerateAsync),
        new Command("export", "Write the weights of a checkpoint for PyTorch, with a note on how to load them.")
        {
            Arguments.Checkpoint, CheckpointOptions.Directory, Arguments.ServerPath,
        }.Does(invoke, CheckpointUse.ExportAsync),
        new Command("evaluate", "Judge the images of a checkpoint against the test images of its data set.")
        {
            Arguments.Checkpoint, CheckpointOptions.Samples, CheckpointOptions.Features, CheckpointOptions.Perceptual, CheckpointOptions.Metrics, CheckpointOptions.Seed,
            Arguments.ServerPath,
        }.Does(invoke, CheckpointUse.EvaluateAsync),
        new Command("devices", "List the devices of a cluster and who uses them.")
        {
            new Command("clear", "Let a device that is in quarantine be used again.") { Arguments.Device }.Does(invoke, DeviceCommands.ClearAsync),
        }.Does(invoke, DeviceCommands.ListAsync),
        new Command("verify", "Prove on this machine that the weights are the same for any number of workers, by a few steps of the first trial.")
        {
            Arguments.File, VerifyArguments.Workers, VerifyArguments.Steps, VerifyArguments.Kill, VerifyArguments.Processes, VerifyArguments.Results,
            VerifyArguments.Keep, Arguments.ServerPath,
        }.Does(invoke, VerifyCommand.RunAsync),
        new Command("bench", "Measure this machine: figures as JSON, each with its reference from the same run.")
        {
            new Command("allreduce", "All-reduces between threads or processes, beside gloo's, plain sockets and a plain copy.")
            {
                BenchArguments.Ranks, BenchArguments.Bytes, BenchArguments.Link, BenchArguments.Transport, BenchArguments.Repeats, Arguments.ServerPath,
            }.Does(invoke, BenchCommands.AllReduceAsync),
            new Command("step", "A step of a sweep's first trial on a cluster of one worker, beside the bare loop of the same step.")
            {
                Arguments.File, BenchArguments.Steps, BenchArguments.Repeats, Arguments.ServerPath,
            }.Does(invoke, StepBench.RunAsync),
            new Command("scaling", "A step on different numbers of workers, beside as many unrelated processes at once.")
            {
                Arguments.File, BenchArguments.Workers, BenchArguments.Processes, BenchArguments.Steps, BenchArguments.Repeats, Arguments.ServerPath,
            }.Does(invoke, ScalingBench.RunAsync),
            new Command("checkpoint", "What checkpoints cost the steps, beside a plain copy and a plain durable write.")
            {
                Arguments.File, BenchArguments.Repeats, Arguments.ServerPath,
            }.Does(invoke, BenchCommands.CheckpointAsync),
        },
        new Command("certs", "Make certificates for a cluster over TLS: an authority, the silos', the API's.")
        {
            Arguments.CertificateFolder, Arguments.Hosts, Arguments.Days,
        }.Does(invoke, CertsCommand.RunAsync),
        new Command("token", "Make a token for the API; the servers' token file gets its hash.")
        {
            Arguments.TokenName, Arguments.Role, Arguments.TokenDays, Arguments.TokenFile,
        }.Does(invoke, TokenCommand.RunAsync),
        new Command("validate", "Check a sweep file: all errors at once.") { Arguments.File, Arguments.Workers }.Does(invoke, ValidateCommand.RunAsync),
    };

    public static async Task<ExitCode> RunAsync(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var invoke = new Invocation(terminal);
        var parsed = Build(invoke).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                terminal.Complain(error.Message);
            }

            terminal.Complain($"see '{string.Join(' ', parsed.CommandResult.Path())} --help'");
            return ExitCode.Usage;
        }

        // Signals are handled by Program; the library's own time limit for ending would cut checkpoints short.
        var plain = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        return (ExitCode)await parsed.InvokeAsync(plain, cancel);
    }
}
