using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests;

/// <summary>Gradients in float64, where two ways to compute one function agree to the last digits and two functions do not.</summary>
internal static class ExactGradient
{
    /// <summary>The sum over shards of what each backpropagates, in float64.</summary>
    public static double[] OfShards(GanTask task, GanUpdate update)
    {
        var shards = Enumerable.Range(0, task.Grid.Count).Where(shard => update.Includes(task.Grid, shard)).ToArray();
        var outputs = shards.ToDictionary(shard => shard, update.Forward);
        var statistics = stack([.. outputs.Values.Select(output => output.Statistics).OfType<Tensor>()]).sum(dim: 0);
        var global = LossGradient.Of(statistics, update.GlobalTerms).Gradient!;
        var sum = new double[update.Trained.Sum(tensors => tensors.Layout.Length)];
        foreach (var shard in shards)
        {
            List<Tensor> given = [], gradients = [];
            if (outputs[shard].Statistics is { } own)
            {
                (given, gradients) = ([own], [global]);
            }

            if (outputs[shard].Rows is { } rows)
            {
                var slice = shards.Where(other => task.Grid.SliceOf(other) == task.Grid.SliceOf(shard)).ToArray();
                Assert.Equal(rows.NumberOfElements, update.RowsLength(shard));
                var whole = LossGradient.Of(cat([.. slice.Select(other => outputs[other].Rows!)]), leaf => update.SliceTerms(statistics.detach(), leaf)).Gradient!;
                given.Add(rows);
                gradients.Add(whole.narrow(0, slice.TakeWhile(other => other < shard).Sum(other => outputs[other].Rows!.shape[0]), rows.shape[0]));
            }

            var offset = 0;
            foreach (var tensors in update.Trained)
            {
                var parts = autograd.grad(given, [.. tensors.Layout.Tensors.Select(tensor => tensors.Leaves[tensor.Name])], gradients, retain_graph: true, allow_unused: true);
                for (var i = 0; i < parts.Count; i++)
                {
                    if (parts[i] is null || parts[i].IsInvalid)
                    {
                        continue; // a shard without queries finds no latents
                    }

                    var values = TensorMemory.Doubles(parts[i].contiguous());
                    for (var element = 0; element < values.Length; element++)
                    {
                        sum[offset + tensors.Layout.Offsets[i] + element] += values[element];
                    }
                }

                offset += tensors.Layout.Length;
            }
        }

        return sum;
    }

    /// <summary>The gradient of one graph, as it lies in what an update trains.</summary>
    public static double[] OfWhole(Tensor total, IReadOnlyList<FlatTensors> trained, Dictionary<string, Tensor> parameters) =>
    [
        .. trained.SelectMany(tensors =>
        {
            var layout = tensors.Layout;
            var flat = new double[layout.Length];
            var gradients = autograd.grad([total], [.. layout.Tensors.Select(tensor => parameters[tensor.Name])], retain_graph: true);
            for (var i = 0; i < gradients.Count; i++)
            {
                TensorMemory.Doubles(gradients[i].contiguous()).CopyTo(flat.AsSpan(layout.Offsets[i]));
            }

            return flat;
        }),
    ];

    /// <summary>Relative, by norm.</summary>
    public static double Distance(double[] expected, double[] actual) =>
        Math.Sqrt(expected.Zip(actual, (x, y) => (x - y) * (x - y)).Sum() / expected.Sum(x => x * x));
}
