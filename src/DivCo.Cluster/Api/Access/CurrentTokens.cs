namespace DivCo.Cluster.Api.Access;

/// <summary>
/// The tokens as their file has them now: who is taken out of it is let in no more within seconds, without a restart. Where the file is wrong or gone,
/// the last good one stays in force and the log says why.
/// </summary>
internal sealed class CurrentTokens(TokenFile tokens, TimeProvider time, ILogger<CurrentTokens> log)
{
    /// <summary>How old the tokens may be that a call is judged by.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private TokenFile _tokens = tokens;
    private IReadOnlyList<string>? _refused;
    private long _looked = time.GetTimestamp();

    public TokenFile Now
    {
        get
        {
            lock (_lock)
            {
                if (time.GetElapsedTime(_looked) >= Freshness)
                {
                    _looked = time.GetTimestamp();
                    Look();
                }

                return _tokens;
            }
        }
    }

    /// <summary>By content: a secret that Kubernetes replaces changes where links lead.</summary>
    private void Look()
    {
        try
        {
            var lines = File.ReadAllLines(_tokens.Name);
            if (lines.SequenceEqual(_tokens.Lines) || lines.SequenceEqual(_refused ?? []))
            {
                return;
            }

            var (next, errors) = TokenFile.Parse(_tokens.Name, lines);
            _refused = next is null ? lines : null;
            if (next is not null)
            {
                _tokens = next;
                log.LogInformation("{File} was replaced: {Count} tokens are let in", next.Name, next.Count);
                return;
            }

            log.LogWarning("{File} was replaced by one that is wrong, so the tokens before stay in force: {Errors}", _tokens.Name, string.Join("; ", errors));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("{File} cannot be read, so its tokens stay in force: {Message}", _tokens.Name, e.Message);
        }
    }
}
