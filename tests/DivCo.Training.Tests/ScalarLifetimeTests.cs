using Mono.Cecil;

namespace DivCo.Training.Tests;

/// <summary>
/// TorchSharp 0.107 does not hold the Scalars that it makes of numbers: a collection frees them while libtorch reads them. The banned symbols say so
/// while one types, but they miss compound assignments, and whatever nobody has listed; the compiled code hides nothing.
/// </summary>
public sealed class ScalarLifetimeTests
{
    private static readonly Dictionary<string, string?> MakingScalars = FindMakingScalars();

    [Theory]
    [InlineData("DivCo.Training.dll")]
    [InlineData("DivCo.Training.Tests.dll")]
    public void Nothing_calls_what_makes_a_scalar_inside_TorchSharp(string assembly)
    {
        using var module = Read(assembly);
        Assert.Empty(
            from method in Methods(module)
            from called in Calls(method)
            where MakingScalars.ContainsKey(called) || called.Contains("TorchSharp.Scalar::op_Implicit(", StringComparison.Ordinal)
            select $"{method.FullName} calls {Path(called)}");
    }

    [Theory]
    [InlineData("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::square()")]
    [InlineData("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)")]
    public void Scalars_are_found_behind_calls(string method) => Assert.Contains(method, MakingScalars.Keys);

    /// <summary>The methods of TorchSharp that make a Scalar, each with the method that it calls for it (null: it makes one itself).</summary>
    private static Dictionary<string, string?> FindMakingScalars()
    {
        using var module = Read("TorchSharp.dll");
        var calls = Methods(module).Select(method => (Caller: method.FullName, Called: Calls(method).ToArray())).ToArray();
        var callers = calls.SelectMany(call => call.Called.Select(called => (call.Caller, Called: called))).ToLookup(call => call.Called, call => call.Caller);
        var found = calls.Where(call => !Makes(call.Caller) && call.Called.Any(Makes)).ToDictionary(call => call.Caller, _ => (string?)null);
        var open = new Queue<string>(found.Keys);
        while (open.TryDequeue(out var called))
        {
            foreach (var caller in callers[called].Where(caller => found.TryAdd(caller, called)))
            {
                open.Enqueue(caller);
            }
        }

        return found;

        static bool Makes(string method) => method.StartsWith("TorchSharp.Scalar ", StringComparison.Ordinal)
            && (method.Contains("::op_Implicit(", StringComparison.Ordinal) || method.Contains("::ToScalar(", StringComparison.Ordinal));
    }

    private static string Path(string? method)
    {
        var path = new List<string>();
        for (; method is not null; method = MakingScalars.GetValueOrDefault(method))
        {
            path.Add(method);
        }

        return string.Join(", which calls ", path);
    }

    private static ModuleDefinition Read(string assembly) => ModuleDefinition.ReadModule(System.IO.Path.Combine(AppContext.BaseDirectory, assembly));

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) => module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static IEnumerable<string> Calls(MethodDefinition method) =>
        method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>().Select(called => called.GetElementMethod().FullName);
}
