using DivCo.Deploy.Tests.Rendering;

namespace DivCo.Deploy.Tests.Containers;

/// <summary>What an operator reads in the log of a pod when something is not there. (A Secret that is missing whole keeps the pod from starting at all.)</summary>
[Collection(Cluster.OneAtATime)]
public sealed class MissingPieceTests(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task A_gateway_without_keys_of_its_secrets_names_every_file_and_the_command_that_makes_it()
    {
        var pod = await cluster.Pod(await Overlay.Render("gpu"), "gateway", ordinal: 1);
        File.Delete(pod.PathOf("/etc/divco/access/tokens"));
        File.Delete(pod.PathOf("/etc/divco/redis/password"));
        var process = pod.Start();
        Assert.Equal(2, await process.Exit());
        Assert.Contains("/etc/divco/access/tokens", process.Errors.Text, StringComparison.Ordinal);
        Assert.Contains("'divco token' makes one", process.Errors.Text, StringComparison.Ordinal);
        Assert.Contains("/etc/divco/redis/password", process.Errors.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_without_its_certificate_says_which_and_how_to_make_it()
    {
        var pod = await cluster.Pod(await Overlay.Render("gpu"), "control", ordinal: 1);
        File.Delete(pod.PathOf("/etc/divco/tls/silo.crt"));
        var process = pod.Start();
        Assert.Equal(2, await process.Exit());
        Assert.Contains("/etc/divco/tls/silo.crt", process.Errors.Text, StringComparison.Ordinal);
        Assert.Contains("'divco certs' makes a set", process.Errors.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_without_a_GPU_says_what_its_pod_lacks()
    {
        var pod = await cluster.Pod(await Overlay.Render("gpu"), "worker", ordinal: 1);
        var process = pod.Start();
        Assert.Equal(2, await process.Exit());
        Assert.Contains("--devices cuda:1: libtorch sees 0 GPUs here; a pod needs the limit nvidia.com/gpu: 1", process.Errors.Text, StringComparison.Ordinal);
    }
}
