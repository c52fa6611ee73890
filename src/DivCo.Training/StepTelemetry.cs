using System.Diagnostics;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>Measures the steps of one run, on its thread. Attributes are made once; a step makes none.</summary>
internal sealed class StepTelemetry : IDisposable
{
    /// <summary>Spans are made for the first step of a run and for every step divisible by this: on all ranks for the same ones.</summary>
    private const int TracedSteps = 100;

    private static readonly KeyValuePair<string, object?> _data = new("divco.phase", "data");
    private static readonly KeyValuePair<string, object?> _compute = new("divco.phase", "compute");
    private static readonly KeyValuePair<string, object?> _exchange = new("divco.phase", "exchange");
    private static readonly KeyValuePair<string, object?> _wait = new("divco.phase", "wait");

    private readonly TrainingRun _run;
    private readonly GanTask _task;
    private readonly ShardRunner[] _runners;
    private readonly CheckpointRecorder? _checkpoints;
    private readonly KeyValuePair<string, object?> _device;
    private readonly KeyValuePair<string, object?> _role;
    private readonly int _first;
    private long _began;
    private StepTimes _before;
    private Activity? _span;

    public StepTelemetry(TrainingRun run, GanTask task, ShardRunner[] runners, CheckpointRecorder? checkpoints)
    {
        (_run, _task, _runners, _checkpoints, _first) = (run, task, runners, checkpoints, run.Replica.Step);
        var communicator = run.Communicator;
        _device = new(TrainingTelemetry.Device, communicator.Quorum.Members[communicator.Rank]);
        _role = new("divco.role", communicator.Rank == 0 ? "lead" : "member");
        TrainingTelemetry.Running.Add(+1, _device, _role);
        if (communicator.Rank == 0)
        {
            TrainingTelemetry.CheckpointTime.Record(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1e3, _device);
        }
    }

    public void BeginStep(int step)
    {
        if ((step == _first || step % TracedSteps == 0) && Activity.Current is { Recorded: true })
        {
            _span = TrainingTelemetry.Source.StartActivity("step")?.SetTag("divco.step", step);
            _run.Communicator.IsTraced = _span is not null;
        }

        (_before, _began) = (Now, Stopwatch.GetTimestamp());
    }

    public void EndStep()
    {
        var whole = Stopwatch.GetElapsedTime(_began).TotalSeconds;
        var spent = Now - _before;

        // What went on while the device computed is the step's computing: first the waiting in it, then the rest.
        var unseen = spent.Hidden < spent.Wait ? spent.Hidden : spent.Wait;
        var (data, exchange, wait) = (spent.Data.TotalSeconds, (spent.Exchange - (spent.Hidden - unseen)).TotalSeconds, (spent.Wait - unseen).TotalSeconds);
        var compute = Math.Max(0, whole - data - exchange - wait);
        TrainingTelemetry.Steps.Record(whole, _device);
        TrainingTelemetry.Phases.Record(data, _device, _data);
        TrainingTelemetry.Phases.Record(compute, _device, _compute);
        TrainingTelemetry.Phases.Record(exchange, _device, _exchange);
        TrainingTelemetry.Phases.Record(wait, _device, _wait);
        if (_run.Communicator.Rank == 0)
        {
            TrainingTelemetry.Samples.Add(_run.Replica.Config.BatchSize, _device);
        }

        if (_span is { } span)
        {
            span.SetTag("divco.data_s", data).SetTag("divco.compute_s", compute).SetTag("divco.exchange_s", exchange).SetTag("divco.wait_s", wait).Dispose();
            (_span, _run.Communicator.IsTraced) = (null, false);
        }
    }

    /// <summary>Losses as the first rank reports them.</summary>
    public void Report(StepReport report)
    {
        foreach (var (name, value) in report.Metrics)
        {
            if (!StepMetrics.IsOfRun(name))
            {
                TrainingTelemetry.Loss.Record(value, _device, new KeyValuePair<string, object?>("divco.loss", name));
            }
        }
    }

    public void Dispose()
    {
        // Open only where the step did not end: its peers were lost, or it was told to stop.
        _span?.SetStatus(ActivityStatusCode.Error, "the step was interrupted").Dispose();
        TrainingTelemetry.Running.Add(-1, _device, _role);
    }

    private StepTimes Now
    {
        get
        {
            var (exchange, hidden) = (_run.Communicator.Time, TimeSpan.Zero);
            foreach (var runner in _runners)
            {
                hidden += runner.HiddenExchange;
            }

            return new StepTimes(
                _task.Data.Elapsed,
                exchange.Whole - exchange.Waited,
                exchange.Waited + _run.Output.Waited + (_checkpoints?.Waited ?? TimeSpan.Zero),
                hidden);
        }
    }

    private readonly record struct StepTimes(TimeSpan Data, TimeSpan Exchange, TimeSpan Wait, TimeSpan Hidden)
    {
        public static StepTimes operator -(StepTimes later, StepTimes earlier) =>
            new(later.Data - earlier.Data, later.Exchange - earlier.Exchange, later.Wait - earlier.Wait, later.Hidden - earlier.Hidden);
    }
}
