using DivCo.Cli.LocalCluster;

namespace DivCo.Cli.Tests;

public sealed class LocalClusterTests
{
    [Theory]
    [InlineData("cpu:1", 1)]
    [InlineData("cpu:256", 256)]
    public void Devices_are_threads_of_the_processor(string text, int count)
    {
        Assert.True(DeviceList.TryParse(text, out var devices));
        Assert.Equal((text, count), (devices!.Text, devices.Count));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu:0")]
    [InlineData("cpu:257")]
    [InlineData("cpu:-1")]
    [InlineData("cuda")]
    [InlineData("cuda:0")]
    [InlineData("gpu:1")]
    [InlineData("")]
    public void Other_texts_are_no_devices(string text) => Assert.False(DeviceList.TryParse(text, out _));

    [Theory]
    [InlineData(1, 1, 1, 8, "cpu:1")] // one trial at a time needs one device
    [InlineData(1, 8, 1, 2, "cpu:2")] // never more than the cores
    [InlineData(4, 1, 1, 2, "cpu:4")] // except where a trial needs them
    [InlineData(2, 1, 2, 2, "cpu:1")]
    [InlineData(3, 1, 2, 2, "cpu:2")]
    public void Without_devices_a_sweep_gets_what_it_can_use(int workers, int trials, int processes, int cores, string devices) =>
        Assert.Equal(devices, DeviceList.For(workers, trials, processes, cores).Text);

    [Fact]
    public void A_server_is_started_again_unless_it_died_five_times_within_a_minute()
    {
        static TimeSpan[] At(params int[] seconds) => [.. seconds.Select(second => TimeSpan.FromSeconds(second))];
        Assert.True(RestartPolicy.Allows(At(5)));
        Assert.True(RestartPolicy.Allows(At(0, 1, 2, 3)));
        Assert.False(RestartPolicy.Allows(At(0, 1, 2, 3, 59)));
        Assert.True(RestartPolicy.Allows(At(0, 1, 2, 3, 60)));
    }
}
