using DivCo.Cluster.Hosting;
using DivCo.Cluster.Sweeps;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cluster.Api;

/// <summary>Checkpoints and sample pictures of a trial. Names from outside only choose among what is listed; they never become paths.</summary>
internal sealed class CheckpointService(IGrainFactory grains, ServerOptions options) : Protocol.V1.CheckpointService.CheckpointServiceBase
{
    public override async Task<ListCheckpointsResponse> List(ListCheckpointsRequest request, ServerCallContext context) =>
        new() { Checkpoints = { await Checkpoints(request.TrialId) } };

    public override async Task Download(DownloadCheckpointRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        var checkpoints = await Checkpoints(request.TrialId);
        var chosen = request.Name == "" ? checkpoints.LastOrDefault() : checkpoints.FirstOrDefault(checkpoint => checkpoint.Name == request.Name);
        if (chosen is null)
        {
            throw Missing("checkpoint", request.Name, request.TrialId, checkpoints.Select(checkpoint => checkpoint.Name));
        }

        foreach (var file in Directory.EnumerateFiles(chosen.Path).Order(StringComparer.Ordinal))
        {
            await FileStreaming.Send(file, responseStream, context.CancellationToken);
        }
    }

    public override async Task<ListSamplesResponse> ListSamples(ListSamplesRequest request, ServerCallContext context) =>
        new() { Samples = { await Samples(request.TrialId) } };

    public override async Task DownloadSample(DownloadSampleRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        var samples = await Samples(request.TrialId);
        var chosen = request.Name == "" ? samples.LastOrDefault() : samples.FirstOrDefault(sample => sample.Name == request.Name);
        if (chosen is null)
        {
            throw Missing("sample", request.Name, request.TrialId, samples.Select(sample => sample.Name));
        }

        await FileStreaming.Send(chosen.Path, responseStream, context.CancellationToken);
    }

    private async Task<IReadOnlyList<Checkpoint>> Checkpoints(string trialId)
    {
        var trial = Parse(trialId);
        return await grains.GetGrain<ICoordinatorGrain>(trial.Sweep).Checkpoints(trial.Index) ?? throw Refused.NotFound(trialId);
    }

    private async Task<List<Sample>> Samples(string trialId)
    {
        // Asks for the trial first: a folder that is not there says nothing about whether the trial is.
        await Checkpoints(trialId);
        var trial = Parse(trialId);
        var folder = options.FoldersOf(trial).Samples;
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "step-*.png").Order(StringComparer.Ordinal)
                .Select(path => new Sample { TrialId = trial.ToString(), Name = Path.GetFileName(path), Path = path })];
    }

    private static TrialId Parse(string id) => TrialId.TryParse(id, out var trial) ? trial : throw Refused.NotFound(id);

    private static RpcException Missing(string kind, string name, string trial, IEnumerable<string> there) => new(new Status(
        StatusCode.NotFound, $"{trial} has no {kind} {(name == "" ? "yet" : $"'{name}'")}; there are: {string.Join(", ", there.DefaultIfEmpty("none"))}"));
}
