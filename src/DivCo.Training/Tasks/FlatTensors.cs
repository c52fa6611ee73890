using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>Named tensors that are views into one flat buffer, so that an optimiser, an all-reduce or a copy acts on all at once.</summary>
internal sealed class FlatTensors : IDisposable
{
    private readonly Dictionary<string, Tensor> _views = [];
    private readonly Dictionary<string, Tensor> _leaves = [];

    /// <summary>All elements start as zero.</summary>
    /// <param name="type">Of the elements; null: float32, which training uses.</param>
    public FlatTensors(TensorLayout layout, ScalarType? type = null)
    {
        Layout = layout;
        Buffer = zeros(layout.Length, type ?? float32).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        for (var i = 0; i < layout.Tensors.Count; i++)
        {
            var tensor = layout.Tensors[i];
            var view = Buffer.narrow(0, layout.Offsets[i], tensor.Length).view(tensor.Shape);
            _views.Add(tensor.Name, view.DetachFromDisposeScope());
            _leaves.Add(tensor.Name, view.detach().requires_grad_().DetachFromDisposeScope());
        }
    }

    public TensorLayout Layout { get; }

    /// <summary>All elements, 64-byte aligned.</summary>
    public Tensor Buffer { get; }

    /// <summary>The tensors by name, as constants: nothing differentiates with respect to them.</summary>
    public IReadOnlyDictionary<string, Tensor> Constants => _views;

    /// <summary>The same tensors in the same storage, as what gradients are taken with respect to.</summary>
    public IReadOnlyDictionary<string, Tensor> Leaves => _leaves;

    public Span<float> Values => TensorMemory.Floats(Buffer);

    public Span<float> ValuesOf(int tensor) => Values.Slice(Layout.Offsets[tensor], Layout.Tensors[tensor].Length);

    public void Dispose()
    {
        foreach (var tensor in _leaves.Values.Concat(_views.Values))
        {
            tensor.Dispose();
        }

        Buffer.Dispose();
    }
}
