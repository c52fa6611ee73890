using System.Security.Cryptography;
using static TorchSharp.torch;

namespace DivCo.Training.Determinism;

/// <summary>A kernel to be probed.</summary>
/// <param name="Compute">All its outputs, contiguous or not, from inputs that it takes one after another.</param>
internal sealed record ProbedKernel(string Name, Func<ProbeInputs, IReadOnlyList<Tensor>> Compute)
{
    /// <summary>SHA-256 of the bits of all outputs, in lower-case hexadecimal digits.</summary>
    public string Bits(int offset)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var output in Compute(new ProbeInputs(offset)))
        {
            hash.AppendData(output.detach().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
