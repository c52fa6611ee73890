using System.Net;
using DivCo.Cluster.Hosting.Folder;
using Microsoft.Extensions.Options;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class MemberLocksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemberLocks _locks;

    public MemberLocksTests() => _locks = new MemberLocks(Options.Create(new FolderOptions { Path = _folder.Path }));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_name_belongs_to_one_living_silo_whatever_its_port()
    {
        using (_locks.Take("a", Silo(1)))
        {
            using var other = _locks.Take("b", Silo(1));
            var refusal = Assert.Throws<FolderStoreException>(() => _locks.Take("a", Silo(2)));
            Assert.Equal(
                $"A silo named 'a' is already running here (process {Environment.ProcessId}). Stop it first, or give this one another name with --name.",
                refusal.Message);
            Assert.True(_locks.IsHeld("a", Silo(1)));
            Assert.False(_locks.IsHeld("a", Silo(2)));
        }

        using var next = _locks.Take("a", Silo(2));
        Assert.False(_locks.IsHeld("a", Silo(1)));
        Assert.True(_locks.IsHeld("a", Silo(2)));
    }

    private static SiloAddress Silo(int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 7403 + generation), generation);
}
