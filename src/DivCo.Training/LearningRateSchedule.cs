namespace DivCo.Training;

/// <summary>What the learning rate is multiplied by in the course of a training.</summary>
public sealed record LearningRateSchedule
{
    private readonly int? _decayFrom;
    private readonly int _decayLength;

    private LearningRateSchedule(int? decayFrom, int decayLength) => (_decayFrom, _decayLength) = (decayFrom, decayLength);

    public static LearningRateSchedule Constant { get; } = new(null, 0);

    /// <summary>Full for a while, then falling in a straight line, step by step, to nearly 0 in the last one.</summary>
    /// <param name="decayFrom">Steps at the full learning rate.</param>
    /// <param name="steps">Of the whole training.</param>
    public static LearningRateSchedule Linear(int decayFrom, int steps) => new(decayFrom, steps - decayFrom);

    /// <param name="step">Steps completed.</param>
    public double Factor(int step) => _decayFrom is { } from ? Linear(step, from, _decayLength) : 1;

    /// <summary>
    /// 1 - max(0, t - from) / (length + 1): the published schedules, whose time t counts completed epochs (pix2pix in MSGAN, DRIT) or those
    /// with the present one (BicycleGAN).
    /// </summary>
    /// <param name="from">The last time with factor 1.</param>
    /// <param name="length">Times from then to the end.</param>
    public static double Linear(int time, int from, int length) => 1 - (Math.Max(0, (double)time - from) / ((double)length + 1));
}
