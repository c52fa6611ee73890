using DivCo.Cluster.Hosting.Settings;

namespace DivCo.Cluster.Hosting;

/// <summary>A folder that a setting names, made where it is missing, and tried.</summary>
internal static class WritableFolder
{
    /// <returns>The full path; whatever is wrong with it is in <paramref name="errors"/>.</returns>
    public static string Check(SettingValue value, List<string> errors)
    {
        if (string.IsNullOrEmpty(value.Text))
        {
            errors.Add($"{value.Named}: give the path of a folder");
            return "";
        }

        var path = Path.GetFullPath(value.Text);
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{value.Named}: cannot be written to ({e.Message}); choose a folder that can");
        }

        return path;
    }
}
