namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>The run that nobody disturbs: what all that are killed, stopped and resumed must end with.</summary>
internal static class Undisturbed
{
    public static readonly string Spec = Specs.Tiny(steps: 60, every: 10);

    private static readonly Lazy<Task<Hashes>> _hashes = new(Run);

    /// <summary>Trained once for all tests.</summary>
    public static Task<Hashes> Hashes() => _hashes.Value;

    private static async Task<Hashes> Run()
    {
        await using var scenario = new Scenario();
        return Scenarios.Hashes.Of(await scenario.Run(
            "run", scenario.Write("tiny.yaml", Spec), "--processes", "1", "--devices", "cpu:2", "--results", scenario.Results, "--output", "json"));
    }
}
