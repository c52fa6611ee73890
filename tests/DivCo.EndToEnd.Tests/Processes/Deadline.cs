using System.Diagnostics;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Waits that end with what is awaited, or with a message that says what was awaited and what was there instead.</summary>
internal static class Deadline
{
    /// <summary>For anything that should happen at once, on a machine that is busy with other tests.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    /// <summary>For a training of seconds.</summary>
    public static readonly TimeSpan Training = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until <paramref name="look"/> sees something (not null).</summary>
    public static async Task<T> Until<T>(
        string what, Func<Task<T?>> look, TimeSpan? within = null, Func<string>? instead = null, TimeSpan? period = null) where T : class
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(period ?? _period);
        while (await look() is var seen)
        {
            if (seen is not null)
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(started) > (within ?? Soon))
            {
                break;
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"Waited {within ?? Soon} for {what}. {instead?.Invoke()}");
    }

    public static async Task Until(string what, Func<bool> happened, TimeSpan? within = null, Func<string>? instead = null) =>
        await Until(what, () => Task.FromResult(happened() ? what : null), within, instead);
}
