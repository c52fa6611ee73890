namespace DivCo.Training.Data.Folders;

/// <summary>All that is wrong with the files of a folder, by kind; a message names some of each kind and counts the rest.</summary>
internal sealed class FolderTrouble(string folder)
{
    private readonly SortedDictionary<string, List<string>> _kinds = new(StringComparer.Ordinal);

    /// <param name="kind">What is wrong and what to do about it, after "3 files".</param>
    /// <param name="detail">The file, with what is particular to it.</param>
    public void Add(string kind, string detail)
    {
        if (!_kinds.TryGetValue(kind, out var details))
        {
            _kinds.Add(kind, details = []);
        }

        details.Add(detail);
    }

    /// <exception cref="DatasetException">There is trouble.</exception>
    public void Throw()
    {
        if (_kinds.Count > 0)
        {
            throw new DatasetException($"dataset.path: {folder}: {string.Join("; ", _kinds.Select(kind => Describe(kind.Key, kind.Value)))}");
        }
    }

    private static string Describe(string kind, List<string> details)
    {
        var named = details.Order(StringComparer.Ordinal).Take(ImageLimits.NamedFiles);
        var more = details.Count - ImageLimits.NamedFiles;
        return $"{details.Count} {(details.Count == 1 ? "file" : "files")} {kind}: {string.Join(", ", named)}{(more > 0 ? $" and {more} more" : "")}";
    }
}
