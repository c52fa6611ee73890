using DivCo.Deploy.Tests.Rendering;
using DivCo.EndToEnd.Tests.Processes;
using k8s;
using k8s.Models;

namespace DivCo.Deploy.Tests.Containers;

/// <summary>
/// What Kubernetes would do with an overlay, done on this machine: each pod is a process with an address of its own on the loopback network, volumes are
/// folders, and names of Services are addresses. Command, arguments, environment and mounted files are those of the rendered manifests.
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    /// <summary>Tests that start servers: a gateway listens on all addresses, which on this machine are those of other tests' gateways too.</summary>
    public const string OneAtATime = "servers of the manifests";

    // Pods of one cluster have equal ports at different addresses; another test may have its own.
    private static int _clusters;

    private readonly int _number = Interlocked.Increment(ref _clusters);
    private readonly Lazy<Task<IReadOnlyDictionary<string, IDictionary<string, byte[]>>>> _secrets;
    private readonly List<IDisposable> _processes = [];
    private int _pods;

    public Cluster() => _secrets = new(MakeSecrets);

    public string Folder { get; } = Directory.CreateTempSubdirectory("divco-deploy-").FullName;

    /// <summary>What deploy/kubernetes/secrets makes, by name and key.</summary>
    public Task<IReadOnlyDictionary<string, IDictionary<string, byte[]>>> Secrets() => _secrets.Value;

    /// <summary>The folder where the makings of the secrets are: the authority that people believe, and the token.</summary>
    public string Keys => Path.Combine(Folder, "keys");

    /// <summary>The token that was shown when the secrets were made.</summary>
    public string Token { get; private set; } = "";

    public string GatewayAddress => AddressOf("gateway");

    internal async Task<Pod> Pod(Overlay overlay, string component, int ordinal = 0)
    {
        var pod = new Pod(this, overlay, overlay.Workload(component), ordinal, $"127.{77 + _number}.0.{Interlocked.Increment(ref _pods) + 100}");
        if (component is "redis" or "gateway")
        {
            pod = pod with { Address = AddressOf(component) };
        }

        await pod.Mount(await Secrets());
        return pod;
    }

    internal DivcoProcess Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var process = new DivcoProcess(name, program, arguments, environment, Folder);
        lock (_processes)
        {
            _processes.Add(process);
        }

        return process;
    }

    /// <summary>The addresses that the secrets' certificates must bear.</summary>
    internal string AddressOf(string component) => $"127.{77 + _number}.0.{(component == "redis" ? 2 : 3)}";

    public ValueTask DisposeAsync()
    {
        _processes.ForEach(process => process.Dispose());
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyDictionary<string, IDictionary<string, byte[]>>> MakeSecrets()
    {
        await Kubectl.MustBeThere();
        using var script = new DivcoProcess(
            "secrets", Source.PathOf("deploy/kubernetes/secrets"), [Keys, "--host", AddressOf("gateway"), "--host", AddressOf("redis"), "--user", "alice"], new Dictionary<string, string>(), Folder);
        Assert.True(await script.Exit() == 0, $"{script}");
        Token = script.Errors.Lines.Single(line => line.StartsWith("divco_", StringComparison.Ordinal));
        return KubernetesYaml.LoadAllFromString(script.Output.Text, strict: true).Cast<V1Secret>().ToDictionary(secret => secret.Metadata.Name, secret => secret.Data);
    }
}
