namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A sweep that nobody disturbs: what all that are killed, stopped and resumed must end with. Trained once for all tests.</summary>
internal sealed class Undisturbed
{
    /// <summary>A second or two of training: for stories of stopping and resuming.</summary>
    public static readonly Undisturbed Short = new(Specs.Tiny(steps: 60, every: 10));

    /// <summary>Long enough to be disturbed several times; it goes on with one to three devices.</summary>
    public static readonly Undisturbed Elastic = new(
        Specs.Tiny(steps: 400, every: 100).Replace("{workers: 2}", "{workers: 2, elastic: {min: 1, max: 3}}").Replace("report_every: 2", "report_every: 1"));

    private readonly Lazy<Task<Hashes>> _hashes;

    public Undisturbed(string spec)
    {
        Spec = spec;
        _hashes = new(Run);
    }

    public string Spec { get; }

    public Task<Hashes> Hashes() => _hashes.Value;

    private async Task<Hashes> Run()
    {
        await using var scenario = new Scenario();
        return Scenarios.Hashes.Of(await scenario.Run(
            "run", scenario.Write("tiny.yaml", Spec), "--processes", "1", "--devices", "cpu:2", "--results", scenario.Results, "--output", "json"));
    }
}
