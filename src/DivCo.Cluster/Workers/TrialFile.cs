using DivCo.Protocol.V1;
using Google.Protobuf;

namespace DivCo.Cluster.Workers;

/// <summary>The resolved trial as the <c>trial.json</c> of a checkpoint: protobuf's JSON with the names of the fields as in a sweep file.</summary>
internal static class TrialFile
{
    private static readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithIndentation());
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithRecursionLimit(16));

    public static string Write(TrialSpec trial) => _formatter.Format(trial) + "\n";

    /// <exception cref="InvalidDataException">The text is no trial, or one of a newer release; says what is wrong.</exception>
    public static TrialSpec Read(string text)
    {
        try
        {
            return _parser.Parse<TrialSpec>(text);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new InvalidDataException($"is not the JSON of a trial: {e.Message}", e);
        }
    }
}
