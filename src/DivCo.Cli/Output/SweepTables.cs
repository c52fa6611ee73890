using DivCo.Protocol;
using DivCo.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DivCo.Cli.Output;

/// <summary>Sweeps, trials and devices as tables.</summary>
internal static class SweepTables
{
    /// <summary>The state of all trials, for a live display.</summary>
    public static IRenderable Progress(Sweep sweep)
    {
        string[] metrics = [MetricNames.LossD, MetricNames.LossG, .. Terms(sweep), MetricNames.SamplesPerS, MetricNames.Diversity];
        var table = New(["trial", "state", "parameters", "step", "eta", .. metrics.Select(Heading)]);
        foreach (var trial in sweep.Status.Trials)
        {
            table.Row([
                trial.Id, Words.Of(trial.State), Words.Parameters(trial), $"{trial.Step}/{trial.Steps}", Words.Of(Words.TimeLeft(trial, sweep.Spec)),
                .. metrics.Select(name => Metric(trial, name))]);
        }

        var reasons = sweep.Status.Trials
            .Where(trial => trial.State is not State.Succeeded && trial.Reason.Length > 0 && !Explains(trial))
            .Select(trial => new Text($"{trial.Id}: {trial.Reason}"));
        return new Rows([new Text($"{sweep.Id} {Words.Of(sweep.Status.State)}  {sweep.Status.Reason}"), table, .. reasons]);
    }

    /// <summary>A trial that trains explains itself; one that has its devices and stands still does not.</summary>
    public static bool Explains(Trial trial) =>
        trial.State is State.Running && trial.Devices.Count > 0 && !trial.Reason.StartsWith("paused: ", StringComparison.Ordinal);

    /// <summary>Rows under their headings.</summary>
    public static Table Table(string[] headings, IEnumerable<string[]> rows)
    {
        var table = New(headings);
        foreach (var row in rows)
        {
            table.Row(row);
        }

        return table;
    }

    /// <summary>What a sweep came to: the final figures, then where checkpoints and pictures are.</summary>
    public static void WriteSummary(this Terminal terminal, Sweep sweep)
    {
        string[] metrics = [MetricNames.LossD, MetricNames.LossG, MetricNames.LossAdv, .. Terms(sweep), MetricNames.Diversity];
        var table = New(["trial", "state", "parameters", "step", .. metrics, ""]);
        foreach (var trial in sweep.Status.Trials)
        {
            table.Row([
                trial.Id, Words.Of(trial.State), Words.Parameters(trial), $"{trial.Step}/{trial.Steps}",
                .. metrics.Select(name => Metric(trial, name)), trial.Id == sweep.Status.Best ? "best" : ""]);
        }

        terminal.Console().Write(table);
        foreach (var trial in sweep.Status.Trials)
        {
            Line(trial.Id, "checkpoint", trial.Checkpoint is null ? "" : Words.Path(trial.Checkpoint.Path));
            Line(trial.Id, "picture", Words.Path(trial.Sample));
            Line(trial.Id, Words.Of(trial.State), trial.State == State.Succeeded ? "" : trial.Reason);
        }

        terminal.Out.WriteLine($"{sweep.Id} {Words.Of(sweep.Status.State)}{(sweep.Status.Reason.Length > 0 ? ": " + sweep.Status.Reason : "")}");

        void Line(string id, string what, string text)
        {
            if (text.Length > 0)
            {
                terminal.Out.WriteLine($"{id}  {what,-10}  {text}");
            }
        }
    }

    /// <summary>Writes rows under their headings; a table without rows says so in words.</summary>
    public static void WriteTable(this Terminal terminal, string none, string[] headings, IEnumerable<string[]> rows)
    {
        var table = Table(headings, rows);
        if (table.Rows.Count == 0)
        {
            terminal.Out.WriteLine(none);
            return;
        }

        terminal.Console().Write(table);
    }

    /// <summary>The diversity terms that any trial has.</summary>
    private static IEnumerable<string> Terms(Sweep sweep) =>
        MetricNames.DiversityTerms.Where(name => sweep.Status.Trials.Any(trial => trial.Metrics.ContainsKey(name)));

    private static string Heading(string metric) => metric == MetricNames.SamplesPerS ? "samples/s" : metric;

    private static Table New(params string[] headings)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = heading is "trial" or "step" or "state" });
        }

        return table;
    }

    private static void Row(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Metric(Trial trial, string name) => Terminal.Show(trial.Metric(name));
}
