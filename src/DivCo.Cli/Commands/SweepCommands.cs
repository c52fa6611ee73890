using System.CommandLine;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Commands;

/// <summary>The verbs on sweeps of a running cluster.</summary>
internal static class SweepCommands
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<ExitCode> SubmitAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        if (SpecInput.Read(arguments, terminal) is not { } spec)
        {
            return ExitCode.Usage;
        }

        using var connection = Connect(arguments);
        var id = SpecInput.Id(arguments, spec);
        try
        {
            var request = new SubmitRequest { Spec = spec, Id = id };
            return Show(await connection.Sweeps.SubmitAsync(request, ClusterConnection.Once(cancel)), terminal);
        }
        catch (RpcException failure) when (RpcFailure.IsUnreachable(failure.StatusCode))
        {
            RpcFailure.Explain(failure, connection.Address, terminal);
            throw new CommandException(ExitCode.Unreachable, $"the sweep may be there all the same: submit it again with --id {id}, which never makes two");
        }
    }

    public static async Task<ExitCode> WatchAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        Uri[] servers = [arguments.GetValue(Arguments.Server)!];
        var revisions = new SweepFollower(arguments.GetValue(Arguments.Sweep)!, () => servers, Who(arguments), Patience, TimeProvider.System).FollowAsync(cancel);
        Sweep? last = null;
        if (terminal.Json)
        {
            await foreach (var sweep in revisions)
            {
                terminal.WriteJson(SweepJson.Of(last = sweep));
            }

            return Outcome(last!);
        }

        last = await terminal.ShowAsync(revisions);
        terminal.WriteSummary(last!);
        return Outcome(last!);
    }

    public static async Task<ExitCode> GetAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var id = arguments.GetValue(Arguments.SweepOrTrial)!;
        var isTrial = TrialId.TryParse(id, out var trialId);
        using var connection = Connect(arguments);
        var sweep = await connection.Sweeps.GetAsync(new GetSweepRequest { Id = isTrial ? trialId.Sweep : id }, ClusterConnection.Once(cancel));
        var trial = isTrial
            ? sweep.Status.Trials.FirstOrDefault(candidate => candidate.Id == id)
                ?? throw new CommandException(ExitCode.NotFound, $"{trialId.Sweep} has no trial {trialId.Index} yet")
            : null;
        if (terminal.Json)
        {
            terminal.WriteJson(trial is null ? SweepJson.Of(sweep, withSpec: true) : SweepJson.Of(trial));
            return ExitCode.Ok;
        }

        if (trial is not null)
        {
            sweep.Status.Trials.Clear();
            sweep.Status.Trials.Add(trial);
        }

        terminal.WriteSummary(sweep);
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> ListAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = Connect(arguments);
        var sweeps = await connection.ListSweepsAsync(cancel);
        if (terminal.Json)
        {
            terminal.WriteJson(new System.Text.Json.Nodes.JsonObject { ["sweeps"] = new System.Text.Json.Nodes.JsonArray([.. sweeps.Select(Summary)]) });
            return ExitCode.Ok;
        }

        terminal.WriteTable("no sweeps", ["sweep", "state", "submitted", "best", "reason"], sweeps.Select(sweep => (string[])[
            sweep.Id, Words.Of(sweep.Status.State), sweep.Status.SubmittedAt?.ToDateTimeOffset().ToString("u") ?? "-", sweep.Status.Best, sweep.Status.Reason]));
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> StopAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = Connect(arguments);
        var request = new StopRequest { Id = arguments.GetValue(Arguments.SweepOrTrial) };
        return Show(await connection.Sweeps.StopAsync(request, ClusterConnection.Once(cancel)), terminal);
    }

    public static async Task<ExitCode> ResumeAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = Connect(arguments);
        var request = new ResumeRequest { Id = arguments.GetValue(Arguments.SweepOrTrial) };
        return Show(await connection.Sweeps.ResumeAsync(request, ClusterConnection.Once(cancel)), terminal);
    }

    /// <summary>Whether a sweep that has ended did what was asked: one that was stopped did not.</summary>
    public static ExitCode Outcome(Sweep sweep) => sweep.Status.State == State.Succeeded ? ExitCode.Ok : ExitCode.Failed;

    public static ClusterConnection Connect(ParseResult arguments) => new(arguments.GetValue(Arguments.Server)!, Who(arguments));

    private static Credentials Who(ParseResult arguments) =>
        Credentials.Of(arguments.GetValue(Arguments.Server)!, arguments.GetValue(Arguments.Authority), Environment.GetEnvironmentVariable("DIVCO_TOKEN"));

    private static System.Text.Json.Nodes.JsonObject Summary(Sweep sweep)
    {
        var json = SweepJson.Of(sweep);
        json.Remove("trials");
        return json;
    }

    private static ExitCode Show(Sweep sweep, Terminal terminal)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(SweepJson.Of(sweep));
        }
        else
        {
            terminal.Out.WriteLine($"{sweep.Id} {Words.Of(sweep.Status.State)}{(sweep.Status.Reason.Length > 0 ? ": " + sweep.Status.Reason : "")}");
        }

        return ExitCode.Ok;
    }
}
