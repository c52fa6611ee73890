using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace DivCo.Architecture.Tests;

/// <summary>What each project must not mention: the other half of the reason why it exists.</summary>
public sealed class VocabularyTests
{
    private const string Torch = @"^TorchSharp(\..+)?$";
    private const string Grains = @"^Orleans(\..+)?$";
    private const string Web = @"^Microsoft\.AspNetCore(\..+)?$";
    private const string Protobuf = @"^(Google\.Protobuf|Grpc|DivCo\.Protocol)(\..+)?$";
    private const string TensorMaths = @"^System\.Numerics\.Tensors$";
    private const string Servers = @"^DivCo\.(Collectives|Training|Cluster)(\..+)?$";

    private static readonly ArchUnitNET.Domain.Architecture House = new ArchLoader().LoadAssemblies(
        Assembly.Load("DivCo.Protocol"),
        Assembly.Load("DivCo.Collectives"),
        Assembly.Load("DivCo.Training"),
        Assembly.Load("divco-server"),
        Assembly.Load("divco")).Build();

    [Theory]
    [InlineData("DivCo.Protocol", Grains)]
    [InlineData("DivCo.Protocol", Torch)]
    [InlineData("DivCo.Collectives", Torch)]
    [InlineData("DivCo.Collectives", Grains)]
    [InlineData("DivCo.Training", Grains)]
    [InlineData("DivCo.Training", Web)]
    [InlineData("DivCo.Training", Protobuf)]
    [InlineData("divco-server", Torch)]
    [InlineData("divco-server", TensorMaths)]
    [InlineData("divco", Servers)]
    [InlineData("divco", Grains)]
    [InlineData("divco", Torch)]
    public void A_project_does_not_mention(string project, string namespaces)
    {
        Assert.Empty(Mentions(project, namespaces));
    }

    [Fact]
    public void The_server_does_not_add_up_gradients_itself()
    {
        string[] reduction = ["DivCo.Collectives.ShardStack`1", "DivCo.Collectives.TreeNode", "DivCo.Collectives.ReductionTree`1"];
        var users = TypesOf("divco-server").Where(type => type.Dependencies.Any(d => reduction.Contains(d.Target.FullName)));
        Assert.Empty(users.Select(type => type.FullName));
    }

    [Theory]
    [InlineData("DivCo.Training", Torch)]
    [InlineData("DivCo.Collectives", TensorMaths)]
    [InlineData("DivCo.Collectives", Web)]
    [InlineData("DivCo.Protocol", Protobuf)]
    public void The_search_finds_what_is_there(string project, string namespaces) => Assert.NotEmpty(Mentions(project, namespaces));

    private static IEnumerable<string> Mentions(string project, string namespaces)
    {
        var forbidden = Types(includeReferenced: true).That().ResideInNamespaceMatching(namespaces);
        var rule = Types().That().ResideInAssembly(Assembly.Load(project)).Should().NotDependOnAny(forbidden).WithoutRequiringPositiveResults();
        return rule.Evaluate(House).Where(result => !result.Passed).Select(result => result.Description);
    }

    private static IEnumerable<IType> TypesOf(string project) =>
        Types().That().ResideInAssembly(Assembly.Load(project)).GetObjects(House);
}
