using DivCo.Training.Data;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tasks;
using DivCo.Training.Tests.Data;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

/// <summary>A whole training on Fashion-MNIST: about two minutes of a CPU thread.</summary>
public sealed class ClassifierTests(ITestOutputHelper output)
{
    [Fact]
    public void Nine_in_ten_test_images_of_fashion_mnist_are_told_right()
    {
        var root = DataRoot.OfFashionMnist();
        TorchRuntime.EnterThread();
        var (training, test) = (Data(Split.Train), Data(Split.Test));
        var network = new ClassifierNetwork(training.Channels, training.ImageSize, training.Classes);
        using var parameters = new FlatTensors(network.Parameters);
        ClassifierTraining.Run(network, parameters, training, seed: 0, ClassifierTraining.Samples, TestContext.Current.CancellationToken);
        var accuracy = ClassifierTraining.Accuracy(network, parameters, test, TestContext.Current.CancellationToken);
        output.WriteLine($"{accuracy:P2} of {test.Count} right");
        Assert.InRange(accuracy, 0.9, 1);

        ClassifierData Data(Split split) => ClassifierData.Of(DatasetCatalog.Open("fashion-mnist", split, 32, 1, root));
    }
}
