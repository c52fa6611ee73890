using DivCo.Deploy.Tests.Rendering;
using k8s.Models;

namespace DivCo.Deploy.Tests.Policy;

/// <summary>What the network lets through is what the servers say to each other: no more, no less.</summary>
public sealed class NetworkTests
{
    private const string Anybody = "anybody";

    private static readonly string[] _needed =
    [
        "anybody > gateway: api",
        "control > control: exchange", "control > control: silo", "control > redis: redis", "control > worker: exchange", "control > worker: silo",
        "gateway > control: clients", "gateway > redis: redis", "gateway > worker: clients",
        "monitoring > control: admin", "monitoring > gateway: admin", "monitoring > worker: admin",
        "worker > control: exchange", "worker > control: silo", "worker > redis: redis", "worker > worker: exchange", "worker > worker: silo",
    ];

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Exactly_what_is_needed_is_let_in(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.Equal(_needed, LetIn(overlay).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task What_is_let_in_is_let_out(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.Equal(_needed.Where(line => !line.StartsWith(Anybody, StringComparison.Ordinal) && !line.StartsWith("monitoring", StringComparison.Ordinal)), LetOut(overlay).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Every_port_of_a_container_has_a_policy(string name)
    {
        var overlay = await Overlay.Render(name);
        var letIn = LetIn(overlay).Select(line => line.Split(" > ")[1]).ToHashSet();
        Assert.Empty(overlay.Workloads.SelectMany(workload => workload.Container.Ports.Select(port => $"{workload.Component}: {port.Name}")).Except(letIn));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Nothing_is_let_through_that_no_policy_names(string name)
    {
        var overlay = await Overlay.Render(name);
        Assert.Single(overlay.Of<V1NetworkPolicy>(), policy =>
            policy.Spec is { Ingress: null, Egress: null, PodSelector: { MatchLabels: null, MatchExpressions: null } } && policy.Spec.PolicyTypes.Order().SequenceEqual(["Egress", "Ingress"]));
        Assert.All(overlay.Of<V1NetworkPolicy>(), policy => Assert.Contains(overlay.Workloads, workload => policy.Spec.PodSelector.Selects(workload.Labels)));
    }

    [Fact]
    public async Task Names_can_be_asked_for()
    {
        var overlay = await Overlay.Render("local");
        var rule = Assert.Single(Assert.Single(overlay.Of<V1NetworkPolicy>(), policy => policy.Metadata.Name == "names").Spec.Egress);
        Assert.Equal(["TCP 53", "UDP 53"], rule.Ports.Select(port => $"{port.Protocol} {port.Port.Value}").Order());
    }

    private static IEnumerable<string> LetIn(Overlay overlay) =>
        from policy in overlay.Of<V1NetworkPolicy>()
        from target in overlay.Workloads
        where policy.Spec.PodSelector.Selects(target.Labels)
        from rule in policy.Spec.Ingress ?? []
        from source in Peers(overlay, rule.FromProperty)
        from port in rule.Ports
        select $"{source} > {target.Component}: {target.Container.Ports.Single(it => it.Name == port.Port.Value).Name}";

    private static IEnumerable<string> LetOut(Overlay overlay) =>
        from policy in overlay.Of<V1NetworkPolicy>()
        from source in overlay.Workloads
        where policy.Spec.PodSelector.Selects(source.Labels)
        from rule in policy.Spec.Egress ?? []
        where rule.To.All(peer => peer.NamespaceSelector is null)
        from target in Peers(overlay, rule.To)
        from port in rule.Ports
        select $"{source.Component} > {target}: {overlay.Workload(target).Container.Ports.Single(it => it.Name == port.Port.Value).Name}";

    private static IEnumerable<string> Peers(Overlay overlay, IList<V1NetworkPolicyPeer>? peers) => peers is null
        ? [Anybody]
        : peers.SelectMany(peer => peer.NamespaceSelector is { } space
            ? [space.MatchLabels["kubernetes.io/metadata.name"]]
            : overlay.Workloads.Where(workload => peer.PodSelector.Selects(workload.Labels)).Select(workload => workload.Component));
}
