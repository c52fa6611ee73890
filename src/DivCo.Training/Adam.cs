using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training;

/// <summary>
/// Adam (Kingma and Ba, 2015, algorithm 1) with L2 weight decay added to the gradient, over a flat buffer. Ours, because TorchSharp's
/// passes implicit scalars, which it frees while libtorch reads them; here each is held.
/// </summary>
internal sealed class Adam : IDisposable
{
    private const double Epsilon = 1e-8;
    private const string FirstSuffix = ".exp_avg";
    private const string SecondSuffix = ".exp_avg_sq";

    private static readonly Scalar One = 1.ToScalar();

    private readonly OptimizerConfig _config;
    private readonly FlatTensors _parameters;
    private readonly FlatTensors _first;
    private readonly FlatTensors _second;
    private readonly Scalar _beta1;
    private readonly Scalar _oneMinusBeta1;
    private readonly Scalar _beta2;
    private readonly Scalar _oneMinusBeta2;
    private readonly Scalar _decay;
    private readonly Scalar _epsilon = Epsilon.ToScalar();

    public Adam(OptimizerConfig config, FlatTensors parameters)
    {
        (_config, _parameters) = (config, parameters);
        (_first, _second) = (new FlatTensors(parameters.Layout), new FlatTensors(parameters.Layout));
        (_beta1, _oneMinusBeta1) = (config.Beta1.ToScalar(), (1 - config.Beta1).ToScalar());
        (_beta2, _oneMinusBeta2) = (config.Beta2.ToScalar(), (1 - config.Beta2).ToScalar());
        _decay = config.WeightDecay.ToScalar();
    }

    /// <summary>Makes one update of the parameters.</summary>
    /// <param name="gradient">As the parameters' buffer; left as it is.</param>
    /// <param name="update">How many updates this makes, from 1.</param>
    /// <param name="factor">Times the learning rate.</param>
    public void Step(Tensor gradient, long update, double factor)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var rate = (-_config.LearningRate * factor / (1 - Math.Pow(_config.Beta1, update))).ToScalar();
        using var correction = Math.Sqrt(1 - Math.Pow(_config.Beta2, update)).ToScalar();

        var decayed = gradient.add(_parameters.Buffer, _decay);
        _first.Buffer.mul_(_beta1).add_(decayed, _oneMinusBeta1);
        _second.Buffer.mul_(_beta2).addcmul_(decayed, decayed, _oneMinusBeta2);
        var deviation = _second.Buffer.sqrt().div_(correction).add_(_epsilon, One);
        _parameters.Buffer.addcdiv_(_first.Buffer, deviation, rate);
    }

    /// <summary>The moments, with what is added to the parameters' names: those of PyTorch.</summary>
    public IEnumerable<(FlatTensors Tensors, string Suffix)> Moments => [(_first, FirstSuffix), (_second, SecondSuffix)];

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        foreach (var scalar in (IEnumerable<Scalar>)[_beta1, _oneMinusBeta1, _beta2, _oneMinusBeta2, _decay, _epsilon])
        {
            scalar.Dispose();
        }
    }
}
