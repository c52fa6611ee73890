using DivCo.Cluster.Tests.Hosting;
using DivCo.Cluster.Workers;
using DivCo.Training.Data;

namespace DivCo.Cluster.Tests.Workers;

public sealed class DatasetRecordTests
{
    [Fact]
    public void The_first_worker_records_the_data_and_one_with_other_data_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "trials", "0", "dataset.json");
        var (mine, other) = (DatasetCatalog.Open("modes", Split.Train, 32, 1, null), DatasetCatalog.Open("modes", Split.Train, 32, 3, null));
        Parallel.For(0, 16, _ => DatasetRecord.Check(path, mine));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        var refusal = Assert.Throws<DatasetException>(() => DatasetRecord.Check(path, other));
        Assert.All([mine.Sha256, other.Sha256, path], part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        File.WriteAllText(path, "{");
        Assert.Contains(path, Assert.Throws<DatasetException>(() => DatasetRecord.Check(path, mine)).Message, StringComparison.Ordinal);
    }
}
