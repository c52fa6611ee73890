using System.Security.Cryptography;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Telemetry;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Sweeps.Search;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training.Data;
using Grpc.Core;

namespace DivCo.Cluster.Api;

/// <summary>The verbs on sweeps: proto in, grain call, proto out.</summary>
internal sealed class SweepService(IGrainFactory grains, ServerOptions options, TimeProvider time, IHostApplicationLifetime lifetime) : Protocol.V1.SweepService.SweepServiceBase
{
    private static readonly TimeSpan _watchPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _dataPatience = TimeSpan.FromSeconds(20);

    public override async Task<Sweep> Submit(SubmitRequest request, ServerCallContext context)
    {
        var spec = SweepDefaults.Apply(request.Spec ?? new SweepSpec());
        var violations = SweepSpecRules.Check(spec);
        if (request.Id != "" && !SweepId.IsValid(request.Id))
        {
            violations = [.. violations, new Violation("id", $"'{request.Id}' is not a sweep id; allowed are {SweepId.Allowed}")];
        }

        if (violations.Count == 0)
        {
            violations = [.. DatasetBounds.Check(spec, isShared: options.Tokens is not null)];
        }

        if (violations.Count > 0)
        {
            throw Refused.InvalidSpec(violations);
        }

        await CheckData(spec);
        var id = request.Id != "" ? request.Id : SweepId.Draw(spec.Name, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        if (!await Coordinator(id).Submit(spec, Traces.Current))
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.AlreadyExists, $"sweep {id} exists with another spec; choose another --id"));
        }

        return await Get(id);
    }

    public override Task<Sweep> Get(GetSweepRequest request, ServerCallContext context) => Get(Known(request.Id));

    public override async Task<ListSweepsResponse> List(ListSweepsRequest request, ServerCallContext context)
    {
        var size = request.PageSize == 0 ? 100 : Math.Clamp(request.PageSize, 1, 1000);
        var ids = await grains.GetGrain<ISweepCatalogGrain>(0).List(request.PageToken, size + 1);
        var sweeps = await Task.WhenAll(ids.Take(size).Select(id => Coordinator(id).Get(withTrials: false)));
        var response = new ListSweepsResponse { NextPageToken = ids.Count > size ? ids[size - 1] : "" };
        response.Sweeps.AddRange(sweeps.Where(sweep => sweep is not null));
        return response;
    }

    public override async Task Watch(WatchSweepRequest request, IServerStreamWriter<Sweep> responseStream, ServerCallContext context)
    {
        var (id, seen) = (Known(request.Id), request.AfterRevision);
        using var timer = new PeriodicTimer(_watchPeriod, time);
        do
        {
            var sweep = await Get(id);
            var ended = sweep.Status.State is State.Stopped or State.Succeeded or State.Failed;
            if (sweep.Status.Revision > seen || ended)
            {
                seen = sweep.Status.Revision;
                await responseStream.WriteAsync(sweep, context.CancellationToken);
            }

            if (ended)
            {
                return;
            }

            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "this server ends; watch on at another"));
            }
        }
        while (await timer.WaitForNextTickAsync(context.CancellationToken));
    }

    public override Task<Sweep> Stop(StopRequest request, ServerCallContext context) =>
        Change(request.Id, (coordinator, trial) => coordinator.Stop(trial));

    public override Task<Sweep> Resume(ResumeRequest request, ServerCallContext context) =>
        Change(request.Id, (coordinator, trial) => coordinator.Resume(trial, Traces.Current));

    public override async Task Logs(LogsRequest request, IServerStreamWriter<LogLine> responseStream, ServerCallContext context)
    {
        var id = TrialId.TryParse(request.TrialId, out var trial) ? trial : throw Refused.NotFound(request.TrialId);
        var log = new TrialLog(options.FoldersOf(id).Logs);
        using var timer = new PeriodicTimer(_watchPeriod, time);
        do
        {
            var known = (await Get(id.Sweep)).Status.Trials.FirstOrDefault(one => one.Id == id.ToString()) ?? throw Refused.NotFound(request.TrialId);
            foreach (var line in log.Read())
            {
                await responseStream.WriteAsync(line, context.CancellationToken);
            }

            if (!request.Follow || known.State is State.Stopped or State.Succeeded or State.Failed)
            {
                return;
            }

            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "this server ends; follow on at another"));
            }
        }
        while (await timer.WaitForNextTickAsync(context.CancellationToken));
    }

    private async Task<Sweep> Change(string id, Func<ICoordinatorGrain, int?, Task<SweepChange>> change)
    {
        var (sweep, trial) = TrialId.TryParse(id, out var trialId) ? (trialId.Sweep, trialId.Index) : (Known(id), (int?)null);
        var result = await change(Coordinator(sweep), trial);
        return result.Refusal is { } refusal
            ? throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, refusal))
            : result.Sweep ?? throw Refused.NotFound(id);
    }

    private async Task<Sweep> Get(string id) => await Coordinator(id).Get(withTrials: true) ?? throw Refused.NotFound(id);

    private static string Known(string id) => SweepId.IsValid(id) ? id : throw Refused.NotFound(id);

    private ICoordinatorGrain Coordinator(string id) => grains.GetGrain<ICoordinatorGrain>(id);

    /// <summary>
    /// A missing or damaged data set is told now, before any trial starts. A large folder of images takes longer to look through than a caller
    /// waits: it goes on being read for the trials, which then tell what is wrong with it. A gateway has no data sets, and leaves it to them.
    /// </summary>
    private async Task CheckData(SweepSpec spec)
    {
        if (options.Role == ServerRole.Gateway)
        {
            return;
        }

        try
        {
            await Task.Run(() =>
            {
                foreach (var request in SearchMethod.Datasets(spec, options.DataRoot))
                {
                    DatasetCatalog.Open(request);
                }
            }).WaitAsync(_dataPatience, time);
        }
        catch (DatasetException e)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, e.Message));
        }
        catch (TimeoutException)
        {
        }
    }
}
