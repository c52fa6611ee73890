using DivCo.EndToEnd.Tests.Processes;
using DivCo.EndToEnd.Tests.Scenarios;

namespace DivCo.EndToEnd.Tests.Observability;

public sealed class TraceTests
{
    [Fact]
    public async Task One_trace_leads_from_divco_submit_to_the_exchanges_of_two_workers()
    {
        await using var scenario = new Scenario();
        using var receiver = new OtlpReceiver();
        foreach (var (name, value) in receiver.Variables)
        {
            scenario.Environment[name] = value;
        }

        await scenario.Server("north", options: ["--role", "silo"]);
        await scenario.Server("south", options: ["--role", "silo"]);
        await scenario.Server("gate", options: ["--role", "gateway"]);
        var sweep = await scenario.Submit(Specs.Tiny(), "--id", "traced");
        await sweep.Succeeds();

        // Each span under the one that asked for it, across five processes and three records.
        await Deadline.Until(
            "all spans to come", () => receiver.Spans.Count(span => span.Name is "exchange receive" or "worker train") >= 4, instead: () => Tree(receiver.Spans));
        var spans = receiver.Spans;
        var submit = spans.Single(span => span.Name == "divco submit");
        var call = spans.Single(span => span.ParentId == submit.SpanId && span.Process == "divco");
        var gateway = Child(spans, Child(spans, call, "divco", "POST"), "gate", "POST /divco.v1.SweepService/Submit");
        var coordinator = spans.First(span => span.ParentId == gateway.SpanId && span.Name == "sweep running");
        var trial = spans.First(span => span.ParentId == coordinator.SpanId && span.Name == "trial queued");
        Assert.Equal("", submit.ParentId);
        Assert.Equal("traced/0", trial.Attributes["divco.trial.id"]);
        foreach (var silo in (string[])["north", "south"])
        {
            var worker = Child(spans, trial, silo, "worker train");
            var step = Child(spans, worker, silo, "step");
            Assert.Contains(spans, span => span.ParentId == step.SpanId && span.Process == silo && span.Name == "exchange all_reduce");

            // What it receives from its peer hangs under the peer's training.
            var other = silo == "north" ? "south" : "north";
            Child(spans, Child(spans, trial, other, "worker train"), silo, "exchange receive");
        }

        Assert.Contains(spans, span => span.Name == "checkpoint" && span.TraceId == submit.TraceId);
        Assert.All(spans.Where(span => span.Name.StartsWith("trial ", StringComparison.Ordinal) || span.Name.StartsWith("worker ", StringComparison.Ordinal)),
            span => Assert.Equal(submit.TraceId, span.TraceId));

        // Logs belong to it: over OTLP, on the console, and in what divco shows.
        await Deadline.Until("the logs to come", () => receiver.Logs.Any(log => log.TraceId == submit.TraceId && log.Body.Contains("{Trial} epoch {Epoch}", StringComparison.Ordinal)));
        Assert.Contains(scenario.Said("north"), line => line.EndsWith($"trace={submit.TraceId}", StringComparison.Ordinal));
        var logs = await scenario.Run("logs", "traced/0", "--follow");
        logs.MustSucceed();
        var lines = logs.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines.Select(line => line[..24]).Order(StringComparer.Ordinal), lines.Select(line => line[..24]));
        Assert.Contains(lines, line => line.Contains(" north information: traced/0 epoch 1 on north/cpu0: completed", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(lines, line => line.Contains(" south ", StringComparison.Ordinal) && line.EndsWith($"trace={submit.TraceId}", StringComparison.Ordinal));
    }

    private static ReceivedSpan Child(IReadOnlyList<ReceivedSpan> spans, ReceivedSpan parent, string process, string name)
    {
        var found = spans.FirstOrDefault(span => span.ParentId == parent.SpanId && span.TraceId == parent.TraceId && span.Process == process && span.Name == name);
        Assert.True(found is not null, $"{process} has no span '{name}' under '{parent.Name}' of {parent.Process}:\n{Tree(spans)}");
        return found;
    }

    private static string Tree(IReadOnlyList<ReceivedSpan> spans) =>
        string.Join('\n', spans.Select(span => $"{span.TraceId[..6]} {span.ParentId,16} > {span.SpanId} {span.Process,-8} {span.Name}"));
}
