using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A device that computes a wrong bit: the audit finds it, the cluster puts the device away, and the weights are those of an undisturbed run.</summary>
public sealed class AuditTests
{
    private const string Fault = "DIVCO_FAULT_FLIP";

    /// <summary>
    /// Of the seed 42, one in a hundred draws shard 3 of update 39 (the generator's, of step 20), which the third device computes. The sum of update 26 is
    /// audited in the chunk that holds element 0, which the first device finishes.
    /// </summary>
    [Theory]
    [InlineData("1.0", "north/cpu1", "update=7,shard=2", "Audit of update 7, shard 2")]
    [InlineData("1.0", "north/cpu0", "update=26,bucket=2,element=0", "Audit of update 26, the sum of gradient bucket 0, elements 0 to")]
    [InlineData("0.01", "south/cpu0", "update=39,shard=3", "Audit of update 39, shard 3")]
    public async Task A_flipped_bit_is_found_its_device_goes_into_quarantine_and_no_bit_of_the_weights_changes(string rate, string device, string flip, string evidence)
    {
        await using var scenario = new Scenario();
        await Start(scenario, $"device={device},{flip}");
        var sweep = await scenario.Submit(Spec("{workers: 3, elastic: {min: 1, max: 3}", rate), "--id", "flipped");
        var ended = await sweep.Succeeds();

        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(ended));
        Assert.True(ended.Status.Trials.Single().Epoch > 1, "The quorum went on with the device.");
        var quarantine = Assert.Single(await Quarantined(scenario));
        Assert.Equal((device, "flipped/0"), (quarantine.Id, quarantine.Quarantine.TrialId));
        Assert.StartsWith($"{evidence}", quarantine.Quarantine.Evidence);
        Assert.Contains($"{device} is outvoted, 2 to 1. Votes: ", quarantine.Quarantine.Evidence);
        Assert.Contains($"{device} quarantined since", (await scenario.Run("devices")).Output);
    }

    [Fact]
    public async Task A_trial_that_is_left_with_too_few_devices_waits_until_a_person_clears_the_device()
    {
        await using var scenario = new Scenario();
        await Start(scenario, "device=south/cpu0,update=9,shard=3");
        var sweep = await scenario.Submit(Spec("{workers: 3", "1.0"), "--id", "waits");
        var waiting = await sweep.Becomes("wait for a device", it => it.Status.Trials is [{ } trial] && trial.Reason.Contains("2 of at least 3 can take part", StringComparison.Ordinal));
        Assert.Contains("south/cpu0 is outvoted", waiting.Status.Trials.Single().Reason);
        Assert.Equal(3, (await scenario.Run("devices", "clear", "north/cpu0")).ExitCode);

        // A restart mends no device, as far as the cluster can know.
        scenario.Environment.Remove(Fault);
        var south = scenario.Servers.Single(server => server.Name == "south");
        await south.Kill();
        await south.Start();
        Assert.Equal("south/cpu0", Assert.Single(await Quarantined(scenario)).Id);
        (await scenario.Run("devices", "clear", "south/cpu0")).MustSucceed();
        Assert.Empty(await Quarantined(scenario));
        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(await sweep.Succeeds()));
    }

    [Fact]
    public async Task Where_the_votes_do_not_tell_the_trial_fails_and_says_so()
    {
        await using var scenario = new Scenario();
        await Start(scenario, "device=north/cpu1,update=7,shard=3,times=2");
        var sweep = await scenario.Submit(Spec("{workers: 2", "1.0"), "--id", "undecided");
        var trial = (await sweep.EndsAs(State.Failed)).Status.Trials.Single();
        Assert.Contains("north/cpu1 and north/cpu0 each repeat their own result; a third worker would decide", trial.Reason);
        Assert.Empty(await Quarantined(scenario));
    }

    private static async Task Start(Scenario scenario, string fault)
    {
        scenario.Environment[Fault] = fault;
        await scenario.Server("north", devices: 2);
        await scenario.Server("south");
    }

    private static string Spec(string resources, string rate) => Undisturbed.Short.Spec.Replace("{workers: 2}", $"{resources}, audit: {rate}}}", StringComparison.Ordinal);

    private static async Task<List<Device>> Quarantined(Scenario scenario)
    {
        var devices = await new ClusterService.ClusterServiceClient(scenario.Servers[0].Channel).ListDevicesAsync(
            new ListDevicesRequest(), cancellationToken: TestContext.Current.CancellationToken);
        return [.. devices.Devices.Where(device => device.Quarantine is not null)];
    }
}
