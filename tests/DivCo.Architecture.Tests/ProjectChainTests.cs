using System.Reflection;
using System.Xml.Linq;

namespace DivCo.Architecture.Tests;

/// <summary>DivCo.Cluster, DivCo.Training, DivCo.Collectives, DivCo.Protocol: each knows the next. DivCo.Cli knows the last alone.</summary>
public sealed class ProjectChainTests
{
    [Theory]
    [InlineData("DivCo.Protocol", "")]
    [InlineData("DivCo.Collectives", "DivCo.Protocol")]
    [InlineData("DivCo.Training", "DivCo.Collectives")]
    [InlineData("DivCo.Cluster", "DivCo.Training")]
    [InlineData("DivCo.Cli", "DivCo.Protocol")]
    public void A_project_references_the_next_of_the_chain_and_no_other(string project, string next)
    {
        var references = XDocument.Load(Repository.PathOf($"src/{project}/{project}.csproj"))
            .Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Assert.Equal(next.Split(' ', StringSplitOptions.RemoveEmptyEntries), references);
    }

    [Theory]
    [InlineData("DivCo.Protocol")]
    [InlineData("DivCo.Collectives", "DivCo.Protocol")]
    [InlineData("DivCo.Training", "DivCo.Collectives")]
    [InlineData("divco-server", "DivCo.Training", "DivCo.Collectives", "DivCo.Protocol")]
    [InlineData("divco", "DivCo.Protocol")]
    public void What_is_built_uses_no_more_than_that(string assembly, params string[] allowed)
    {
        var ours = Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!)
            .Where(name => name.StartsWith("DivCo.", StringComparison.Ordinal) || name is "divco" or "divco-server");
        Assert.Empty(ours.Except(allowed));
    }
}
