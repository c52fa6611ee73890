using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests;

public sealed class AdamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1e-2)]
    public void Moves_parameters_as_the_algorithm_says(double decay)
    {
        var config = new OptimizerConfig { LearningRate = 1e-2, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = decay, Schedule = LearningRateSchedule.Constant };
        using var parameters = new FlatTensors(new TensorLayout([new TensorSpec("p", [37], InitialValue.Constant(0))]));
        using var adam = new Adam(config, parameters);
        var (p, m, v) = (new double[37], new double[37], new double[37]);
        for (var i = 0; i < p.Length; i++)
        {
            parameters.ValuesOf(0)[i] = (float)Math.Sin(i);
            p[i] = (float)Math.Sin(i);
        }

        for (var update = 1; update <= 20; update++)
        {
            using var gradient = zeros(parameters.Layout.Length, float32);
            for (var i = 0; i < p.Length; i++)
            {
                var g = (float)(Math.Cos(i + update) * (i % 5 == 0 ? 1e-6 : 1));
                TensorMemory.Floats(gradient)[i] = g;
                var decayed = g + (decay * p[i]);
                m[i] = (0.5 * m[i]) + (0.5 * decayed);
                v[i] = (0.999 * v[i]) + (0.001 * decayed * decayed);
                p[i] -= 1e-2 * (m[i] / (1 - Math.Pow(0.5, update))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, update))) + 1e-8);
            }

            adam.Step(gradient, update, 1);
        }

        for (var i = 0; i < p.Length; i++)
        {
            Assert.Equal(p[i], parameters.ValuesOf(0)[i], 2e-6);
        }
    }

    [Fact]
    public void What_lies_between_tensors_stays_zero()
    {
        var config = new OptimizerConfig { LearningRate = 1e-2, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 1e-2, Schedule = LearningRateSchedule.Constant };
        using var parameters = new FlatTensors(new TensorLayout([new TensorSpec("p", [3], InitialValue.Constant(0))]));
        using var adam = new Adam(config, parameters);
        using var gradient = zeros(parameters.Layout.Length, float32);
        TensorMemory.Floats(gradient)[..3].Fill(1);
        adam.Step(gradient, 1, 1);
        Assert.All(parameters.Values[3..].ToArray(), value => Assert.Equal(0, value));
        Assert.Equal(-1e-2f, parameters.Values[0], 1e-6f);
    }
}
