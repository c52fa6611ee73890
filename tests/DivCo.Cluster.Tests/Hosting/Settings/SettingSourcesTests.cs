using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Settings;

namespace DivCo.Cluster.Tests.Hosting.Settings;

public sealed class SettingSourcesTests
{
    private static readonly Dictionary<string, string> _nothing = [];

    [Fact]
    public void What_is_typed_goes_before_the_environment_the_file_and_the_default()
    {
        (string, string) file = ("server.json", """{"api_port": 1, "admin_port": 2, "silo_port": 3, "insecure": true}""");
        Dictionary<string, string> environment = new() { ["DIVCO_SERVER_API_PORT"] = "4", ["DIVCO_SERVER_ADMIN_PORT"] = "5" };
        var (values, errors) = SettingSources.Resolve(
            ServerSettings.All, new Dictionary<string, string> { ["api-port"] = "6" }, environment.GetValueOrDefault, file);

        Assert.Empty(errors);
        Assert.Equal(("6", "--api-port"), Of(values, ServerSettings.ApiPort));
        Assert.Equal(("5", "DIVCO_SERVER_ADMIN_PORT"), Of(values, ServerSettings.AdminPort));
        Assert.Equal(("3", "server.json: silo_port"), Of(values, ServerSettings.SiloPort));
        Assert.Equal(("7401", "default"), Of(values, ServerSettings.ExchangePort));
        Assert.True(values.IsOn(ServerSettings.Insecure));
    }

    [Fact]
    public void Every_error_of_a_file_is_told_with_the_nearest_key()
    {
        var (_, errors) = SettingSources.Resolve(
            ServerSettings.All, _nothing, _ => null, ("server.json", """{"api_prt": 1, "devices": ["cpu"], "name": "a", "name": "b"}"""));
        Assert.Collection(
            errors,
            error => Assert.Equal("server.json: api_prt is no setting; did you mean api_port?", error),
            error => Assert.Equal("server.json: devices must be a text, a number, true or false", error),
            error => Assert.Equal("server.json: name stands there twice", error));
        Assert.Contains("is no JSON", Assert.Single(SettingSources.Resolve(ServerSettings.All, _nothing, _ => null, ("x", "{")).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_shown_neither_in_the_list_nor_in_an_error()
    {
        var (values, _) = SettingSources.Resolve(
            ServerSettings.All, new Dictionary<string, string> { ["redis"] = "host:6379,password=hunter2" }, _ => null, null);
        Assert.Contains("--redis", values.Print(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", values.Print(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", values[ServerSettings.Redis].Named, StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_loopback_nothing_is_listened_on_without_TLS_and_tokens_unless_it_is_asked_for_by_name()
    {
        var refused = ServerOptionsRules.Resolve(Values(("listen", "0.0.0.0"), ("advertise", "192.0.2.1"))).Errors;
        Assert.Contains("--insecure", Assert.Single(refused), StringComparison.Ordinal);

        var allowed = ServerOptionsRules.Resolve(Values(("listen", "0.0.0.0"), ("advertise", "192.0.2.1"), ("insecure", "true")));
        Assert.Empty(allowed.Errors);
        Assert.True(allowed.Options!.IsInsecure);

        var defaults = ServerOptionsRules.Resolve(Values());
        Assert.False(defaults.Options!.IsInsecure);
        Assert.Equal("127.0.0.1", defaults.Options.Listen.ToString());
        Assert.Equal("127.0.0.1", defaults.Options.AdminListen.ToString());
    }

    /// <summary>Servers that start at the same time choose from the same ports, and listen only later.</summary>
    [Fact]
    public void A_free_port_is_chosen_by_one_server_only()
    {
        var free = Values(("api-port", "0"), ("exchange-port", "0"), ("admin-port", "0"), ("silo-port", "0"), ("gateway-port", "0"));
        var ports = Enumerable.Range(0, 100).Select(_ => ServerOptionsRules.Resolve(free).Options!)
            .SelectMany(server => (int[])[server.ApiPort, server.ExchangePort, server.AdminPort, server.SiloPort, server.GatewayPort]).ToArray();
        Assert.Equal(500, ports.Distinct().Count());
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var (_, errors) = ServerOptionsRules.Resolve(Values(
            ("role", "boss"), ("name", "No!"), ("devices", "tpu:1"), ("api-port", "99999"), ("storage", "redis"), ("tokens", "/nowhere/tokens"), ("tls-ca", "ca.crt")));
        foreach (var part in (string[])["--role boss", "--name No!", "--devices tpu:1", "--api-port 99999", "--redis must say", "--tokens /nowhere/tokens", "--tls-key: is missing"])
        {
            Assert.Contains(errors, error => error.Contains(part, StringComparison.Ordinal));
        }
    }

    private static (string?, string) Of(SettingValues values, Setting setting) => (values[setting].Text, values[setting].Origin);

    private static SettingValues Values(params (string Name, string Text)[] typed)
    {
        var all = typed.ToDictionary(one => one.Name, one => one.Text);
        foreach (var port in (string[])["api-port", "exchange-port", "admin-port", "silo-port", "gateway-port"])
        {
            all.TryAdd(port, "0");
        }

        all.TryAdd("data", Path.Combine(Path.GetTempPath(), "divco-settings-data"));
        all.TryAdd("results", Path.Combine(Path.GetTempPath(), "divco-settings-results"));
        return SettingSources.Resolve(ServerSettings.All, all, _ => null, null).Values;
    }
}
