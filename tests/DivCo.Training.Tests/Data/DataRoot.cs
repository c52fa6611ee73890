using DivCo.Training.Data;

namespace DivCo.Training.Tests.Data;

internal static class DataRoot
{
    /// <summary>DIVCO_DATA, or null for the package's folder; the test is skipped where neither has the set.</summary>
    public static string? OfFashionMnist()
    {
        var root = Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable);
        var file = Path.Combine(root is null ? "/usr/share/datasets/fashion-mnist" : Path.Combine(root, "fashion-mnist"), "train-images-idx3-ubyte.gz");
        Assert.SkipUnless(File.Exists(file), $"Fashion-MNIST is not at {file}: install dataset-fashion-mnist");
        return root;
    }
}
