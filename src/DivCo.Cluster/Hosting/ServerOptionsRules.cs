using System.Globalization;
using System.Text.RegularExpressions;
using DivCo.Cluster.Api.Access;
using DivCo.Cluster.Hosting.Redis;
using DivCo.Cluster.Hosting.Settings;
using DivCo.Cluster.Hosting.Tls;
using Known = DivCo.Cluster.Hosting.ServerSettings;

namespace DivCo.Cluster.Hosting;

/// <summary>Checks settings against each other and the machine, and chooses free ports. Reports all errors at once.</summary>
internal static partial class ServerOptionsRules
{
    public const int MaxDevices = 256;

    public static (ServerOptions? Options, IReadOnlyList<string> Errors) Resolve(SettingValues values)
    {
        var errors = new List<string>();
        var role = OneOf<ServerRole>(values[Known.Role], errors);
        var hasApi = role != ServerRole.Silo;
        var redis = RedisOf(values, errors);
        var tls = TlsOf(values, errors);
        var tokens = TokensOf(values, errors);
        var isSecure = tls is not null && (tokens is not null || !hasApi);
        var addresses = ListenAddresses.Resolve(values, isSecure, errors);
        var ports = ServerPorts.Choose(values, role, addresses, errors);
        var options = new ServerOptions
        {
            Role = role,
            Name = Matching(values[Known.Name], NamePattern(), "allowed are 1 to 40 of a-z, 0-9 and -", errors),
            Cluster = Matching(values[Known.Cluster], NamePattern(), "allowed are 1 to 40 of a-z, 0-9 and -", errors),
            Data = redis is null ? WritableFolder.Check(values[Known.Data], errors) : "",
            Redis = redis,
            Results = WritableFolder.Check(values[Known.Results], errors),
            Devices = role == ServerRole.Gateway ? DeviceSpec.None : DevicesOf(values[Known.Devices], errors),
            Listen = addresses.Listen,
            Advertise = addresses.Advertise,
            AdminListen = addresses.AdminListen,
            ApiPort = ports[Known.ApiPort],
            ExchangePort = ports[Known.ExchangePort],
            AdminPort = ports[Known.AdminPort],
            SiloPort = ports[Known.SiloPort],
            GatewayPort = ports[Known.GatewayPort],
            Tls = tls,
            Tokens = tokens,
            Metrics = values.IsOn(Known.Metrics),
            ReadyFile = values.Text(Known.ReadyFile),
            ParentPid = Positive(values[Known.ParentPid], "must be the id of a process", errors),
            StopAfterStep = Positive(values[Known.StopAfterStep], "must be a step, from 1 on", errors),
            DataRoot = values.Text(Known.Datasets),
        };
        if (options.ReadyFile is { } ready)
        {
            WritableFolder.Check(values[Known.ReadyFile] with { Text = Path.GetDirectoryName(Path.GetFullPath(ready)) }, errors);
        }

        return errors.Count > 0 ? (null, errors) : (options, []);
    }

    /// <summary>The devices that are meant by what was typed, such as cpu:2; null where that is nothing of the kind.</summary>
    public static DeviceSpec? DevicesOf(string typed) =>
        DevicesPattern().Match(typed) is { Success: true } devices && int.TryParse(devices.Groups["count"].Value, CultureInfo.InvariantCulture, out var count)
        && count <= MaxDevices ? new DeviceSpec(devices.Groups["kind"].Value, count) : null;

    private static RedisSettings? RedisOf(SettingValues values, List<string> errors)
    {
        if (OneOf<StorageKind>(values[Known.Storage], errors) == StorageKind.Folder)
        {
            foreach (var setting in (Setting[])[Known.Redis, Known.RedisUser, Known.RedisPasswordFile, Known.RedisAuthority])
            {
                if (values.Text(setting) is not null)
                {
                    errors.Add($"{values[setting].Named}: counts only with --storage redis");
                }
            }

            return null;
        }

        if (values.Text(Known.Redis) is not { Length: > 0 } endpoints)
        {
            errors.Add("--storage redis: --redis must say where it is, such as --redis redis:6379");
            return null;
        }

        var redis = new RedisSettings(endpoints, values.Text(Known.RedisUser), values.Text(Known.RedisPasswordFile), values.Text(Known.RedisAuthority));
        try
        {
            redis.ToConfiguration();
        }
        catch (RedisException e)
        {
            errors.Add(e.Message);
        }

        return redis;
    }

    private static TlsFiles? TlsOf(SettingValues values, List<string> errors)
    {
        Setting[] single = [Known.TlsAuthority, Known.TlsCertificate, Known.TlsKey, Known.ApiCertificate, Known.ApiKey];
        if (values.Text(Known.Tls) is null && single.All(setting => values.Text(setting) is null))
        {
            return null;
        }

        var folder = values.Text(Known.Tls) is { } given ? TlsFiles.In(given) : null;
        foreach (var setting in single.Where(setting => folder is null && values.Text(setting) is null))
        {
            errors.Add($"{setting.Flag}: is missing; give it, or a folder of all by --tls");
        }

        var files = new TlsFiles(
            values.Text(Known.TlsAuthority) ?? folder?.Authority ?? "",
            values.Text(Known.TlsCertificate) ?? folder?.Certificate ?? "",
            values.Text(Known.TlsKey) ?? folder?.Key ?? "",
            values.Text(Known.ApiCertificate) ?? folder?.ApiCertificate ?? "",
            values.Text(Known.ApiKey) ?? folder?.ApiKey ?? "");
        return files;
    }

    private static TokenFile? TokensOf(SettingValues values, List<string> errors)
    {
        if (values.Text(Known.Tokens) is not { } file)
        {
            return null;
        }

        try
        {
            var (tokens, wrong) = TokenFile.Parse(file, File.ReadAllLines(file));
            errors.AddRange(wrong);
            return tokens;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{values[Known.Tokens].Named}: cannot be read ({e.Message}); 'divco token' makes one");
            return null;
        }
    }

    private static DeviceSpec DevicesOf(SettingValue value, List<string> errors)
    {
        if (DevicesOf(value.Text ?? "") is { } devices)
        {
            return devices;
        }

        errors.Add($"{value.Named}: allowed is cpu:N or cuda:N with N from 0 to {MaxDevices}, such as cpu:2");
        return DeviceSpec.None;
    }

    private static int? Positive(SettingValue value, string otherwise, List<string> errors)
    {
        if (value.Text is null || (int.TryParse(value.Text, CultureInfo.InvariantCulture, out var number) && number > 0))
        {
            return value.Text is null ? null : int.Parse(value.Text, CultureInfo.InvariantCulture);
        }

        errors.Add($"{value.Named}: {otherwise}");
        return null;
    }

    private static T OneOf<T>(SettingValue value, List<string> errors) where T : struct, Enum
    {
        foreach (var one in Enum.GetValues<T>())
        {
            if (string.Equals(one.ToString(), value.Text, StringComparison.OrdinalIgnoreCase))
            {
                return one;
            }
        }

        errors.Add($"{value.Named}: allowed are {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}");
        return default;
    }

    private static string Matching(SettingValue value, Regex pattern, string allowed, List<string> errors)
    {
        if (!pattern.IsMatch(value.Text ?? ""))
        {
            errors.Add($"{value.Named}: {allowed}");
        }

        return value.Text ?? "";
    }

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(?<kind>cpu|cuda):(?<count>[0-9]{1,4})\z")]
    private static partial Regex DevicesPattern();

    private enum StorageKind
    {
        Folder,
        Redis,
    }
}
