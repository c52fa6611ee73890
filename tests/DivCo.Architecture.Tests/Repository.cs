namespace DivCo.Architecture.Tests;

/// <summary>The working tree these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", "artifacts", "results", "TestResults", ".git"];

    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>All files below a folder, as paths from the root, without what builds leave behind.</summary>
    public static IEnumerable<string> Files(string folder = "") =>
        Directory.Exists(PathOf(folder)) ? FilesBelow(new DirectoryInfo(PathOf(folder))).Select(path => Path.GetRelativePath(Root, path)) : [];

    private static IEnumerable<string> FilesBelow(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(file => file.FullName).Concat(
            folder.EnumerateDirectories().Where(below => !Skipped.Contains(below.Name) && below.LinkTarget is null).SelectMany(FilesBelow));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DivCo.Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No DivCo.Cluster.sln above {AppContext.BaseDirectory}.");
    }
}
