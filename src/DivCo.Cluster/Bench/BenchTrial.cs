using System.CommandLine;
using DivCo.Cluster.Offline;
using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Sweeps.Search;
using DivCo.Cluster.Workers;
using DivCo.Protocol.V1;
using DivCo.Training;
using DivCo.Training.Data;
using Google.Protobuf;

namespace DivCo.Cluster.Bench;

/// <summary>The first trial of a sweep, as the coordinator would draw it.</summary>
internal sealed record BenchTrial(TrialSpec Spec, TrainingConfig Config, Dataset Dataset)
{
    public static Argument<string> File { get; } = new("spec") { Description = "Complete spec of a sweep, as protobuf's JSON" };

    /// <exception cref="OfflineException">There is no such file, it is no spec, or its data cannot be opened.</exception>
    public static BenchTrial Open(string path)
    {
        try
        {
            var spec = JsonParser.Default.Parse<SweepSpec>(System.IO.File.ReadAllText(path));
            var trial = SweepPlan.Resolve(spec, new TrialRecord { Index = 0, Parameters = SearchMethod.Draw(spec, 0), Reason = "drawn" });
            var config = TrialConfigReader.Read(trial);
            return new BenchTrial(trial, config, DatasetCatalog.Open(config, Split.Train, Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable)));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new OfflineException($"{path} is not the JSON of a sweep's spec: {e.Message}", e);
        }
        catch (Exception e) when (e is DatasetException or TrainingConfigException)
        {
            throw new OfflineException(e.Message, e);
        }
    }
}
