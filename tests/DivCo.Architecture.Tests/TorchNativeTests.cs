using System.Runtime.Versioning;
using System.Text;

namespace DivCo.Architecture.Tests;

/// <summary>The build's adaption of TorchSharp's native to an older C++ runtime, with stand-ins for both libraries and for ldconfig.</summary>
[SupportedOSPlatform("linux")]
public sealed class TorchNativeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("divco-").FullName;

    public TorchNativeTests()
    {
        byte[] hash = [0x42, 0xf8, 0x97, 0x02];
        File.WriteAllBytes(PathOf("native.so"), [.. Encoding.ASCII.GetBytes("\0GLIBCXX_3.4.32\0\0_ZSt21ios_base_library_initv\0"), .. hash]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_runtime_that_only_the_dynamic_linker_knows_is_found()
    {
        File.WriteAllText(PathOf("libstdc++.so.6"), "GLIBCXX_3.4.30");
        var (exitCode, output) = await Port($"""printf '\tlibstdc++.so.6 (libc6,x86-64) => {PathOf("libstdc++.so.6")}\n'""");
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("3.4.32", File.ReadAllText(PathOf("ported.so")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_runtime_the_build_says_what_to_install()
    {
        var (exitCode, output) = await Port("printf '\\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\\n'");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("apt-get install libstdc++6", output, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output)> Port(string ldconfig)
    {
        File.WriteAllText(PathOf("ldconfig"), $"#!/bin/sh\n{ldconfig}\n");
        File.SetUnixFileMode(PathOf("ldconfig"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(PathOf("port.proj"), $"""
            <Project>
              <Import Project="{Repository.PathOf("Directory.Build.targets")}" />
              <Target Name="Port">
                <PortTorchSharpNative Source="{PathOf("native.so")}" Destination="{PathOf("ported.so")}" Folders="{PathOf("nowhere")}" LdConfig="{PathOf("ldconfig")}" />
              </Target>
            </Project>
            """);
        return await Msbuild.Run(PathOf("port.proj"), "-target:Port");
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
