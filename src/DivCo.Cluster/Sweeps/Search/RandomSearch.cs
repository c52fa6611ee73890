using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Sweeps.Search;

/// <summary>Independent draws. Each is addressed by (seed, trial, parameter), so a further parameter leaves the others as they were.</summary>
internal static class RandomSearch
{
    public static Struct Draw(SweepSpec spec, int index)
    {
        var drawn = new Struct();
        foreach (var (path, parameter) in SearchMethod.Ordered(spec))
        {
            drawn.Fields[path] = Value(parameter, Uniform(spec.Seed, index, path));
        }

        return drawn;
    }

    private static Value Value(ParameterSpec parameter, double u)
    {
        if (parameter.Values.Count > 0)
        {
            return parameter.Values[(int)(u * parameter.Values.Count)];
        }

        var (min, max) = (parameter.Min, parameter.Max);
        return Google.Protobuf.WellKnownTypes.Value.ForNumber(parameter.Distribution switch
        {
            "uniform" => Math.Clamp(min + (u * (max - min)), min, max),
            "log_uniform" => Math.Clamp(Math.Exp(Math.Log(min) + (u * (Math.Log(max) - Math.Log(min)))), min, max),
            "int_uniform" => Math.Clamp(min + Math.Floor(u * (max - min + 1)), min, max),
            var other => throw new InvalidOperationException($"distribution {other} is not known; a spec that names it should not have been accepted"),
        });
    }

    /// <summary>Uniform in [0, 1) with 53 bits, from SHA-256 of the address.</summary>
    private static double Uniform(ulong seed, int index, string path)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"divco search\n{seed}\n{index}\n{path}"));
        return (BinaryPrimitives.ReadUInt64LittleEndian(digest) >> 11) * (1.0 / (1UL << 53));
    }
}
