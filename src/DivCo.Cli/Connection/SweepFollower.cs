using System.Runtime.CompilerServices;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Connection;

/// <summary>
/// Follows a sweep to its end, through the deaths of servers. Each watch asks for the present state, which a living server answers at
/// once, however rare news are; the revision number says whether it is news.
/// </summary>
/// <param name="addresses">The servers that are known to live, asked again before each attempt.</param>
/// <param name="patience">How long no server may answer, from the first failed attempt on, before the follower gives up.</param>
internal sealed class SweepFollower(string sweepId, Func<IReadOnlyList<Uri>> addresses, Credentials credentials, TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private long? _silentSince;
    private RpcException? _failure;
    private ulong _revision;

    /// <summary>The present state, then every change; ends after the revision in which the sweep has ended.</summary>
    /// <exception cref="CommandException">No server answered within the patience.</exception>
    /// <exception cref="RpcException">A server answered with a failure that another attempt would meet again.</exception>
    public async IAsyncEnumerable<Sweep> FollowAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (addresses() is { Count: > 0 } live)
            {
                using var connection = new ClusterConnection(live[attempt % live.Count], credentials);
                using var call = connection.Sweeps.Watch(new WatchSweepRequest { Id = sweepId }, cancellationToken: cancel);
                while (await NextAsync(call.ResponseStream, cancel) is { } sweep)
                {
                    if (sweep.Status.Revision > _revision || sweep.HasEnded())
                    {
                        _revision = sweep.Status.Revision;
                        yield return sweep;
                    }

                    if (sweep.HasEnded())
                    {
                        yield break;
                    }
                }
            }

            _silentSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(_silentSince.Value) > patience)
            {
                throw new CommandException(ExitCode.Unreachable,
                    $"no server answered for {patience.TotalSeconds} s while watching {sweepId}: {_failure?.Status.Detail ?? "none is left"}");
            }

            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>Null where the stream broke, so that another one is needed.</summary>
    private async Task<Sweep?> NextAsync(IAsyncStreamReader<Sweep> stream, CancellationToken cancel)
    {
        try
        {
            var more = await stream.MoveNext(cancel);
            _silentSince = null;
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
