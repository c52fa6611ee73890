using DivCo.Cluster.Tests;
using DivCo.Cluster.Tests.Hosting;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// Tests of crashes need real processes: this program is then started again, as one of these, instead of as the test runner.
return args switch
{
    [CountingProcess.Role, .. var rest] => CountingProcess.Run(rest),
    [SiloProcess.Role, .. var rest] => await SiloProcess.Run(rest),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
