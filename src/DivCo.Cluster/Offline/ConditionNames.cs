using DivCo.Training;

namespace DivCo.Cluster.Offline;

/// <summary>Conditions as people write them: by the name of a class, or by number.</summary>
internal static class ConditionNames
{
    private const int MaxListed = 20;

    /// <exception cref="OfflineUsageException">There is no such condition; lists those that there are.</exception>
    public static IReadOnlyList<int> Resolve(IReadOnlyList<string> given, ImageGenerator generator) =>
        given.Count == 0 ? generator.PictureConditions : [.. given.Select(name => Resolve(name, generator.ConditionNames, generator.Conditions))];

    public static string NameOf(int condition, ImageGenerator generator) => generator.ConditionNames?[condition] ?? $"{condition}";

    /// <summary>Plain, and different for different conditions.</summary>
    public static string FileNameOf(int condition, ImageGenerator generator) => generator.ConditionNames is { } names
        ? $"{condition}-{string.Concat(names[condition].Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))}"
        : $"{condition}";

    internal static int Resolve(string name, IReadOnlyList<string>? names, int count)
    {
        var named = names?.ToList().FindIndex(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) ?? -1;
        return named >= 0 ? named
            : int.TryParse(name, out var number) && number >= 0 && number < count ? number
            : throw new OfflineUsageException($"--condition {name}: there is no such condition; allowed are 0 to {count - 1}"
                + (names is null ? "" : $" and {string.Join(", ", names.Take(MaxListed))}{(names.Count > MaxListed ? ", ..." : "")}"));
    }
}
