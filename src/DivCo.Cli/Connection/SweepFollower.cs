using System.Diagnostics;
using System.Runtime.CompilerServices;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Connection;

/// <summary>Follows a sweep to its end, through the deaths of servers: the revision number says where to go on with another one.</summary>
/// <param name="addresses">The servers that are known to live, asked again before each attempt.</param>
/// <param name="patience">How long no server may answer before the follower gives up.</param>
internal sealed class SweepFollower(string sweepId, Func<IReadOnlyList<Uri>> addresses, TimeSpan patience)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private long _lastContact = Stopwatch.GetTimestamp();
    private RpcException? _failure;
    private int _attempts;
    private ulong _revision;

    /// <summary>The present state, then every change; ends after the revision in which the sweep has ended.</summary>
    /// <exception cref="CommandException">No server answered within the patience.</exception>
    /// <exception cref="RpcException">A server answered with a failure that another attempt would meet again.</exception>
    public async IAsyncEnumerable<Sweep> FollowAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            if (addresses() is { Count: > 0 } live)
            {
                using var connection = new ClusterConnection(live[_attempts % live.Count]);
                using var call = connection.Sweeps.Watch(new WatchSweepRequest { Id = sweepId, AfterRevision = _revision }, cancellationToken: cancel);
                while (await NextAsync(call.ResponseStream, cancel) is { } sweep)
                {
                    _revision = sweep.Status.Revision;
                    yield return sweep;
                    if (sweep.HasEnded())
                    {
                        yield break;
                    }
                }
            }

            if (Stopwatch.GetElapsedTime(_lastContact) > patience)
            {
                throw new CommandException(ExitCode.Unreachable,
                    $"no server answered for {patience.TotalSeconds} s while watching {sweepId}: {_failure?.Status.Detail ?? "none is left"}");
            }

            _attempts++;
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>Null where the stream broke, so that another one is needed.</summary>
    private async Task<Sweep?> NextAsync(IAsyncStreamReader<Sweep> stream, CancellationToken cancel)
    {
        try
        {
            var more = await stream.MoveNext(cancel);
            _lastContact = Stopwatch.GetTimestamp();
            if (!more)
            {
                _revision = 0; // the server ended the stream: ask for the present state, whatever it is
            }

            return more ? stream.Current : null;
        }
        catch (RpcException failure) when (!cancel.IsCancellationRequested && MayPass(failure.StatusCode))
        {
            _failure = failure;
            return null;
        }
    }

    private static bool MayPass(StatusCode status) =>
        status is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Aborted or StatusCode.DeadlineExceeded or StatusCode.Unknown;
}
