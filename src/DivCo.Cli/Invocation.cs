using System.CommandLine;
using System.CommandLine.Parsing;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;
using Grpc.Core;

namespace DivCo.Cli;

/// <summary>Runs the action of a command and turns every expected failure into a message and an exit code.</summary>
internal sealed class Invocation(Terminal terminal)
{
    public delegate Task<ExitCode> CommandAction(ParseResult arguments, Terminal terminal, CancellationToken cancel);

    public async Task<int> RunAsync(CommandAction action, ParseResult arguments, CancellationToken cancel)
    {
        terminal.Format = arguments.GetValue(Arguments.Output);
        using var span = CommandTrace.Begin(arguments.CommandResult.Path());
        try
        {
            return (int)await action(arguments, terminal, cancel);
        }
        catch (CommandException failure)
        {
            terminal.Complain(failure.Message);
            return (int)failure.Code;
        }
        catch (Exception end) when (cancel.IsCancellationRequested
            && end is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            return (int)ExitCode.Cancelled;
        }
        catch (RpcException failure)
        {
            return (int)RpcFailure.Explain(failure, arguments.GetValue(Arguments.Server), terminal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            terminal.Complain(failure.Message);
            return (int)ExitCode.Failed;
        }
    }
}

internal static class CommandExtensions
{
    public static Command Does(this Command command, Invocation invoke, Invocation.CommandAction action)
    {
        command.SetAction((arguments, cancel) => invoke.RunAsync(action, arguments, cancel));
        return command;
    }

    public static Command PassingOptionsOn(this Command command)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        return command;
    }

    /// <summary>The words that lead to a command: divco, checkpoints, list.</summary>
    public static IEnumerable<string> Path(this CommandResult command) =>
        command.Parent is CommandResult parent ? [.. parent.Path(), command.Command.Name] : ["divco"];
}
