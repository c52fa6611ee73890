using System.Globalization;
using System.Text.Json;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Observability;

/// <summary>Debian's Prometheus as part of a story, with the rules of this repository, scraping each second.</summary>
internal sealed class Prometheus : IDisposable
{
    private const string Executable = "/usr/bin/prometheus";
    private readonly HttpClient _http;

    private Prometheus(Uri address) => _http = new HttpClient { BaseAddress = address };

    /// <summary>Why none can be started here; null where one can.</summary>
    public static string? Impediment() => File.Exists(Executable) ? null : $"{Executable} is not installed (Debian: prometheus)";

    /// <param name="rules">The folder of the rules.</param>
    public static async Task<Prometheus> Start(Scenario scenario, string rules, IEnumerable<Uri> targets)
    {
        var config = scenario.Write("prometheus.yaml", $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["{{rules}}/recording.yaml", "{{rules}}/alerts.yaml"]
            scrape_configs:
              - {job_name: divco, static_configs: [{targets: [{{string.Join(", ", targets.Select(target => $"\"{target.Authority}\""))}}]}]}
            """);
        var address = $"127.0.0.1:{OtlpReceiver.FreePort()}";
        scenario.Start("prometheus", Executable, [$"--config.file={config}", $"--web.listen-address={address}", $"--storage.tsdb.path={scenario.Folder}/prometheus"]);
        var prometheus = new Prometheus(new Uri($"http://{address}"));
        await Deadline.Until("Prometheus to be ready", async () => await prometheus.IsReady() ? "ready" : null);
        return prometheus;
    }

    /// <summary>How many series of the expression have a number now; NaN is none.</summary>
    public async Task<int> Answers(string expression)
    {
        var answer = await _http.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(answer);
        var data = json.RootElement.GetProperty("data");
        return data.GetProperty("resultType").GetString() == "scalar" ? 1 : data.GetProperty("result").EnumerateArray()
            .Count(series => double.IsFinite(double.Parse(series.GetProperty("value")[1].GetString()!.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReady()
    {
        try
        {
            return (await _http.GetAsync("/-/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
