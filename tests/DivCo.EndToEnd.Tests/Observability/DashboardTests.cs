using System.Text.Json;
using System.Text.RegularExpressions;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Observability;

/// <summary>Dashboards and rules, as they are committed, against a real run.</summary>
public sealed partial class DashboardTests
{
    private static readonly string _folder = Path.Combine(Installation.Repository, "deploy", "observability");

    [Fact]
    public async Task Every_panel_and_every_recording_rule_has_data_from_a_run_of_two_processes()
    {
        SkipWhere(Prometheus.Impediment());
        await using var scenario = new Scenario();
        scenario.Environment["DIVCO_SERVER_METRICS"] = "true";
        var north = await scenario.Server("north");
        var south = await scenario.Server("south");
        using var prometheus = await Prometheus.Start(scenario, Path.Combine(_folder, "prometheus"), [north.Admin, south.Admin]);
        await scenario.Submit(Spec, "--id", "watched");

        var missing = Expressions();
        var panels = missing.Count;
        await Deadline.Until(
            "all panels and rules to have data",
            async () =>
            {
                foreach (var (name, expression) in missing.ToList())
                {
                    if (await prometheus.Answers(expression) > 0)
                    {
                        missing.Remove(name);
                    }
                }

                return missing.Count == 0 ? "all" : null;
            },
            instead: () => $"{missing.Count} of {panels} had none:\n{string.Join('\n', missing)}", period: TimeSpan.FromSeconds(1));
        Assert.InRange(panels, 40, 200);
    }

    [Theory]
    [InlineData("check", "rules", "recording.yaml", "alerts.yaml")]
    [InlineData("check", "config", "prometheus.yaml")]
    [InlineData("test", "rules", "tests/alerts.yaml")]
    public async Task Promtool_accepts_config_and_rules_and_every_alert_fires_in_a_case(params string[] arguments)
    {
        const string Promtool = "/usr/bin/promtool";
        SkipWhere(File.Exists(Promtool) ? null : $"{Promtool} is not installed (Debian: prometheus)");
        await using var scenario = new Scenario();
        var prometheus = Path.Combine(_folder, "prometheus");
        var tool = scenario.Start("promtool", Promtool, [.. arguments.Select(argument => argument.EndsWith(".yaml", StringComparison.Ordinal) ? Path.Combine(prometheus, argument) : argument)]);
        Assert.True(await tool.Exit() == 0, $"{tool}");

        var cases = File.ReadAllText(Path.Combine(prometheus, "tests", "alerts.yaml"));
        Assert.All(Alert().Matches(File.ReadAllText(Path.Combine(prometheus, "alerts.yaml"))), alert =>
            Assert.Matches($@"alertname: {alert.Groups[1].Value}\s+exp_alerts:\s+- exp_labels", cases));
        Assert.All(File.ReadAllText(Path.Combine(prometheus, "alerts.yaml")).Split("- alert: ")[1..], alert => Assert.Contains("runbook: ", alert, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_dashboards_are_what_their_source_makes()
    {
        const string Python = "/usr/bin/python3";
        SkipWhere(File.Exists(Python) ? null : $"{Python} is not installed (Debian: python3)");
        await using var scenario = new Scenario();
        var check = scenario.Start("dashboards", Python, [Path.Combine(_folder, "dashboards"), "--check"]);
        Assert.True(await check.Exit() == 0, $"{check}");
    }

    private const string Spec = """
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: watched}
        spec:
          seed: 42
          method: random
          parameters:
            lambda_contra: {distribution: log_uniform, min: 0.1, max: 10}
          limits: {max_trials: 40, max_concurrent: 2}
          resources: {workers: 2}
          trial:
            dataset: {name: modes}
            model: {width: 4, latent_dim: 16, feature_dim: 16, norm: instance}
            batch_size: 8
            negatives: 4
            steps: 40
            shards: {data: 2, negatives: 2}
            checkpoint: {every: 10}
            report_every: 2
        """;

    /// <summary>By name: the queries of all panels, with the range that Grafana would put in, and the series of the recording rules. GPUs have data where there are some.</summary>
    private static Dictionary<string, string> Expressions()
    {
        Dictionary<string, string> all = [];
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, "grafana", "dashboards"), "*.json"))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            Assert.Equal($"divco-{Path.GetFileNameWithoutExtension(file)}", dashboard.RootElement.GetProperty("uid").GetString());
            foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => !panel.GetProperty("title").GetString()!.StartsWith("GPUs", StringComparison.Ordinal)))
            {
                foreach (var target in panel.GetProperty("targets").EnumerateArray())
                {
                    all.Add($"{Path.GetFileName(file)}: {panel.GetProperty("title")} {target.GetProperty("refId")}", target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "15s", StringComparison.Ordinal));
                }
            }
        }

        foreach (Match rule in Record().Matches(File.ReadAllText(Path.Combine(_folder, "prometheus", "recording.yaml"))))
        {
            all.Add(rule.Groups[1].Value, rule.Groups[1].Value);
        }

        return all;
    }

    /// <summary>Where all tests must run, what is missing is a failure.</summary>
    private static void SkipWhere(string? impediment) =>
        Assert.SkipWhen(impediment is not null && Environment.GetEnvironmentVariable("CI") != "true", impediment ?? "");

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"- record: (\S+)")]
    private static partial Regex Record();
}
