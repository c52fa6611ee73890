using DivCo.Cluster.Hosting.Settings;

namespace DivCo.Cluster.Hosting;

/// <summary>All settings of divco-server, in the order in which help and <c>--print-config</c> show them.</summary>
internal static class ServerSettings
{
    public static readonly Setting Role = new("role", "all", "silo (grains and devices), gateway (the API alone, beside silos elsewhere) or all");
    public static readonly Setting Name = new("name", DefaultName(), "Name of this server: 1 to 40 of a-z, 0-9 and -; keep it over restarts");
    public static readonly Setting Cluster = new("cluster", "divco", "Name of the cluster: servers of one name in one storage belong together");
    public static readonly Setting Devices = new("devices", "cpu:1", "Devices of this silo, such as cpu:2 (one thread each); cpu:0 for none");
    public static readonly Setting Results = new("results", "results", "Folder of specs, metrics, checkpoints and pictures, the same for all servers");
    public static readonly Setting Datasets = new("datasets", null, "Folder of the data sets (else where the system's packages put them)") { Variable = "DIVCO_DATA" };

    public static readonly Setting Storage = new("storage", "folder", "Where the cluster keeps its records: folder (one machine) or redis");
    public static readonly Setting Data = new("data", DefaultData(), "Folder of the records, shared by all servers of one machine");
    public static readonly Setting Redis = new("redis", null, "Redis of the records: host:port, with further options such as ssl=true after commas") { IsSecret = true };
    public static readonly Setting RedisUser = new("redis-user", null, "User of the Redis' access control list");
    public static readonly Setting RedisPasswordFile = new("redis-password-file", null, "File that holds the password of the Redis");
    public static readonly Setting RedisAuthority = new("redis-ca", null, "Certificate (PEM) that the Redis is believed by; turns TLS on");

    public static readonly Setting Listen = new("listen", "127.0.0.1", "IP address to listen on; beyond loopback it wants --tls and --tokens, or --insecure");
    public static readonly Setting Advertise = new("advertise", null, "IP address at which other servers reach this one (else that of --listen)");
    public static readonly Setting AdminListen = new("admin-listen", "127.0.0.1", "IP address of the admin port (health and metrics), which speaks plain HTTP");
    public static readonly Setting ApiPort = Port("api-port", 7400, "gRPC API");
    public static readonly Setting ExchangePort = Port("exchange-port", 7401, "gradient exchange");
    public static readonly Setting AdminPort = Port("admin-port", 7402, "health and metrics");
    public static readonly Setting SiloPort = Port("silo-port", 7403, "Orleans silo");
    public static readonly Setting GatewayPort = Port("gateway-port", 7404, "Orleans clients");

    public static readonly Setting Tls = new("tls", null, "Folder of ca.crt, silo.crt, silo.key, api.crt and api.key, as 'divco certs' leaves it: everything but the admin port speaks TLS");
    public static readonly Setting TlsAuthority = new("tls-ca", null, "The authority that servers are believed by (else ca.crt in --tls)");
    public static readonly Setting TlsCertificate = new("tls-certificate", null, "Who this server is to others (else silo.crt in --tls)");
    public static readonly Setting TlsKey = new("tls-key", null, "Its key (else silo.key in --tls)");
    public static readonly Setting ApiCertificate = new("api-certificate", null, "Who the API is to its clients (else api.crt in --tls)");
    public static readonly Setting ApiKey = new("api-key", null, "Its key (else api.key in --tls)");
    public static readonly Setting Tokens = new("tokens", null, "Token file of the API, as 'divco token' writes it; without one, on loopback, everybody of this machine is let in");
    public static readonly Setting Insecure = new("insecure", null, "Allow plaintext and no tokens beyond loopback: whoever reaches the address can drive the cluster") { IsSwitch = true };

    public static readonly Setting Metrics = new("metrics", null, "Serve Prometheus' metrics at /metrics of the admin port; OTEL_EXPORTER_OTLP_ENDPOINT exports over OTLP") { IsSwitch = true };

    public static readonly Setting ReadyFile = new("ready-file", null, "JSON file written when the server serves: its pid and addresses");
    public static readonly Setting ParentPid = new("parent-pid", null, "End when this process has ended");
    public static readonly Setting StopAfterStep = new("stop-after-step", null, "Stop trials after this step, with a checkpoint; for proofs");

    public static readonly IReadOnlyList<Setting> All =
    [
        Role, Name, Cluster, Devices, Results, Datasets, Storage, Data, Redis, RedisUser, RedisPasswordFile, RedisAuthority, Listen, Advertise, AdminListen, ApiPort,
        ExchangePort, AdminPort, SiloPort, GatewayPort, Tls, TlsAuthority, TlsCertificate, TlsKey, ApiCertificate, ApiKey, Tokens, Insecure, Metrics, ReadyFile, ParentPid, StopAfterStep,
    ];

    private static Setting Port(string name, int value, string purpose) => new(name, $"{value}", $"Port: {purpose}; 0: a free one");

    private static string DefaultName() =>
        string.Concat(Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-') is { Length: > 0 and <= 40 } name
            ? name
            : "silo";

    internal static string DefaultData() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "divco");
}
