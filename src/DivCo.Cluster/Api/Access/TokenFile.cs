using System.Security.Cryptography;
using System.Text;
using DivCo.Protocol;

namespace DivCo.Cluster.Api.Access;

/// <summary>The tokens that are let in, by their hashes: lines of name, role, hash and, where they end, their end; empty lines and those that begin with # are comments.</summary>
internal sealed class TokenFile
{
    private readonly IReadOnlyList<(byte[] Hash, TokenHolder Holder)> _tokens;

    private TokenFile(string name, IReadOnlyList<string> lines, IReadOnlyList<(byte[] Hash, TokenHolder Holder)> tokens) => (Name, Lines, _tokens) = (name, lines, tokens);

    public string Name { get; }

    public IReadOnlyList<string> Lines { get; }

    public int Count => _tokens.Count;

    /// <returns>Null where a line is wrong; then all errors are told, by line.</returns>
    public static (TokenFile? Tokens, IReadOnlyList<string> Errors) Parse(string name, IReadOnlyList<string> lines)
    {
        List<string> errors = [];
        List<(byte[], TokenHolder)> tokens = [];
        foreach (var (number, line) in lines.Index())
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0 || words[0][0] == '#')
            {
                continue;
            }

            var (role, until) = (AccessRole.Viewer, (DateTimeOffset?)null);
            var fault = words.Length is not (3 or 4) ? "a line is a name, a role, a hash and perhaps until=<time>"
                : !Enum.TryParse(words[1], ignoreCase: true, out role) || !Enum.IsDefined(role) || char.IsAsciiDigit(words[1][0])
                    ? $"'{words[1]}' is no role; allowed are viewer, submitter and operator"
                : !AccessToken.IsHash(words[2]) ? "the third word is no hash of a token: sha256: and 64 digits 0-9a-f; a token itself must not stand here"
                : words.Length == 4 && (until = AccessToken.UntilOf(words[3])) is null ? $"'{words[3]}' is no end; it is written until=2027-01-31T00:00:00Z"
                : tokens.Any(token => token.Item2.Name == words[0]) ? $"{words[0]} has a line already"
                : null;
            if (fault is not null)
            {
                errors.Add($"{name}, line {number + 1}: {fault}; 'divco token' writes such lines");
                continue;
            }

            tokens.Add((Encoding.ASCII.GetBytes(words[2]), new TokenHolder(words[0], role, until)));
        }

        if (tokens.Count == 0 && errors.Count == 0)
        {
            errors.Add($"{name} lets nobody in; 'divco token' writes a line");
        }

        return errors.Count == 0 ? (new TokenFile(name, lines, tokens), []) : (null, errors);
    }

    /// <summary>Takes as long for a token that is nearly right as for any other.</summary>
    public TokenHolder? Find(string token)
    {
        var hash = Encoding.ASCII.GetBytes(AccessToken.Hash(token));
        TokenHolder? found = null;
        foreach (var (known, holder) in _tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? holder : found;
        }

        return found;
    }
}
