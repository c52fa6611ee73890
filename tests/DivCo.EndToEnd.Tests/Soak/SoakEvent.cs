namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>One failure in a story that came to its end, and how that was.</summary>
/// <param name="Kind">What was done, as the table has it.</param>
/// <param name="Story">Number of the story, from which its chances are drawn.</param>
/// <param name="Victim">Name of the server.</param>
/// <param name="HeldTrial">Whether its process held the grain of the trial.</param>
/// <param name="Seconds">From the failure to the first update committed after it, as metrics.jsonl shows it: the rest of its step and the report are in it.</param>
/// <param name="HashEqual">Whether the story ended with weights and state of the undisturbed run.</param>
/// <param name="SamplesLost">Of steps that no line of metrics.jsonl reports, at the end of the story.</param>
/// <param name="SamplesTwice">Of steps that more than one line reports.</param>
/// <param name="Load">Of the machine, over the last minute: processes that ran or wanted to.</param>
internal sealed record SoakEvent(
    string Kind, int Story, string Victim, bool HeldTrial, double Seconds, bool HashEqual, int SamplesLost, int SamplesTwice, double Load);
