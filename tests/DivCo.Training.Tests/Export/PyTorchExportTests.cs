using System.Diagnostics;
using System.Runtime.InteropServices;
using DivCo.Training.Checkpoints;
using DivCo.Training.Export;
using DivCo.Training.Tests.Checkpoints;
using DivCo.Training.Tests.Tasks.Paired;

namespace DivCo.Training.Tests.Export;

/// <summary>What was exported, read back by Python's PyTorch, gives the same images.</summary>
public sealed class PyTorchExportTests
{
    [Theory]
    [InlineData(Norm.Batch)]
    [InlineData(Norm.Instance)]
    [InlineData(Norm.None)]
    public void PyTorch_makes_the_same_images_of_classes(Norm norm)
    {
        SkipWithoutPyTorch();
        using var folder = new TrainingFolder();
        var config = TestTrials.Config(norm: norm) with { Steps = 3, CheckpointEvery = 3 };
        folder.Run(config, workers: 1);
        using var export = new TemporaryFolder();
        var snapshot = folder.Checkpoints.Load(folder.Written[^1].Path, TrainingFolder.TrialHash);
        PyTorchExport.Write(config, snapshot, export);
        using var model = new TrainedModel(config, TestTrials.Modes, snapshot, folder.Written[^1].Path);
        var generator = new ImageGenerator(model, seed: 5);
        var latents = generator.RandomLatents(2, 16);
        Write(export.File("latents.bin"), latents);
        Python(export, $$"""
            import sys; sys.path.insert(0, "."); import torch, generator
            latents = torch.frombuffer(bytearray(open("latents.bin", "rb").read()), dtype=torch.float32).reshape(16, {{generator.LatentDim}})
            with torch.no_grad():
                images = generator.load(".")(latents, torch.full((16,), 2))
            values = images.flatten().tolist()
            import struct; open("images.bin", "wb").write(struct.pack(f"{len(values)}f", *values))
            """);
        AssertAlike(generator.Generate(2, latents), export.File("images.bin"));
    }

    [Fact]
    public void PyTorch_makes_the_same_images_of_images()
    {
        SkipWithoutPyTorch();
        using var replica = new TrainingReplica(PairedTrials.Config(), PairedTrials.Waves);
        var copy = new StateCopy(replica.State);
        copy.Take(replica.State);
        using var export = new TemporaryFolder();
        PyTorchExport.Write(replica.Config, copy.ToSnapshot(), export);
        using var model = new TrainedModel(replica.Config, PairedTrials.Waves, copy.ToSnapshot(), "here");
        var generator = new ImageGenerator(model, seed: 5);
        var latents = generator.RandomLatents(3, 16);
        Write(export.File("latents.bin"), latents);
        Write(export.File("input.bin"), generator.ConditionImage(3)!);
        Python(export, """
            import sys; sys.path.insert(0, "."); import torch, generator
            read = lambda name, *shape: torch.frombuffer(bytearray(open(name, "rb").read()), dtype=torch.float32).reshape(shape)
            with torch.no_grad():
                images = generator.load(".")(read("input.bin", 1, 1, 32, 32).expand(16, -1, -1, -1), read("latents.bin", 16, 4))
            values = images.flatten().tolist()
            import struct; open("images.bin", "wb").write(struct.pack(f"{len(values)}f", *values))
            """);
        AssertAlike(generator.Generate(3, latents), export.File("images.bin"));
    }

    [Fact]
    public void Names_are_those_of_a_module_that_holds_convolution_and_norm()
    {
        TensorRecord Record(string name) => new(name, [1], new float[1]);
        var networks = PyTorchExport.StateDicts(
        [
            Record("generator.layer1.weight"), Record("generator.layer1.norm.weight"), Record("generator.layer1.norm.running_mean"), Record("generator.layer2.weight"),
            Record("encoder.down1.weight"),
        ]);
        Assert.Equal(
            ["layer1.conv.weight", "layer1.norm.weight", "layer1.norm.running_mean", "layer2.conv.weight"], networks["generator"].Select(tensor => tensor.Name));
        Assert.Equal("down1.weight", Assert.Single(networks["encoder"]).Name);
    }

    private static void AssertAlike(float[] expected, string file)
    {
        var found = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
        Assert.Equal(expected.Length, found.Length);
        Assert.Contains(expected, value => Math.Abs(value) > 1e-3);
        Assert.True(expected.Zip(found, (one, other) => Math.Abs(one - other)).Max() <= 1e-5);
    }

    private static void Write(string path, float[] values) => File.WriteAllBytes(path, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static void SkipWithoutPyTorch()
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/env", ["/usr/bin/python3", "-c", "import torch"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        Assert.SkipUnless(process.ExitCode == 0, "PyTorch for Python is not installed: apt-get install python3-torch");
    }

    private static void Python(TemporaryFolder folder, string script)
    {
        File.WriteAllText(folder.File("run.py"), script);
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["run.py"]) { WorkingDirectory = folder.Path, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }
}
