using CsCheck;
using DivCo.Cli.Spec;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cli.Tests;

public sealed class SweepFileTests
{
    internal const string Valid = """
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: fashion-tau}
        spec:
          seed: 42
          method: random                      # grid | random
          metric: {name: diversity, goal: maximize}
          parameters:
            lambda_contra: {distribution: log_uniform, min: 0.1, max: 10}
            tau: {values: [0.1, 0.5, 1.0]}
            model.norm: {values: [instance, "none"]}
          limits: {max_trials: 12, max_concurrent: 2, max_failed: 3}
          resources: {workers: 2}
          trial:
            task: class_conditional
            dataset: {name: fashion-mnist}
            model: {width: 32}
            optimizer: {lr: 1e-3}
            batch_size: 64
            feature_norm: false
            seed: 18446744073709551615
            shards: {data: 4, negatives: 1}
        """;

    [Fact]
    public void A_file_is_the_spec_it_says()
    {
        var file = SweepFile.Parse("sweep.yaml", Valid);

        Assert.Empty(file.Errors);
        Assert.Empty(file.Warnings);
        var expected = new SweepSpec
        {
            Name = "fashion-tau",
            Seed = 42,
            Method = "random",
            Metric = new Metric { Name = "diversity", Goal = "maximize" },
            Limits = new Limits { MaxTrials = 12, MaxConcurrent = 2, MaxFailed = 3 },
            Resources = new Resources { Workers = 2 },
            Trial = new TrialSpec
            {
                Task = "class_conditional",
                Dataset = new DatasetSpec { Name = "fashion-mnist" },
                Model = new ModelSpec { Width = 32 },
                Optimizer = new OptimizerSpec { Lr = 1e-3 },
                BatchSize = 64,
                FeatureNorm = false,
                Seed = ulong.MaxValue,
                Shards = new ShardsSpec { Data = 4, Negatives = 1 },
            },
        };
        expected.Parameters.Add("lambda_contra", new ParameterSpec { Distribution = "log_uniform", Min = 0.1, Max = 10 });
        expected.Parameters.Add("tau", new ParameterSpec { Values = { Value.ForNumber(0.1), Value.ForNumber(0.5), Value.ForNumber(1) } });
        expected.Parameters.Add("model.norm", new ParameterSpec { Values = { Value.ForString("instance"), Value.ForString("none") } });
        Assert.Equal(expected, file.Spec);
    }

    /// <summary>A line of the valid file is replaced by others; the error is where, and says what, a person needs.</summary>
    [Theory]
    [InlineData("apiVersion: divco/v1", "apiVersion: divco/v2", "f:1:13: error: apiVersion: 'divco/v2' is not known; must be divco/v1")]
    [InlineData("kind: Sweep", "kind: Sweep\nmetdata: 1", "f:3:1: error: metdata: unknown key; did you mean metadata?")]
    [InlineData("metadata: {name: fashion-tau}", "metadata: {name: Fashion}", "f:3:18: error: metadata.name: 'Fashion' is not a name")]
    [InlineData("metadata: {name: fashion-tau}", "metadata: {name: 12}", "f:3:18: error: metadata.name: '12' is not a text")]
    [InlineData("metadata: {name: fashion-tau}", "metadata: {}", "f:3:11: error: metadata.name: is missing")]
    [InlineData("metadata: {name: fashion-tau}", "", "f:1:1: error: metadata: needs the name")]
    [InlineData("  seed: 42", "  seed: 42.5", "f:5:9: error: seed: '42.5' is not a whole number")]
    [InlineData("  seed: 42", "  seed: -1", "f:5:9: error: seed: '-1' is not a whole number from 0")]
    [InlineData("  seed: 42", "  seed:", "f:5:3: error: seed: has no value")]
    [InlineData("  seed: 42", "  name: x", "f:5:3: error: name: unknown key")]
    [InlineData("  seed: 42", "  seed: &a 42", "f:5:9: error: anchors and aliases are not supported")]
    [InlineData("  seed: 42", "  seed: !!int 42", "f:5:9: error: tags are not supported")]
    [InlineData("  seed: 42", "  seed: 42\n  seed: 43", "f:6:3: error: the key 'seed' stands twice, first in line 5")]
    [InlineData("  seed: 42", "  [a]: 42", "f:5:3: error: a list cannot be a key")]
    [InlineData("  metric: {name: diversity, goal: maximize}", "  metric: {name: frechet}", "f:7:18: error: metric.name: 'frechet' is unknown")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tua: {values: [1]}", "f:10:5: error: parameters.tua: is no field of trial; did you mean tau?")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tau: {values: [1, -1]}", "f:10:23: error: parameters.tau.values[1]: -1 is not allowed")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tau: {values: 1}", "f:10:19: error: parameters.tau.values: '1' stands where a list is needed")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tau: {values: [1, [2]]}", "f:10:23: error: parameters.tau.values[1]: a list cannot be drawn")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tau: {value: [1]}", "f:10:11: error: parameters.tau.value: unknown key; did you mean values?")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    tau: {}", "f:10:5: error: parameters.tau: says not what to search")]
    [InlineData("    tau: {values: [0.1, 0.5, 1.0]}", "    steps: {values: [9007199254740993]}", "f:10:22: error: parameters.steps.values[0]: '9007199254740993' is not below")]
    [InlineData("  resources: {workers: 2}", "  resources: {workers: 5}", "f:13:24: error: resources.workers: 5 workers share only 4 shards")]
    [InlineData("    task: class_conditional", "    tau: 1", "f:15:10: error: trial.tau: stands in trial and in parameters")]
    [InlineData("    task: class_conditional", "    radius: 3.5", "f:15:13: error: trial.radius: 3.5 is not allowed; must be above 0 and at most 3")]
    [InlineData("    task: class_conditional", "    radius: .nan", "f:15:13: error: trial.radius: '.nan' is not a finite number")]
    [InlineData("    task: class_conditional", "    radius: 1e999", "f:15:13: error: trial.radius: '1e999' is not a finite number")]
    [InlineData("    task: class_conditional", "    radius: '1'", "f:15:13: error: trial.radius: '1' is not a finite number (without quotes)")]
    [InlineData("    task: class_conditional", "    lamda_contra: 1", "f:15:5: error: trial.lamda_contra: unknown key; did you mean lambda_contra?")]
    [InlineData("    task: class_conditional", "    task: true", "f:15:11: error: trial.task: 'true' is not a text (write it in quotes")]
    [InlineData("    model: {width: 32}", "    model: 32", "f:17:12: error: trial.model: '32' stands where a mapping is needed: image_size")]
    [InlineData("    model: {width: 32}", "    model: {width: wide}", "f:17:20: error: trial.model.width: 'wide' is not a whole number")]
    [InlineData("    model: {width: 32}", "    model: {width: 9999999999}", "f:17:20: error: trial.model.width: '9999999999' is not a whole number")]
    [InlineData("    feature_norm: false", "    feature_norm: no", "f:20:19: error: trial.feature_norm: 'no' is not true or false (YAML 1.2")]
    [InlineData("    shards: {data: 4, negatives: 1}", "    shards: {data: 3}", "f:22:20: error: trial.shards.data: 3 does not divide batch_size 64")]
    [InlineData("    shards: {data: 4, negatives: 1}", "    shards: {data: 4", "error: not valid YAML")]
    [InlineData("    shards: {data: 4, negatives: 1}", "---\na: 1", "error: a file holds one sweep")]
    public void A_bad_line_is_named_with_line_and_column(string line, string bad, string error)
    {
        var file = SweepFile.Parse("f", Valid.Replace(line, bad));

        Assert.Contains(error, Assert.Single(file.Errors).ToString("f", "error"));
    }

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_lines()
    {
        var file = SweepFile.Parse("f", """
            apiVersion: divco/v1
            kind: Swep
            metadata: {name: x, label: y}
            spec:
              methd: grid
              resources: {workers: many}
              trial:
                tau: -1
                batch_size: 32
                shards: {data: 5}
            """);
        Assert.Equal([2, 3, 5, 6, 8, 10], file.Errors.Select(error => error.Place.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\0")]
    [InlineData("a: *b")]
    [InlineData("? {a: b}\n: c")]
    public void What_is_no_sweep_is_an_error(string text) => Assert.NotEmpty(SweepFile.Parse("f", text).Errors);

    [Fact]
    public void A_file_that_is_missing_large_or_binary_is_an_error_of_its_first_line()
    {
        var folder = Directory.CreateTempSubdirectory("divco-");
        var large = Path.Combine(folder.FullName, "large.yaml");
        var binary = Path.Combine(folder.FullName, "binary.yaml");
        File.WriteAllText(large, Valid + new string(' ', YamlReader.MaxBytes));
        File.WriteAllBytes(binary, [0xff, 0xfe, 0x80]);

        Assert.Contains("larger than 1048576 bytes", Assert.Single(SweepFile.Read(large).Errors).Description);
        Assert.Contains("UTF-8", Assert.Single(SweepFile.Read(binary).Errors).Description);
        Assert.Contains("nowhere.yaml", Assert.Single(SweepFile.Read("nowhere.yaml").Errors).Description);
        Assert.Single(SweepFile.Read(folder.FullName).Errors);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Deep_and_wide_files_end_in_an_error()
    {
        Assert.Contains("32 levels", Assert.Single(SweepFile.Parse("f", new string('[', 100_000)).Errors).Description);
        Assert.NotEmpty(SweepFile.Parse("f", string.Concat(Enumerable.Repeat("- ", 100_000))).Errors);
        Assert.Contains("50000 values", Assert.Single(SweepFile.Parse("f", "[" + string.Concat(Enumerable.Repeat("1,", 60_000)) + "]").Errors).Description);
    }

    [Fact]
    public void A_warning_has_its_place()
    {
        var file = SweepFile.Parse("f", Valid.Replace("[instance, \"none\"]", "[batch]").Replace("negatives: 1}", "negatives: 2}"));

        Assert.Empty(file.Errors);
        Assert.StartsWith("f:11:5: warning: parameters.model.norm: ", Assert.Single(file.Warnings).ToString("f", "warning"));
    }

    [Fact]
    public void What_the_protocol_writes_is_read_back()
    {
        var spec = SweepFile.Parse("f", Valid).Spec;
        foreach (var written in (SweepSpec[])[spec, SweepDefaults.Apply(spec), SweepDefaults.Apply(new SweepSpec { Name = "2026" })])
        {
            var file = SweepFile.Parse("f", SweepDocument.Write(written));
            Assert.Empty(file.Errors);
            Assert.Equal(written, file.Spec);
        }
    }

    /// <summary>Whatever a file holds, reading ends with a spec or with errors that have a place; never with an exception.</summary>
    [Fact]
    public void Mutated_files_never_crash_the_reader()
    {
        const string Alphabet = "{}[]:,-#&*!|>'\"%@`?~\n\t \0é0123456789.eE+aτ\U0001F600";
        var mutation = Gen.Select(Gen.Int[0, Valid.Length], Gen.Int[0, 12], Gen.Char[Alphabet].Array[0, 8]);
        mutation.Array[1, 4].Sample(
            mutations =>
            {
                var text = Valid;
                foreach (var (at, removed, inserted) in mutations)
                {
                    var start = Math.Min(at, text.Length);
                    text = text.Remove(start, Math.Min(removed, text.Length - start)).Insert(start, new string(inserted));
                }

                var file = SweepFile.Parse("f", text);
                Assert.All(file.Errors, error => Assert.True(error.Place is { Line: >= 1, Column: >= 1 } && error.Description.Length is > 0 and < 2000));
                if (file.Errors.Count == 0)
                {
                    Assert.Equal(file.Spec, SweepSpec.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(file.Spec)));
                }
            },
            iter: 3000);
    }
}
