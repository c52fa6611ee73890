namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A checkpoint used by itself: from its folder, or fetched from a cluster by the name of its trial.</summary>
public sealed class CheckpointUseTests
{
    [Fact]
    public async Task Images_and_weights_come_out_of_a_folder_and_out_of_a_cluster_alike()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north");
        var sweep = await scenario.Submit(Specs.Tiny(steps: 4, workers: 1, every: 2));
        await sweep.Succeeds();
        var folder = Directory.GetDirectories(Path.Combine(scenario.Results, sweep.Id, "trials", "0", "checkpoints"), "step-000002-*").Single();

        var local = await scenario.Run("generate", folder, "--condition", "ring", "--condition", "0", "--count", "3", "--output-dir", "local", "--output", "json");
        local.MustSucceed();
        Assert.Equal((2, 6), (local.Json.GetProperty("step").GetInt32(), local.Json.GetProperty("images").GetArrayLength()));
        (await scenario.Run("generate", $"{sweep.Id}/0@2", "--condition", "ring", "--condition", "0", "--count", "3", "--output-dir", "fetched")).MustSucceed();
        var names = Names(scenario, "local");
        Assert.Equal(["0-disc-0000.png", "0-disc-0001.png", "0-disc-0002.png", "3-ring-0000.png", "3-ring-0001.png", "3-ring-0002.png", "grid.png"], names);
        Assert.Equal(names, Names(scenario, "fetched"));
        Assert.All(names, name => Assert.Equal(Bytes(scenario, "local", name), Bytes(scenario, "fetched", name)));
        (await scenario.Run("generate", folder, "--latent", "walk", "--count", "4", "--output-dir", "walk")).MustSucceed();
        Assert.Equal((4 * 4) + 1, Names(scenario, "walk").Count());

        var judged = await scenario.Run("evaluate", folder, "--samples", "200", "--metrics", "mode_coverage", "--metrics", "mode_hits", "--output", "json");
        judged.MustSucceed();
        Assert.InRange(judged.Json.GetProperty("figures").GetProperty("mode_coverage").GetDouble(), 0, 1);

        (await scenario.Run("export", $"{sweep.Id}/0", "--output-dir", "exported")).MustSucceed();
        Assert.Equal(["README.md", "discriminator.safetensors", "generator.py", "generator.safetensors", "model.json"], Names(scenario, "exported"));

        // A copy may have any name.
        Directory.Move(folder, Path.Combine(scenario.Folder, "best"));
        (await scenario.Run("generate", "best", "--condition", "ring", "--condition", "0", "--count", "3", "--output-dir", "renamed")).MustSucceed();
        Assert.All(names, name => Assert.Equal(Bytes(scenario, "local", name), Bytes(scenario, "renamed", name)));
    }

    [Fact]
    public async Task What_cannot_be_used_is_told_in_one_line()
    {
        await using var scenario = new Scenario();
        await scenario.Server("north");
        var sweep = await scenario.Submit(Specs.Tiny(steps: 2, workers: 1, every: 2));
        await sweep.Succeeds();
        var folder = Directory.GetDirectories(Path.Combine(scenario.Results, sweep.Id, "trials", "0", "checkpoints")).Single();
        await Refused(scenario, "no folder", 3, "generate", "nowhere");
        await Refused(scenario, "has no checkpoint of step 7; it has 2", 3, "generate", $"{sweep.Id}/0@7");
        await Refused(scenario, "--condition hat: there is no such condition; allowed are 0 to 3 and disc, square, diamond, ring", 2, "generate", folder, "--condition", "hat");
        await Refused(scenario, "--count 0: allowed are 1 to 10000\n--latent sideways: allowed are walk and random", 2, "generate", folder, "--count", "0", "--latent", "sideways");
        await Refused(scenario, "is not empty; choose another with --output-dir", 1, "export", folder, "--output-dir", scenario.Results);
        await Refused(scenario, "--features vgg: allowed are classifier and inception:FILE", 2, "evaluate", folder, "--features", "vgg");
        await Refused(scenario, "metrics holds \"beauty\"; allowed: frechet_distance", 1, "evaluate", folder, "--metrics", "beauty");
        await Refused(scenario, "nowhere.safetensors", 1, "evaluate", folder, "--features", "inception:nowhere.safetensors", "--samples", "100");
        await Refused(scenario, "is no checkpoint", 1, "export", scenario.Results);

        // A trial's text that was altered is not that of the weights any more.
        var trial = Path.Combine(folder, "trial.json");
        File.WriteAllText(trial, File.ReadAllText(trial).Replace("\"width\": 4", "\"width\": 8", StringComparison.Ordinal));
        await Refused(scenario, "is of another trial", 1, "generate", folder);
        File.Delete(trial);
        await Refused(scenario, "has no trial.json", 1, "export", folder);
    }

    private static async Task Refused(Scenario scenario, string reason, int code, params string[] arguments)
    {
        var result = await scenario.Run(arguments);
        Assert.Equal(code, result.ExitCode);
        var errors = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(reason.Split('\n').Zip(errors), line => Assert.Contains(line.First, line.Second, StringComparison.Ordinal));
        Assert.Equal(reason.Split('\n').Length, errors.Length);
    }

    private static IEnumerable<string> Names(Scenario scenario, string folder) =>
        Directory.GetFiles(Path.Combine(scenario.Folder, folder)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static byte[] Bytes(Scenario scenario, string folder, string name) => File.ReadAllBytes(Path.Combine(scenario.Folder, folder, name));
}
